"""The platform's documented limits as data, checked before anything is sent."""

from collections.abc import Sized
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from wecom.errors import OverLimit


class Unit(Enum):
    """What a limit counts, in the words of both languages."""

    BYTES = ("字节（UTF-8）", "bytes in UTF-8")
    CHARS = ("个字", "characters")
    ITEMS = ("个", "items")


@dataclass(frozen=True, slots=True)
class Limit:
    """The largest size that one field may have, and the smallest."""

    field: str
    most: int
    unit: Unit = Unit.BYTES
    least: int = 0

    def check(self, value: str | Sized | None) -> None:
        """Raise `OverLimit` when the value is too long or too short; None stands for empty."""
        if isinstance(value, str) and self.unit is Unit.BYTES:
            value = value.encode()
        actual = len(value) if value else 0
        if actual > self.most or actual < self.least:
            raise self._over(actual)

    def _over(self, actual: int) -> OverLimit:
        zh, en = self.unit.value
        if actual > self.most:
            return OverLimit(
                self.field,
                self.most,
                actual,
                zh=f"{self.field} 最多 {self.most} {zh}，现在是 {actual}",
                en=f"{self.field} takes at most {self.most} {en}, this has {actual}",
            )
        return OverLimit(
            self.field,
            self.least,
            actual,
            zh=f"{self.field} 不能少于 {self.least} {zh}，现在是 {actual}",
            en=f"{self.field} needs at least {self.least} {en}, this has {actual}",
        )


def check_bytes(field: str, value: str, most: int) -> None:
    """Raise `OverLimit` when the text is longer than `most` bytes in UTF-8."""
    Limit(field, most, Unit.BYTES).check(value)


def check_chars(field: str, value: str, most: int) -> None:
    """Raise `OverLimit` when the text is longer than `most` characters."""
    Limit(field, most, Unit.CHARS).check(value)


def require(field: str, *values: object) -> None:
    """Raise `OverLimit` when none of the values is given."""
    if not any(values):
        raise OverLimit(field, 1, 0, zh=f"{field} 不能为空", en=f"{field} must not be empty")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in any period of so many seconds."""

    count: int
    period: float


MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86400.0

# Page 90312: any API path without an entry of its own, per corp.
BASIC: Final = (Rate(10_000, MINUTE), Rate(150_000, HOUR))
RATES: Final = MappingProxyType(
    {
        "message/send": (),  # application messages count per member, not per path
        "media/upload": (Rate(5_000, MINUTE), Rate(150_000, HOUR)),
        "media/uploadimg": (Rate(1_000, DAY), Rate(3_000, 30 * DAY)),
        "externalcontact/add_moment_task": (Rate(10, MINUTE),),
        "get_jsapi_ticket": (Rate(400, HOUR),),
        "ticket/get": (Rate(100, HOUR),),
    }
)
# Paths that only syncs call: these may use nearly all of their rate.
BULK: Final = frozenset(
    {
        "externalcontact/batch/get_by_user",
        "externalcontact/list",
        "externalcontact/list_contact_way",
        "externalcontact/get_contact_way",
        "externalcontact/groupchat/list",
        "user/list",
    }
)
# One app to one member; what goes beyond is dropped by the platform without a word.
TO_MEMBER: Final = (Rate(30, MINUTE), Rate(1_000, HOUR))
MINUTE_BLOCK: Final = 60.0  # seconds, after 45009
HOUR_BLOCK: Final = 3600.0  # when 45009 comes back as soon as the first block ends

# Concurrency is not documented; 45033 tells. These are where we begin, per corp and path.
LANES: Final = MappingProxyType(
    {
        "externalcontact/send_welcome_msg": 256,
        "message/send": 64,
        "externalcontact/get": 64,
        "externalcontact/batch/get_by_user": 32,
        "externalcontact/get_contact_way": 32,
        "media/upload": 8,
    }
)
LANE: Final = 16

WELCOME_TEXT: Final = Limit("text", 4000)
BROADCAST_TEXT: Final = Limit("text", 4000)
ATTACHMENTS: Final = Limit("attachments", 9, Unit.ITEMS)
LINK_TITLE: Final = Limit("link.title", 128, least=1)
LINK_DESC: Final = Limit("link.desc", 512)
LINK_URL: Final = Limit("link.url", 2048, least=1)
LINK_PICTURE: Final = Limit("link.picurl", 2048)
MINI_TITLE: Final = Limit("miniprogram.title", 64, least=1)

STATE: Final = Limit("state", 30, Unit.CHARS)
WAY_REMARK: Final = Limit("remark", 30, Unit.CHARS)
WAY_USERS: Final = Limit("user", 100, Unit.ITEMS)

JOIN_GROUPS: Final = Limit("chat_id_list", 5, Unit.ITEMS, least=1)
JOIN_REMARK: Final = Limit("remark", 30, Unit.CHARS)
JOIN_NAME: Final = Limit("room_base_name", 40, Unit.CHARS)
OWNERS: Final = Limit("owner_filter.userid_list", 100, Unit.ITEMS)
CONCLUSION_TEXT: Final = Limit("conclusions.text", 4000)
GROUP_WELCOME_TEXT: Final = Limit("text", 3000)

REMARK: Final = Limit("remark", 20, Unit.CHARS)
REMARK_DESCRIPTION: Final = Limit("description", 150, Unit.CHARS)
REMARK_COMPANY: Final = Limit("remark_company", 20, Unit.CHARS)
BATCH_USERS: Final = Limit("userid_list", 100, Unit.ITEMS, least=1)

TRANSFERRED: Final = Limit("external_userid", 100, Unit.ITEMS, least=1)
TRANSFERRED_GROUPS: Final = Limit("chat_id_list", 100, Unit.ITEMS, least=1)
TRANSFER_MESSAGE: Final = Limit("transfer_success_msg", 200, Unit.CHARS)

TAG_NAME: Final = Limit("tag.name", 30, Unit.CHARS, least=1)
TAG_GROUP_NAME: Final = Limit("group_name", 30, Unit.CHARS)

LINK_NAME: Final = Limit("link_name", 30, Unit.CHARS, least=1)
LINK_USERS: Final = Limit("user_list", 500, Unit.ITEMS)
PRIORITY_USERS: Final = Limit("priority_userid_list", 1_000, Unit.ITEMS, least=1)
CUSTOMER_CHANNEL: Final = Limit("customer_channel", 64)

RULE_NAME: Final = Limit("rule_name", 20, Unit.CHARS, least=1)
RULE_WORDS: Final = Limit("word_list", 300, Unit.ITEMS, least=1)
RULE_WORD: Final = Limit("word_list", 32, Unit.CHARS, least=1)
RULE_USERS: Final = Limit("applicable_range.user_list", 1_000, Unit.ITEMS)
RULE_DEPARTMENTS: Final = Limit("applicable_range.department_list", 1_000, Unit.ITEMS)

RECIPIENTS: Final = Limit("external_userid", 10_000, Unit.ITEMS)
GROUPS: Final = Limit("chat_id_list", 2_000, Unit.ITEMS)
TAGS_OF_FILTER: Final = Limit("tag_list", 100, Unit.ITEMS, least=1)

MOMENT_TEXT: Final = Limit("text", 2_000, Unit.CHARS)
MOMENT_PICTURES: Final = Limit("attachments", 9, Unit.ITEMS)
MOMENT_LINK_TITLE: Final = Limit("link.title", 64, Unit.CHARS)
MOMENT_SENDERS: Final = Limit("sender_list.user_list", 100_000, Unit.ITEMS)

TO_USERS: Final = Limit("touser", 1_000, Unit.ITEMS)
TO_PARTIES: Final = Limit("toparty", 100, Unit.ITEMS)
TO_TAGS: Final = Limit("totag", 100, Unit.ITEMS)
MESSAGE_TEXT: Final = Limit("content", 2048, least=1)
TITLE: Final = Limit("title", 128, least=1)
DESCRIPTION: Final = Limit("description", 512)
MESSAGE_URL: Final = Limit("url", 2048)
BUTTON_TEXT: Final = Limit("btntxt", 4, Unit.CHARS)
ARTICLES: Final = Limit("articles", 8, Unit.ITEMS, least=1)
NOTICE_ITEMS: Final = Limit("content_item", 10, Unit.ITEMS)
NOTICE_KEY: Final = Limit("content_item.key", 10, Unit.CHARS, least=1)
NOTICE_VALUE: Final = Limit("content_item.value", 30, Unit.CHARS, least=1)
DUPLICATE_SECONDS: Final = 14_400
