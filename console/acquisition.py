"""Acquisition links (获客链接): wanted here and made at WeCom a moment later; who came by them, from which source."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, DepartmentNumber, Identity, Key, Name, Page, Query, Shape, Walk
from console.api.words import Words
from console.names import check_departments, check_staff, check_tags, fresh
from console.patience import Patience
from console.twins import find, find_open, pend, read_change, settle, walk
from sop import acquisition as rules
from sop.acquisition import Draft, Origin
from sop.errors import Invalid
from storage import acquisition, newcomers

routes = Routes()
LINK = Words("获客链接", "acquisition link")
_MOST = 1000  # of anything in a list; the limits of the rules are below
_Staff = Annotated[tuple[Key, ...], Field(max_length=_MOST)]
_Departments = Annotated[tuple[DepartmentNumber, ...], Field(max_length=_MOST)]
_Source = Annotated[str, StringConstraints(max_length=48, pattern=r"^[^\x00-\x1f\x7f]*$")]
Priority = Literal["", "anyone", "listed"]


class NewLink(Shape):
    """Whom a link leads to, and what is put on those who come; `priority` says whom friends of the corp see first."""

    name: Name
    staff: _Staff = ()
    departments: _Departments = ()
    tags: _Staff = ()
    skip_verify: bool = True
    priority: Priority = ""
    priority_staff: _Staff = ()


class LinkChange(Shape):
    """What is to be different; what is left out stays. A priority, once given, can be another but not none."""

    name: Name | None = None
    staff: _Staff | None = None
    departments: _Departments | None = None
    tags: _Staff | None = None
    skip_verify: bool | None = None
    priority: Priority | None = None
    priority_staff: _Staff | None = None


class SourceQuery(Query):
    """For which source the address is: a poster, a partner, an advertisement; at most 48 bytes."""

    source: _Source = ""


class LinkOut(Answer):
    """A link. `address` is what to hand out, `scheme` the same for other apps; empty until WeCom has made it.

    `available` is false when none of its members can add customers.
    """

    id: Identity
    name: str
    status: str
    reason: str
    staff: tuple[str, ...]
    departments: tuple[int, ...]
    tags: tuple[str, ...]
    skip_verify: bool
    priority: str
    priority_staff: tuple[str, ...]
    link_id: str
    available: bool
    version: int
    address: str = ""
    scheme: str = ""
    created_at: datetime
    changed_at: datetime


class NewcomerOut(Answer):
    """Who came by a link to whom; `chat` is 0 no message yet, 1 has written, 2 unknown."""

    external_user_id: str
    user_id: str
    source: str
    chat: int
    messages: int
    came_at: datetime
    wrote_at: datetime | None
    left_at: datetime | None


class SourceCount(Answer):
    """What a source has brought: opened profiles, requests, customers, how many of them wrote, how many left.

    Of opened profiles and requests WeCom tells some business categories only; they are null where the caller sees a
    part of the staff only.
    """

    source: str
    opened: int | None
    requested: int | None
    customers: int
    chatting: int
    lost: int


class Sources(Answer):
    """The sources of a link, the largest first."""

    items: tuple[SourceCount, ...]


@routes.on("GET /acquisition-links", Permission.READ_RULES, "获客链接列表", "List acquisition links, the newest first")
async def browse(call: Call, query: Walk) -> Page[LinkOut]:
    """Deleted ones too."""
    found = await walk(call.store.links, query)
    return turn(found, query.limit, _show, lambda link: (link.id,))


@routes.on("POST /acquisition-links", Permission.WRITE_RULES, "新建获客链接", "Create an acquisition link", status=201)
async def create(call: Call, body: NewLink, query: Patience) -> LinkOut:
    """WeCom makes it after this is stored; everything that is wrong with it is told at once."""
    draft = Draft(**dict(body))
    await _check(call, draft)
    links = call.store.links
    return settle(call, links.add(draft), twins=links, patience=query, show=_show)


@routes.on("GET /acquisition-links/{row}", Permission.READ_RULES, "查看获客链接", "Show an acquisition link")
async def show(call: Call, row: Identity, query: SourceQuery) -> LinkOut:
    """With the address to hand out at one source; whoever comes by it is known by link and source."""
    if wrong := rules.check_source(query.source):
        raise Invalid(wrong)
    return _show(await find(call.store.links, row, LINK), query.source)


@routes.on("PATCH /acquisition-links/{row}", Permission.WRITE_RULES, "修改获客链接", "Change an acquisition link")
async def change(call: Call, row: Identity, body: LinkChange) -> LinkOut:
    """Addresses that were handed out stay the same and work as before until WeCom has the change."""
    link = await find_open(call.store.links, row, LINK)
    wanted = read_change(body)
    draft = Draft(**{field.name: getattr(link, field.name) for field in fields(Draft)} | wanted)
    await _check(call, draft, before=link)
    call.store.links.change(link, draft)
    return _show(link).model_copy(update=wanted | pend(link, call))


@routes.on(
    "DELETE /acquisition-links/{row}", Permission.WRITE_RULES, "删除获客链接", "Delete an acquisition link", status=202
)
async def remove(call: Call, row: Identity) -> LinkOut:
    """WeCom takes it away a moment later: its addresses die. Deleting it again changes nothing."""
    link = await find(call.store.links, row, LINK)
    if link.ended:
        return _show(link)
    call.store.links.remove(link)
    return _show(link).model_copy(update=pend(link, call, "deleting"))


@routes.on(
    "GET /acquisition-links/{row}/customers",
    Permission.READ_CUSTOMERS,
    "获客链接的客户",
    "List the customers of an acquisition link, the newest first",
)
async def list_customers(call: Call, row: Identity, query: Walk) -> Page[NewcomerOut]:
    """Those whom the caller may see."""
    await find(call.store.links, row, LINK)
    place = read_place(query.after, int, str, str)
    after = None if place is None else (int(place[0]), str(place[1]), str(place[2]))
    found = await call.store.newcomers.page(row, staff=call.principal.staff, limit=query.limit + 1, after=after)
    return turn(found, query.limit, lambda each: NewcomerOut.model_validate(each[0]), _place)


@routes.on(
    "GET /acquisition-links/{row}/sources",
    Permission.READ_NUMBERS,
    "获客链接各来源统计",
    "Count what the sources of an acquisition link have brought",
)
async def count_sources(call: Call, row: Identity) -> Sources:
    """By the customers of those whom the caller may see; an address without a source stands under an empty one."""
    await find(call.store.links, row, LINK)
    found = await call.store.newcomers.sources(row, staff=call.principal.staff)
    unseen = {} if call.principal.staff is None else {"opened": None, "requested": None}
    return Sources(items=tuple(SourceCount.model_validate(each).model_copy(update=unseen) for each in found))


async def _check(call: Call, draft: Draft, *, before: Draft | None = None) -> None:
    old = before or Draft(name="")
    found = rules.check(draft)
    people = {field: fresh(getattr(draft, field), getattr(old, field)) for field in ("staff", "priority_staff")}
    found += await check_staff(call, people)
    found += await check_departments(call, fresh(draft.departments, old.departments))
    if found := found + await check_tags(call, fresh(draft.tags, old.tags)):
        raise Invalid(found)


def _show(link: acquisition.Link, source: str = "") -> LinkOut:
    address = "" if link.ended else rules.address(link.url, Origin(link.id, source))
    made: dict[str, Any] = {"address": address, "scheme": rules.scheme(address)}
    return LinkOut.model_validate(link).model_copy(update=made)


def _place(row: tuple[newcomers.Newcomer, int]) -> tuple[int | str, ...]:
    newcomer, came_at = row
    return came_at, newcomer.external_user_id, newcomer.user_id
