"""Messages of the app to members of staff."""

from collections.abc import Iterable
from typing import Final

import msgspec

from wecom import limits
from wecom.answers import Status
from wecom.budget import Charge
from wecom.caller import Caller
from wecom.cards import AnyCard, Card
from wecom.contents import Message
from wecom.errors import OverLimit
from wecom.ids import DepartmentId, UserId

EVERYONE: Final = "@all"
SEND = "message/send"


class To(msgspec.Struct, frozen=True, kw_only=True):
    """Who receives: members, departments, tags of the address book, or everyone the app may see."""

    users: tuple[UserId, ...] = ()
    parties: tuple[DepartmentId, ...] = ()
    tags: tuple[int, ...] = ()
    everyone: bool = False

    def check(self) -> None:
        """Raise `OverLimit` when nobody or too many are named."""
        limits.require("touser / toparty / totag", self.users, self.parties, self.tags, self.everyone)
        limits.TO_USERS.check(self.users)
        limits.TO_PARTIES.check(self.parties)
        limits.TO_TAGS.check(self.tags)


class SendResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message: those it did not reach, and the handles for later."""

    invalid_users: tuple[UserId, ...] = ()
    invalid_parties: tuple[DepartmentId, ...] = ()
    invalid_tags: tuple[int, ...] = ()
    unlicensed: tuple[UserId, ...] = ()
    msg_id: str = ""  # for recalling within 24 h
    response_code: str = ""  # for updating a card once within 72 h

    @property
    def complete(self) -> bool:
        """Whether it reached everyone."""
        return not (self.invalid_users or self.invalid_parties or self.invalid_tags or self.unlicensed)


class _Sent(Status):
    invaliduser: str = ""
    invalidparty: str = ""
    invalidtag: str = ""
    unlicenseduser: str = ""
    msgid: str = ""
    response_code: str = ""


class _Updated(Status):
    invaliduser: tuple[UserId, ...] = ()


class Messages:
    """The APIs of application messages."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def send(self, to: To, message: Message, *, confidential: bool = False, once_within: int = 0) -> SendResult:
        """Page 90236: send a message or a card.

        `once_within` seconds (at most 4 hours) the platform drops a second one with the same content,
        so that after NoAnswer it may be sent again. Members get 30 a minute; then Throttled, because
        the platform drops more without a word.
        """
        to.check()
        message.check()
        if once_within > limits.DUPLICATE_SECONDS:
            most = limits.DUPLICATE_SECONDS
            raise OverLimit("once_within", most, once_within, zh=f"去重时间最长 {most} 秒", en=f"at most {most} s")
        body = self._address(to) | message.encode()
        if confidential:
            body["safe"] = 1
        if once_within:
            body |= {"enable_duplicate_check": 1, "duplicate_check_interval": once_within}
        sent = await self._caller.tell(SEND, body, _Sent, *self._charges(to.users))
        return SendResult(
            invalid_users=_members(sent.invaliduser, to.users),
            invalid_parties=tuple(DepartmentId(party) for party in _numbers(sent.invalidparty)),
            invalid_tags=tuple(_numbers(sent.invalidtag)),
            unlicensed=_members(sent.unlicenseduser, to.users),
            msg_id=sent.msgid,
            response_code=sent.response_code,
        )

    async def update_card(self, response_code: str, to: To, *, by: AnyCard | str) -> tuple[UserId, ...]:
        """Page 94888: replace a card, or grey its button under a new caption; once, within 72 h.

        Returns the members for whom it failed. Refused with 60140 when the code is used or too old.
        """
        to.check()
        body: dict[str, object] = {"agentid": self._caller.agent_id, "response_code": response_code}
        audience: dict[str, object] = {"userids": to.users, "partyids": to.parties, "tagids": to.tags}
        body |= {"atall": 1} if to.everyone else {name: ids for name, ids in audience.items() if ids}
        if isinstance(by, Card):
            by.check()
            body["template_card"] = by
        else:
            body["button"] = {"replace_name": by}
        return (await self._caller.tell("message/update_template_card", body, _Updated)).invaliduser

    async def recall(self, msg_id: str) -> None:
        """Page 94867: take a message back within 24 h."""
        await self._caller.tell("message/recall", {"msgid": msg_id}, Status)

    def _address(self, to: To) -> dict[str, object]:
        body: dict[str, object] = {"agentid": self._caller.agent_id}
        if to.everyone:
            return body | {"touser": EVERYONE}
        lists = {"touser": to.users, "toparty": to.parties, "totag": to.tags}
        return body | {name: "|".join(map(str, ids)) for name, ids in lists.items() if ids}

    def _charges(self, users: Iterable[UserId]) -> list[Charge]:
        app = f"{self._caller.line.corp_id}:{self._caller.agent_id}:{SEND}"
        return [Charge(f"{app}:{user.lower()}", limits.TO_MEMBER) for user in users]


def _members(joined: str, named: Iterable[UserId]) -> tuple[UserId, ...]:
    """The ids of a "|" list, as we spelt them: the platform answers in lower case."""
    spelt = {user.lower(): user for user in named}
    return tuple(spelt.get(user.lower(), UserId(user)) for user in joined.split("|") if user)


def _numbers(joined: str) -> list[int]:
    return [int(number) for number in joined.split("|") if number]
