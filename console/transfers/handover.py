"""What operators write of a transfer: whose, which and to whom; read, and checked against the directory."""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from console.api.call import Call
from console.api.shapes import Identity, Key, Line, Shape
from console.names import check_channels, check_tags, fresh
from sop.errors import Invalid
from sop.limits import Violation
from sop.transfers import Draft, What
from sop.transfers.takers import Taker
from storage.groups.lists import GroupLists
from storage.transfers.candidates import Which

_MOST = 200
_MOST_NAMED = 10_000


class TakerIn(Shape):
    """Who takes over; `capacity` is how many more at most."""

    user_id: Key
    weight: Annotated[int, Field(ge=1, le=1000)] = 1
    capacity: Annotated[int, Field(ge=0, le=100_000)] | None = None


class WhichIn(Shape):
    """Which of the member's customers; what is left out does not matter.

    Of groups: `tags` are their labels, `since` and `until` when they were founded, `subjects` their ids.
    """

    statuses: Annotated[tuple[Literal["active", "half", "lost"], ...], Field(max_length=3)] = ("active",)
    tags: Annotated[tuple[Key, ...], Field(max_length=_MOST)] = ()
    channels: Annotated[tuple[Identity, ...], Field(max_length=_MOST)] = ()
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    subjects: Annotated[tuple[Key, ...], Field(max_length=_MOST_NAMED)] = ()


class Offer(Shape):
    """To whom, split how; `message` is what customers of a member on the job are told once it has succeeded."""

    takers: Annotated[tuple[TakerIn, ...], Field(min_length=1, max_length=100)]
    mode: Literal["even", "weighted", "capacity"] = "even"
    message: Line = ""


class NewTransfer(Offer):
    """Whose, which, to whom. Whether the giver has left is looked up unless it is said."""

    what: What = "customers"
    handover: Key
    resigned: bool | None = None
    which: WhichIn = WhichIn()


async def read_draft(call: Call, body: NewTransfer) -> Draft:
    """The transfer as asked for; who is named must be known, able to take over, and within the caller's scope."""
    people = {member.user_id: member for member in await call.store.staff.members()}
    wrong = []
    for field, user_id in (
        ("handover", body.handover),
        *((f"takers.{n}", t.user_id) for n, t in enumerate(body.takers)),
    ):
        call.principal.within(user_id)
        member = people.get(user_id)
        if people and member is None:
            wrong.append(Violation(field, f"没有员工 {user_id}", f"there is no member {user_id}"))
        elif member and field != "handover" and not (member.active and member.contactable):
            wrong.append(Violation(field, f"{user_id} 不能服务客户", f"{user_id} cannot serve customers"))
    if wrong:
        raise Invalid(wrong)
    giver = people.get(body.handover)
    return Draft(
        what=body.what,
        handover=body.handover,
        takers=tuple(Taker(user_id=one.user_id, weight=one.weight, capacity=one.capacity) for one in body.takers),
        mode=body.mode,
        resigned=body.resigned if body.resigned is not None else giver is not None and not giver.active,
        message=body.message,
    )


async def read_which(call: Call, body: NewTransfer) -> Which:
    """The filter as it is stored; a name in it that does not exist would choose nobody, and is refused."""
    given = body.which
    if body.what == "groups":
        found = _check_groups(given, {str(tag.id) for tag in await GroupLists(call.store.scope).tags()})
    else:
        found = await check_tags(call, given.tags, field="which.tags")
        found += await check_channels(call, given.channels, field="which.channels")
    if given.since and given.until and given.since >= given.until:
        found.append(Violation("which.until", "应晚于 since", "must be later than `since`"))
    if found:
        raise Invalid(found)
    return Which(**dict(given))


def _check_groups(given: WhichIn, labels: Collection[str]) -> list[Violation]:
    found = [
        Violation("which.tags", f"没有群标签 {each}，见 /group-tags", f"there is no group tag {each}: see /group-tags")
        for each in fresh(given.tags, labels)
    ]
    for field in given.model_fields_set & {"statuses", "channels"}:
        zh = "客户群不能按此筛选，可用 tags（群标签）、since、until、subjects"
        en = "groups are not chosen by this: there are tags (labels), since, until, subjects"
        found.append(Violation(f"which.{field}", zh, en))
    return found
