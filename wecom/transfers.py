"""Transfer (继承): customers and groups pass from one member to another, on the job or after a resignation."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum

import msgspec
from msgspec import field

from wecom import limits
from wecom.answers import Status
from wecom.caller import Caller
from wecom.ids import ChatId, ExternalUserId, UserId
from wecom.pages import Page


class Fate(IntEnum):
    """How a customer's transfer stands."""

    DONE = 1
    WAITING = 2
    REFUSED = 3
    FULL = 4  # the taker's limit of customers


_FATES = {int(fate): fate for fate in Fate}


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of one customer: code 0 is accepted, to take effect in 24 hours, and nothing more."""

    external_user_id: ExternalUserId = field(name="external_userid")
    code: int = field(default=0, name="errcode")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a customer's transfer stands; older answers know a status 5, "no record", and others may come."""

    external_user_id: ExternalUserId = field(name="external_userid")
    status: int = 0
    takeover_time: int = 0

    @property
    def fate(self) -> Fate | None:
        """The status where it says anything."""
        return _FATES.get(self.status)

    @property
    def taken_at(self) -> datetime | None:
        """When the taker takes, or has taken, over."""
        return datetime.fromtimestamp(self.takeover_time, UTC) if self.takeover_time > 0 else None


class Unassigned(msgspec.Struct, frozen=True, kw_only=True):
    """A customer whose member has left, and nobody has taken over."""

    handover: UserId = field(name="handover_userid")
    external_user_id: ExternalUserId = field(name="external_userid")
    left_at: datetime = field(name="dimission_time")


class GroupRefused(msgspec.Struct, frozen=True, kw_only=True):
    """A group that was not handed over, and why."""

    chat_id: ChatId
    code: int = field(default=0, name="errcode")
    reason: str = field(default="", name="errmsg")


class _Accepted(Status):
    customer: tuple[Accepted, ...] = ()


class _Standings(Status):
    customer: tuple[Standing, ...] = ()
    next_cursor: str = ""


class _Unassigned(Status):
    info: tuple[Unassigned, ...] = ()
    next_cursor: str = ""


class _Groups(Status):
    failed_chat_list: tuple[GroupRefused, ...] = ()


class Transfers:
    """The APIs of transfers. For one taker one call at a time, else `TryLater` (45035)."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def give(
        self,
        handover: UserId,
        takeover: UserId,
        customers: Sequence[ExternalUserId],
        *,
        resigned: bool = False,
        message: str = "",
    ) -> tuple[Accepted, ...]:
        """Pages 92125 and 94081: ask for up to 100 customers to be handed over; what is said of each.

        `message` (at most 200 characters, on the job only) is what they are told once it has succeeded.
        """
        limits.TRANSFERRED.check(customers)
        limits.TRANSFER_MESSAGE.check(message)
        body: dict[str, object] = {
            "handover_userid": handover, "takeover_userid": takeover, "external_userid": customers,
        }  # fmt: skip
        if message and not resigned:
            body["transfer_success_msg"] = message
        return (await self._caller.tell(_path("transfer_customer", resigned=resigned), body, _Accepted)).customer

    async def results(
        self, handover: UserId, takeover: UserId, cursor: str = "", *, resigned: bool = False
    ) -> Page[Standing]:
        """Pages 94088 and 94082: how the customers of this pair of members stand, up to 1000 a page."""
        body = {"handover_userid": handover, "takeover_userid": takeover} | ({"cursor": cursor} if cursor else {})
        answer = await self._caller.ask(_path("transfer_result", resigned=resigned), body, _Standings)
        return Page(answer.customer, answer.next_cursor)

    async def unassigned(self, cursor: str = "") -> Page[Unassigned]:
        """Page 92124: customers of members who have left, up to 1000 a page."""
        body = {"cursor": cursor} if cursor else {}
        answer = await self._caller.ask("externalcontact/get_unassigned_list", body, _Unassigned)
        return Page(answer.info, answer.next_cursor)

    async def give_groups(
        self, groups: Sequence[ChatId], owner: UserId, *, resigned: bool = False
    ) -> tuple[GroupRefused, ...]:
        """Pages 95703 and 92127: give up to 100 groups a new owner; those that were refused.

        At most 300 a day from one person; on the job each at most twice in 90 days.
        """
        limits.TRANSFERRED_GROUPS.check(groups)
        path = "externalcontact/groupchat/" + ("transfer" if resigned else "onjob_transfer")
        return (await self._caller.tell(path, {"chat_id_list": groups, "new_owner": owner}, _Groups)).failed_chat_list


def _path(name: str, *, resigned: bool) -> str:
    return f"externalcontact/{'resigned/' if resigned else ''}{name}"
