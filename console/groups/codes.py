"""Group codes: codes into customer groups, wanted here and made at WeCom a moment later."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from console.api.call import Call
from console.api.paging import turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Line, Name, Page, Shape, Walk
from console.api.words import Words
from console.groups.ledger import DayQuery, RetentionDay, period, tell
from console.patience import Patience, patiently
from console.twins import find, find_open, find_refused, pend, read_change, walk
from sop.errors import Invalid
from sop.groups import codes as rules
from sop.groups.codes import Draft
from sop.limits import Violation
from storage.groups.codes import GroupCode
from storage.groups.numbers import GroupNumbers

routes = Routes()
_CODE = Words("群活码", "group code")
_MOST = 100  # of anything in a list; the limits of the rules are below
_Groups = Annotated[tuple[Key, ...], Field(max_length=_MOST)]


class NewGroupCode(Shape):
    """Groups are filled one after another, each up to `threshold` people; WeCom is shown five at a time.

    `spare` takes people in when all are full; with `auto_create` WeCom then makes new groups, called by `base_name`
    and a number.
    """

    name: Name
    groups: _Groups
    spare: Line = ""
    threshold: Annotated[int, Field(ge=1, le=500)] = rules.SEATS
    auto_create: bool = False
    base_name: Line = ""
    base_number: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    city: Line = ""


class GroupCodeChange(Shape):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    groups: _Groups | None = None
    spare: Line | None = None
    threshold: Annotated[int, Field(ge=1, le=500)] | None = None
    auto_create: bool | None = None
    base_name: Line | None = None
    base_number: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    city: Line | None = None


class GroupCodeOut(Answer):
    """A group code. `config_id` and `qr_code` are null until WeCom has made it; `reason` says why it did not.

    `page` is the address to hand out; `shown` are the groups that it leads to now, `seats` how many can still come in.
    """

    id: Identity
    name: str
    state: str
    status: str
    reason: str
    config_id: str | None
    qr_code: str | None
    page: str
    groups: tuple[str, ...]
    shown: tuple[str, ...]
    seats: int
    spare: str
    threshold: int
    auto_create: bool
    base_name: str
    base_number: int
    city: str
    version: int
    created_at: datetime
    changed_at: datetime


class CodeGroup(Answer):
    """How many a code has brought into one group."""

    chat_id: str
    joined: int
    inside: int


class GroupCodeStatistics(Answer):
    """The days of a code, oldest first, and where it has brought people."""

    days: tuple[RetentionDay, ...]
    groups: tuple[CodeGroup, ...]


@routes.on("GET /group-codes", Permission.READ_RULES, "群活码列表", "List group codes, the newest first")
async def browse(call: Call, query: Walk) -> Page[GroupCodeOut]:
    """Deleted ones too: their printed codes are recognised."""
    found = await walk(call.store.groupcodes, query)
    rooms = await call.store.groupcodes.rooms([chat_id for code in found for chat_id in code.shown])
    return turn(found, query.limit, lambda code: _show(call, code, rooms), lambda code: (code.id,))


@routes.on("POST /group-codes", Permission.WRITE_RULES, "新建群活码", "Create a group code", status=201)
async def create(call: Call, body: NewGroupCode, query: Patience) -> GroupCodeOut:
    """WeCom makes it after this is stored; everything that is wrong with it is told at once."""
    draft = Draft(**dict(body))
    await _check(call, draft)
    made = call.store.groupcodes.add(draft)
    shown = _show(call, made, {})
    call.after = patiently(query, shown, lambda: _made(call, made.id))
    return shown


@routes.on("GET /group-codes/{group_code_id}", Permission.READ_RULES, "查看群活码", "Show a group code")
async def show(call: Call, group_code_id: Identity) -> GroupCodeOut:
    """One group code, deleted ones too."""
    return await _tell(call, await find(call.store.groupcodes, group_code_id, _CODE))


@routes.on("PATCH /group-codes/{group_code_id}", Permission.WRITE_RULES, "修改群活码", "Change a group code")
async def change(call: Call, group_code_id: Identity, body: GroupCodeChange) -> GroupCodeOut:
    """The printed code stays the same and works as before until WeCom has the change."""
    code = await find_open(call.store.groupcodes, group_code_id, _CODE)
    wanted = read_change(body)
    values: dict[str, Any] = {field.name: getattr(code, field.name) for field in fields(Draft)}
    draft = Draft(**values | wanted)
    await _check(call, draft)
    call.store.groupcodes.change(code, draft)
    return (await _tell(call, code)).model_copy(update=wanted | pend(code, call))


@routes.on("POST /group-codes/{group_code_id}/retry", Permission.WRITE_RULES, "重试群活码", "Retry a group code")
async def retry(call: Call, group_code_id: Identity) -> GroupCodeOut:
    """For a code that was refused, or of which nobody knows whether WeCom has made it: it may then be there twice.

    The first one leads nowhere that is printed, and counts against the quota of codes.
    """
    code = await find_refused(call.store.groupcodes, group_code_id, _CODE)
    call.store.groupcodes.retry(code)
    return (await _tell(call, code)).model_copy(update=pend(code, call))


@routes.on(
    "DELETE /group-codes/{group_code_id}", Permission.WRITE_RULES, "删除群活码", "Delete a group code", status=202
)
async def remove(call: Call, group_code_id: Identity) -> GroupCodeOut:
    """WeCom takes it away a moment later; deleting it again changes nothing."""
    code = await find(call.store.groupcodes, group_code_id, _CODE)
    if code.ended:
        return await _tell(call, code)
    call.store.groupcodes.remove(code)
    return (await _tell(call, code)).model_copy(update=pend(code, call, "deleting"))


@routes.on(
    "GET /group-codes/{group_code_id}/statistics", Permission.READ_NUMBERS, "群活码统计", "Count what a code brought"
)
async def count(call: Call, group_code_id: Identity, query: DayQuery) -> GroupCodeStatistics:
    """Who came by its state: joins, leaves and retention per day, and by group; a leader's are of the groups seen."""
    code, numbers = await find(call.store.groupcodes, group_code_id, _CODE), GroupNumbers(call.store.scope)
    since, until = period(call, query.days)
    staff = call.principal.staff
    days = tell(call, await numbers.of_state(code.state, since=since, until=until, staff=staff), query.days).days
    rows = await numbers.by_group(code.state, staff=staff)
    groups = tuple(CodeGroup(chat_id=chat_id, joined=joined, inside=inside) for chat_id, joined, inside in rows)
    return GroupCodeStatistics(days=days, groups=groups)


async def _check(call: Call, draft: Draft) -> None:
    """Everything that is wrong with a code, groups that do not exist included."""
    found = rules.check(draft)
    named = (*draft.groups, *filter(None, (draft.spare,)))
    rooms = await call.store.groupcodes.rooms(named)
    for chat_id in dict.fromkeys(named):
        if chat_id not in rooms or not rooms[chat_id].alive:
            field = "spare" if chat_id == draft.spare else "groups"
            found.append(Violation(field, f"没有客户群 {chat_id}", f"there is no group {chat_id}"))
    if found:
        raise Invalid(found)


async def _made(call: Call, row: int) -> GroupCodeOut | None:
    """The code once WeCom has made it, or refused to."""
    code = await call.store.groupcodes.get(row)
    return None if code is None or code.status == "pending" else await _tell(call, code)


async def _tell(call: Call, code: GroupCode) -> GroupCodeOut:
    return _show(call, code, await call.store.groupcodes.rooms(code.shown))


def _show(call: Call, code: GroupCode, rooms: dict[str, rules.Room]) -> GroupCodeOut:
    values = {name: getattr(code, name) for name in GroupCodeOut.model_fields if name not in ("seats", "page")}
    made = {"config_id": code.config_id or None, "qr_code": code.qr_code or None}
    page = f"{call.console.public_url}/g/{rules.slug(code.state)}"
    return GroupCodeOut(**values | made, page=page, seats=rules.free_seats(code, rooms, code.shown))
