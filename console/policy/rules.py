"""The rules of the contact policy: read, written whole, every version kept, with the holidays they go by."""

from datetime import date

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import Problem
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Page, Query, Walk
from console.policy.shapes import NewPolicy, PolicyOut, read_policy, show_policy
from sop.errors import Invalid
from sop.policy import check, holidays
from storage.policy import Edition

routes = Routes()
_NEWEST = 2**31


class YearQuery(Query):
    """Which year; without one this year."""

    year: int = Field(default=0, ge=0, le=2100)


class HolidayOut(Answer):
    """A day of a public holiday, or a day of work that makes up for one."""

    day: date
    rest: bool
    zh: str
    en: str


class HolidayYear(Answer):
    """The public holidays of China in a year. Of a year that is not `known`, plain weekends and named days count.

    They are announced in the November before, and come with a newer version of this program.
    """

    year: int
    known: bool
    holidays: tuple[HolidayOut, ...]


@routes.on("GET /policy", Permission.READ_RULES, "查看触达策略", "Show the contact policy")
async def show(call: Call) -> PolicyOut:
    """The one in force; all that a message has to pass before it may go to a customer or a group."""
    newest = await call.store.policy.newest()
    return show_policy(newest.policy if newest else await call.store.policy.current(), call.now, newest)


@routes.on("PUT /policy", Permission.WRITE_RULES, "修改触达策略", "Change the contact policy")
async def change(call: Call, body: NewPolicy) -> PolicyOut:
    """In force for whatever is judged from now on; what is planned already stays. Refused if another was quicker."""
    current = await call.store.policy.current()
    if body.version != current.version:
        raise Problem("conflict")
    policy = read_policy(body, version=current.version, zone=current.zone)
    if found := check(policy, call.now):
        raise Invalid(found)
    by = call.principal.user_id or f"token:{call.principal.token_id}"
    written = call.store.policy.put(policy, by=by)
    return show_policy(written, call.now, Edition(policy=written, by=by, at=call.now))


@routes.on("GET /policy/versions", Permission.READ_RULES, "触达策略的历史版本", "List the versions of the policy")
async def browse(call: Call, query: Walk) -> Page[PolicyOut]:
    """The newest first."""
    place = read_place(query.after, int)
    found = await call.store.policy.editions(before=int(place[0]) if place else _NEWEST, most=query.limit + 1)
    return turn(
        found,
        query.limit,
        lambda each: show_policy(each.policy, call.now, each),
        lambda each: (each.policy.version,),
    )


@routes.on("GET /policy/holidays", Permission.READ_RULES, "法定节假日与调休", "List public holidays")
async def list_holidays(call: Call, query: YearQuery) -> HolidayYear:
    """With the weekend days on which people work instead."""
    year = query.year or call.now.astimezone(call.corp.zone).year
    days = tuple(map(HolidayOut.model_validate, holidays.of_year(year)))
    return HolidayYear(year=year, known=holidays.known(year), holidays=days)
