"""Trying out a greeting: what a customer would be told, by which rule, and why by that one."""

from pydantic import AwareDatetime

from console.api.call import Call
from console.api.problem import invalid
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Line, Shape
from console.api.words import Words
from console.decisions import Reason
from console.wording import AttachmentOut, show_attachments
from sop import greeting
from sop.greeting import Choice, Occasion, Scene
from sop.reasons import MEDIA_MISSING, Skip, explain

routes = Routes()
_NO_CHANNEL = Words("没有这个渠道", "there is no such channel")
_NO_STAFF = Words("没有这个员工", "there is no such member of staff")


class Situation(Shape):
    """An add as it might happen: to whom, through which channel, when (by default now), and the customer's name."""

    staff: Key
    channel: Identity | None = None
    customer: Line = "小明"
    at: AwareDatetime | None = None


class WinningRule(Answer):
    """The rule that wins; `slot` is the number of the slot that is open, from 0, null for the rule's own words."""

    id: Identity
    name: str
    scope: str
    version: int
    slot: int | None


class Preview(Answer):
    """What would be sent; `missing` are the materials that WeCom has not got yet, left out of what is sent."""

    rule: WinningRule | None
    reasons: tuple[Reason, ...]
    text: str
    attachments: tuple[AttachmentOut, ...]
    missing: tuple[str, ...]


@routes.on("POST /welcomes/preview", Permission.READ_RULES, "预览欢迎语", "Try out a welcome")
async def preview(call: Call, body: Situation) -> Preview:
    """Nothing is sent and nothing is stored."""
    scene = await _scene(call, body)
    at = body.at or call.now
    choice = greeting.choose(scene, at)
    if isinstance(choice, Skip):
        return Preview(rule=None, reasons=_explain(choice.reason), text="", attachments=(), missing=())
    occasion = Occasion(
        code="preview",
        user_id=body.staff,
        external_user_id="",
        names=greeting.names(scene, at, customer=body.customer),
    )
    media = await call.store.materials.media(choice.materials, at=at)
    sent = greeting.compose(choice, occasion, media=media)
    gone = greeting.missing(choice, media)
    reasons = [greeting.REASONS[choice.rule.scope_kind], *([MEDIA_MISSING] if gone else [])]
    if isinstance(sent, Skip):
        reasons.append(sent.reason)
        return Preview(rule=_rule(choice), reasons=_explain(*reasons), text="", attachments=(), missing=gone)
    return Preview(
        rule=_rule(choice),
        reasons=_explain(*reasons),
        text=sent.text,
        attachments=show_attachments(sent.attachments),
        missing=gone,
    )


async def _scene(call: Call, body: Situation) -> Scene:
    state = ""
    if body.channel is not None:
        channel = await call.store.channels.get(body.channel)
        if channel is None:
            raise invalid("channel", _NO_CHANNEL)
        state = channel.state
    if await call.store.staff.find(body.staff) is None:
        raise invalid("staff", _NO_STAFF)
    return await call.store.welcomes.scene(body.staff, "", state=state)


def _rule(choice: Choice) -> WinningRule:
    rule = choice.rule
    return WinningRule(id=rule.id, name=rule.name, scope=rule.scope_kind, version=rule.version, slot=choice.slot)


def _explain(*codes: str) -> tuple[Reason, ...]:
    return tuple(Reason(code=code, zh=explain(code).zh, en=explain(code).en) for code in codes)
