"""Contact ways (联系我): the QR codes through which customers add staff."""

from datetime import datetime

import msgspec
from msgspec import field

from wecom import limits
from wecom.answers import Status
from wecom.attachments import Image, Link, MiniProgram, name
from wecom.caller import Caller
from wecom.ids import ConfigId, DepartmentId, ExternalUserId, UserId
from wecom.pages import Page

SINGLE = 1
MULTIPLE = 2
BUTTON = 1
QR_CODE = 2
PATH = "externalcontact/"


class ContactWay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a contact way is: who receives, and what the platform says back (`state`) in the events.

    `kind` and `scene` are for ever, so the default kind is the one that can take a second member.
    """

    users: tuple[UserId, ...] = field(default=(), name="user")
    parties: tuple[DepartmentId, ...] = field(default=(), name="party")
    state: str = ""
    remark: str = ""
    skip_verify: bool = True
    kind: int = field(default=0, name="type")
    scene: int = 0
    style: int | None = None
    exclusive: bool = field(default=False, name="is_exclusive")
    temporary: bool = field(default=False, name="is_temp")
    expires_in: int = 0  # seconds that a temporary code can be scanned
    chat_expires_in: int = 0  # seconds that a chat lives which began by it
    config_id: ConfigId = ConfigId("")
    qr_code: str = ""

    def check(self) -> None:
        """Raise `OverLimit` for what the platform would refuse."""
        limits.STATE.check(self.state)
        limits.WAY_REMARK.check(self.remark)
        limits.WAY_USERS.check(self.users)
        limits.require("user / party", self.users, self.parties)


class Conclusion(msgspec.Struct, frozen=True, kw_only=True):
    """What is said at the end of a temporary session: a text, and a picture, a link or a mini-program."""

    text: str = ""
    attachment: Image | Link | MiniProgram | None = None

    def describe(self) -> dict[str, object]:
        """As WeCom takes it; raises `OverLimit`."""
        limits.require("conclusions.text / attachment", self.text, self.attachment)
        limits.CONCLUSION_TEXT.check(self.text)
        body: dict[str, object] = {"text": {"content": self.text}} if self.text else {}
        if self.attachment is not None:
            self.attachment.check()
            body[name(self.attachment)] = self.attachment
        return body


class Made(msgspec.Struct, frozen=True):
    """A new contact way: keep its id, it cannot be found again; the QR code is a picture's URL."""

    config_id: ConfigId
    qr_code: str


class _Made(Status):
    config_id: ConfigId = ConfigId("")
    qr_code: str = ""


class _Way(Status):
    contact_way: ContactWay | tuple[ContactWay, ...] = ()


class _Id(msgspec.Struct):
    config_id: ConfigId


class _Ids(Status):
    contact_way: tuple[_Id, ...] = ()
    next_cursor: str = ""


class ContactWays:
    """The APIs of contact ways."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def add(self, way: ContactWay, conclusion: Conclusion | None = None) -> Made:
        """Page 92228: make a contact way."""
        way.check()
        body = {**_describe(way), "type": way.kind or MULTIPLE, "scene": way.scene or QR_CODE}
        if way.kind == SINGLE:
            del body["party"]
        if way.temporary:
            body["is_temp"] = True
        if conclusion:
            body["conclusions"] = conclusion.describe()
        answer = await self._caller.tell(PATH + "add_contact_way", body, _Made)
        return Made(answer.config_id, answer.qr_code)

    async def get(self, config_id: ConfigId) -> ContactWay | None:
        """Page 92228: a contact way; the platform has been seen to wrap it into a list."""
        answer = await self._caller.ask(PATH + "get_contact_way", {"config_id": config_id}, _Way)
        ways = answer.contact_way
        return ways if isinstance(ways, ContactWay) else next(iter(ways), None)

    async def list(
        self, *, start: datetime | None = None, end: datetime | None = None, cursor: str = "", limit: int = 1000
    ) -> Page[ConfigId]:
        """Page 92228: the ids made in a time, the last 90 days by default; never temporary ones."""
        times = {"start_time": start, "end_time": end}
        body: dict[str, object] = {name: int(at.timestamp()) for name, at in times.items() if at}
        body |= {"cursor": cursor, "limit": limit}
        answer = await self._caller.ask(PATH + "list_contact_way", body, _Ids)
        return Page(tuple(way.config_id for way in answer.contact_way), answer.next_cursor)

    async def update(self, config_id: ConfigId, way: ContactWay, conclusion: Conclusion | None = None) -> None:
        """Page 92228: replace users, parties, remark, state; the printed code stays the same."""
        way.check()
        body = _describe(way)
        body.pop("is_exclusive", None)
        if conclusion:
            body["conclusions"] = conclusion.describe()
        await self._caller.tell(PATH + "update_contact_way", {**body, "config_id": config_id}, Status)

    async def delete(self, config_id: ConfigId) -> None:
        """Page 92228: the code stops working."""
        await self._caller.tell(PATH + "del_contact_way", {"config_id": config_id}, Status)

    async def close(self, user_id: UserId, external_user_id: ExternalUserId) -> None:
        """Page 92228: end a temporary session."""
        body = {"userid": user_id, "external_userid": external_user_id}
        await self._caller.tell(PATH + "close_temp_chat", body, Status)


def _describe(way: ContactWay) -> dict[str, object]:
    """What both `add` and `update` take; emptied fields are sent, since they replace."""
    body: dict[str, object] = {
        "user": way.users,
        "party": way.parties,
        "state": way.state,
        "remark": way.remark,
        "skip_verify": way.skip_verify,
    }
    if way.style is not None:
        body["style"] = way.style
    if way.exclusive:
        body["is_exclusive"] = True
    lives = {"expires_in": way.expires_in, "chat_expires_in": way.chat_expires_in}
    return body | {name: seconds for name, seconds in lives.items() if seconds}
