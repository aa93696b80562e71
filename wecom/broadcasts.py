"""Broadcasts (企业群发): tasks that members of staff confirm, and what became of them."""

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Literal

import msgspec
from msgspec import field

from wecom import limits
from wecom.answers import Status
from wecom.attachments import Attached, Attachment, compose
from wecom.caller import Caller
from wecom.ids import ChatId, ExternalUserId, TagId, UserId
from wecom.pages import Page

Audience = Literal["single", "group"]
PATH = "externalcontact/"
CORP, PERSONAL, ALL = 0, 1, 2


class Broadcast(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets what from whom.

    To customers: given ones, or those that carry a tag of every list of `tag_filter`, or all of the
    sender's. To groups: a sender is needed, who picks the groups unless some are given.
    """

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    audience: Audience = "single"
    sender: UserId = UserId("")
    customers: tuple[ExternalUserId, ...] = ()
    groups: tuple[ChatId, ...] = ()
    tag_filter: tuple[tuple[TagId, ...], ...] = ()
    allow_select: bool = False  # the sender may change the recipients

    def check(self) -> None:
        """Raise `OverLimit` for what the platform would refuse."""
        limits.RECIPIENTS.check(self.customers)
        limits.GROUPS.check(self.groups)
        for tags in self.tag_filter:
            limits.TAGS_OF_FILTER.check(tags)
        if self.audience == "group":
            limits.require("sender", self.sender)
        else:
            limits.require("sender / external_userid / tag_filter", self.sender, self.customers, self.tag_filter)
        compose(self.text, self.attachments, limit=limits.BROADCAST_TEXT)


class Created(msgspec.Struct, frozen=True):
    """A task made for staff; some recipients may have been left out."""

    msg_id: str
    left_out: tuple[str, ...]  # external user ids or chat ids


class Text(msgspec.Struct, frozen=True):
    """The text of a record."""

    content: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast that the platform knows; without creator when an API made it."""

    msg_id: str = field(name="msgid")
    creator: UserId = UserId("")
    created_at: datetime = field(name="create_time")
    origin: int = field(default=CORP, name="create_type")  # CORP or PERSONAL
    text: Text = Text()
    attachments: tuple[Attached, ...] = ()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """The part of one member in a broadcast."""

    user_id: UserId = field(name="userid")
    status: int = 0
    sent_at: datetime | None = field(default=None, name="send_time")

    @property
    def confirmed(self) -> bool:
        """Whether the member has sent it."""
        return self.status == 2  # noqa: PLR2004 - the only other is 0


class DeliveryStatus(IntEnum):
    """What became of a broadcast at one recipient."""

    UNKNOWN = -1  # a number that came later than this table
    UNSENT = 0
    SENT = 1
    NOT_A_FRIEND = 2
    CAPPED = 3  # the customer has received other broadcasts

    @classmethod
    def _missing_(cls, _value: object) -> "DeliveryStatus":
        return cls.UNKNOWN


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast at one recipient, a customer or a group."""

    user_id: UserId = field(default=UserId(""), name="userid")
    external_user_id: ExternalUserId = field(default=ExternalUserId(""), name="external_userid")
    chat_id: ChatId = ChatId("")
    status: DeliveryStatus = DeliveryStatus.UNSENT
    sent_at: datetime | None = field(default=None, name="send_time")


class _Created(Status):
    msgid: str = ""
    fail_list: tuple[str, ...] = ()


class _Records(Status):
    group_msg_list: tuple[Record, ...] = ()
    next_cursor: str = ""


class _Tasks(Status):
    task_list: tuple[Task, ...] = ()
    next_cursor: str = ""


class _Deliveries(Status):
    send_list: tuple[Delivery, ...] = ()
    next_cursor: str = ""


class Broadcasts:
    """The APIs of broadcasts. Right after `create` the others may say TryLater (41063)."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def create(self, broadcast: Broadcast) -> Created:
        """Page 92135: make the task; nothing is sent before a member confirms.

        NoAnswer leaves open whether the task exists: look into `list` before making it again.
        """
        broadcast.check()
        answer = await self._caller.tell(PATH + "add_msg_template", _describe(broadcast), _Created)
        return Created(answer.msgid, answer.fail_list)

    async def list(
        self, audience: Audience, start: datetime, end: datetime, *, origin: int = ALL, cursor: str = ""
    ) -> Page[Record]:
        """Page 93338: what was created in a time of at most a month."""
        body = {
            "chat_type": audience,
            "start_time": int(start.timestamp()),
            "end_time": int(end.timestamp()),
            "filter_type": origin,
            "limit": 100,
            "cursor": cursor,
        }
        answer = await self._caller.ask(PATH + "get_groupmsg_list_v2", body, _Records)
        return Page(answer.group_msg_list, answer.next_cursor)

    async def tasks(self, msg_id: str, cursor: str = "") -> Page[Task]:
        """Page 93338: which members have confirmed."""
        body = {"msgid": msg_id, "limit": 1000, "cursor": cursor}
        answer = await self._caller.ask(PATH + "get_groupmsg_task", body, _Tasks)
        return Page(answer.task_list, answer.next_cursor)

    async def deliveries(self, msg_id: str, user_id: UserId, *, cursor: str = "") -> Page[Delivery]:
        """Page 93338: what became of the part of one member."""
        body = {"msgid": msg_id, "userid": user_id, "limit": 1000, "cursor": cursor}
        answer = await self._caller.ask(PATH + "get_groupmsg_send_result", body, _Deliveries)
        return Page(answer.send_list, answer.next_cursor)

    async def remind(self, msg_id: str) -> None:
        """Page 97610: remind those who have not confirmed; Throttled (41094) after three in 24 h."""
        await self._caller.tell(PATH + "remind_groupmsg_send", {"msgid": msg_id}, Status)

    async def cancel(self, msg_id: str) -> None:
        """Page 97611: stop what is not sent; nothing sent is called back."""
        await self._caller.tell(PATH + "cancel_groupmsg_send", {"msgid": msg_id}, Status)


def _describe(broadcast: Broadcast) -> dict[str, object]:
    body = compose(broadcast.text, broadcast.attachments, limit=limits.BROADCAST_TEXT)
    body["chat_type"] = broadcast.audience
    optional: dict[str, object] = {
        "sender": broadcast.sender,
        "external_userid": broadcast.customers,
        "chat_id_list": broadcast.groups,
        "tag_filter": _filter(broadcast.tag_filter),
        "allow_select": broadcast.allow_select,
    }
    return body | {name: value for name, value in optional.items() if value}


def _filter(lists: Sequence[Sequence[TagId]]) -> dict[str, object]:
    return {"group_list": [{"tag_list": tags} for tags in lists]} if lists else {}
