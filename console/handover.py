"""What operators write of a transfer: whose, which and to whom; read, and checked against the directory."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from console.call import Call
from console.shapes import Identity, Key, Line, Shape
from sop.errors import Invalid
from sop.limits import Violation
from sop.takers import Taker
from sop.transfers import Draft, What
from storage.candidates import Which

_MOST = 200
_MOST_NAMED = 10_000


class TakerIn(Shape):
    """Who takes over; `capacity` is how many more at most."""

    user_id: Key
    weight: Annotated[int, Field(ge=1, le=1000)] = 1
    capacity: Annotated[int, Field(ge=0, le=100_000)] | None = None


class WhichIn(Shape):
    """Which of the member's customers (or groups, by `subjects` alone); what is left out does not matter."""

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


def read_which(given: WhichIn) -> Which:
    """The filter as it is stored."""
    return Which(**dict(given))
