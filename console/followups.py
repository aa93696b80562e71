"""Follow-up rules: what is done some time after an add, unless the customer has replied or been tagged."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Name, Page, Shape, Text, Walk
from console.api.words import Words
from console.names import check_channels, check_tags, fresh
from sop.errors import Invalid
from sop.followups import Action, Draft, Rule, Unless, check

routes = Routes()
_FOLLOWUP = Words("跟进规则", "follow-up")
_MOST = 200
_Minutes = Annotated[int, Field(ge=1, le=365 * 24 * 60)]
_Channels = Annotated[tuple[Identity, ...], Field(max_length=_MOST)]
_Tags = Annotated[tuple[Key, ...], Field(max_length=_MOST)]


class UnlessIn(Shape):
    """What makes the follow-up needless: a reply since the add, or any of these tags."""

    replied: bool = False
    tags: _Tags = ()


class ActionIn(Shape):
    """What is done: prompt the member, tag the customer, or alert the member's lead."""

    kind: Literal["prompt", "tag", "alert"]
    text: Text = ""
    tags: _Tags = ()


class NewFollowup(Shape):
    """A rule, for customers added from now on; without channels it is for everyone."""

    name: Name
    after_minutes: _Minutes
    channels: _Channels = ()
    unless: UnlessIn = UnlessIn()
    action: ActionIn
    enabled: bool = True


class FollowupChange(Shape):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    after_minutes: _Minutes | None = None
    channels: _Channels | None = None
    unless: UnlessIn | None = None
    action: ActionIn | None = None
    enabled: bool | None = None


class UnlessOut(Answer):
    """What makes the follow-up needless."""

    replied: bool
    tags: tuple[str, ...]


class ActionOut(Answer):
    """What is done."""

    kind: str
    text: str
    tags: tuple[str, ...]


class Followup(Answer):
    """A follow-up rule."""

    id: Identity
    name: str
    after_minutes: int
    channels: tuple[Identity, ...]
    unless: UnlessOut
    action: ActionOut
    enabled: bool
    version: int


@routes.on("GET /followups", Permission.READ_RULES, "跟进规则列表", "List follow-up rules, the newest first")
async def browse(call: Call, query: Walk) -> Page[Followup]:
    """All rules, those that are switched off too."""
    found = await call.store.followups.page(before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, _show, lambda rule: (rule.id,))


@routes.on("POST /followups", Permission.WRITE_RULES, "新建跟进规则", "Create a follow-up rule", status=201)
async def create(call: Call, body: NewFollowup) -> Followup:
    """It is about customers added from now on."""
    draft = Draft(
        name=body.name,
        after=timedelta(minutes=body.after_minutes),
        channels=body.channels,
        unless=_unless(body.unless),
        action=_action(body.action),
        enabled=body.enabled,
    )
    await _check(call, draft)
    return _show(call.store.followups.add(draft))


@routes.on("GET /followups/{followup_id}", Permission.READ_RULES, "查看跟进规则", "Show a follow-up rule")
async def show(call: Call, followup_id: Identity) -> Followup:
    """One rule."""
    return _show(await _find(call, followup_id))


@routes.on("PATCH /followups/{followup_id}", Permission.WRITE_RULES, "修改跟进规则", "Change a follow-up rule")
async def change(call: Call, followup_id: Identity, body: FollowupChange) -> Followup:
    """What is waiting by it is judged by the new version when it is due."""
    rule = await _find(call, followup_id)
    wanted: dict[str, Any] = {}
    for name in ("name", "channels", "enabled"):
        if (value := getattr(body, name)) is not None:
            wanted[name] = value
    if body.after_minutes is not None:
        wanted["after"] = timedelta(minutes=body.after_minutes)
    if body.unless is not None:
        wanted["unless"] = _unless(body.unless)
    if body.action is not None:
        wanted["action"] = _action(body.action)
    draft = replace(rule, **wanted)
    await _check(call, draft, before=rule)
    return _show(call.store.followups.change(rule, draft))


@routes.on("DELETE /followups/{followup_id}", Permission.WRITE_RULES, "删除跟进规则", "Delete a follow-up", status=204)
async def remove(call: Call, followup_id: Identity) -> None:
    """What is waiting by it comes to nothing."""
    rule = await _find(call, followup_id)
    call.store.followups.remove(rule.id)


async def _check(call: Call, draft: Draft, *, before: Rule | None = None) -> None:
    """Refuse with all that is wrong; what it names anew must exist."""
    kept = (before.channels, before.unless.tags, before.action.tags) if before else ((), (), ())
    found = check(draft)
    found += await check_channels(call, fresh(draft.channels, kept[0]))
    found += await check_tags(call, fresh(draft.unless.tags, kept[1]), field="unless.tags")
    found += await check_tags(call, fresh(draft.action.tags, kept[2]), field="action.tags")
    if found:
        raise Invalid(found)


async def _find(call: Call, followup_id: int) -> Rule:
    rule = await call.store.followups.get(followup_id)
    if rule is None:
        raise missing(_FOLLOWUP)
    return rule


def _unless(given: UnlessIn) -> Unless:
    return Unless(replied=given.replied, tags=given.tags)


def _action(given: ActionIn) -> Action:
    return Action(kind=given.kind, text=given.text, tags=given.tags)


def _show(rule: Rule) -> Followup:
    return Followup(
        id=rule.id,
        name=rule.name,
        after_minutes=int(rule.after.total_seconds() // 60),
        channels=rule.channels,
        unless=UnlessOut.model_validate(rule.unless),
        action=ActionOut.model_validate(rule.action),
        enabled=rule.enabled,
        version=rule.version,
    )
