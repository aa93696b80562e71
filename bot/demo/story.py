"""The story of the demo: each thing that happened, in one line, with the id under which to ask why."""

import asyncio
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from storage.database import Database
from storage.engine.sql import Row, Statement

PAUSE = 0.5
# An event is told once it is closed and everything that it wanted has ended.
_ENDED = Statement("""
    SELECT e.id, e.kind, e.lane, e.received_at, e.closed_at
    FROM events AS e
    WHERE e.id > :since AND NOT e.open
      AND NOT EXISTS (SELECT 1 FROM intents AS i WHERE i.event_id = e.id AND i.open)
    ORDER BY e.id
""")
_OLDEST = Statement("""
    SELECT MIN(id) AS id FROM (
        SELECT MIN(id) AS id FROM events WHERE open
        UNION ALL SELECT MIN(event_id) AS id FROM intents WHERE open AND event_id IS NOT NULL
    ) AS waiting
""")
_CAUSED = Statement("SELECT kind, status, finished_at FROM intents WHERE event_id = :id ORDER BY id")
_NAMES = {
    "customer": Statement("SELECT name FROM customers WHERE external_user_id = :id"),
    "group": Statement("SELECT name FROM customer_groups WHERE chat_id = :id"),
    "staff": Statement("SELECT name FROM staff WHERE user_id = :id"),
    "channel": Statement("SELECT name FROM channels WHERE id = CAST(:id AS BIGINT)"),
}
_EVENTS = {
    "contact_added": "added by / 客户添加",
    "contact_half_added": "half added by / 单向添加",
    "contact_edited": "edited by / 资料修改",
    "staff_removed": "customer left / 客户流失",
    "contact_removed": "staff removed / 员工删除",
    "text_received": "staff asked / 员工发消息",
    "chat_started": "link chat begun / 链接客户开口",
    "group_created": "group founded / 建群",
    "group_joined": "group joined / 进群",
    "group_left": "group left / 退群",
    "group_renamed": "group renamed / 群改名",
    "group_notice_changed": "group notice / 群公告",
    "group_owner_changed": "group passed on / 换群主",
    "card_clicked": "card pressed / 卡片按钮",
    "staff_deleted": "member resigned / 员工离职",
}
# These are worth a line only where they caused something.
_QUIET = {
    "flow_due": "flow / 旅程",
    "happened": "web shop / 商城事件",
    "mailing_due": "mass message / 群发任务",
    "mailings_due": "mass messages / 群发任务",
    "broadcast_due": "broadcast / 群发",
    "moment_due": "moment / 朋友圈",
    "facts_changed": "tag rules / 标签规则",
    "channel_changed": "code / 渠道码",
    "channel_turned": "code shows / 活码换人",
    "customer_arrived": "code shows / 活码换人",
    "group_code_changed": "group code / 群活码",
    "group_moved": "group alarm / 群提醒",
    "tasks_due": "tasks due / 待办提醒",
    "step_due": "job / 作业",
    "job_ended": "job / 作业",
}
_INTENTS = {
    "send_welcome": "welcomed",
    "mark_tags": "tagged",
    "set_remark": "remark",
    "prompt": "rep prompted",
    "update_card": "card updated",
    "create_contact_way": "code made",
    "update_contact_way": "code updated",
    "update_join_way": "groups rotated",
    "make_mailing": "mass message asked",
    "remind_mailing": "rep reminded",
    "post_moment": "moment posted",
    "transfer_customers": "handed over",
    "transfer_groups": "groups handed over",
}
_UNREAD = "not read yet / 未读取"
_WIDTHS = (30, 22, 10, 46)


class Story:
    """What has been told, so that nothing is told twice and nothing waits for what takes long."""

    def __init__(self, database: Database, say: Callable[[str], None]) -> None:
        self._database = database
        self._say = say
        self._since = 0
        self._told: set[int] = set()

    async def skip(self) -> None:
        """Leave out what has happened up to now."""
        for row in await self._database.fetch(_ENDED, since=0):
            self._told.add(row["id"])

    async def go_on(self) -> None:
        """Tell what has come to its end since."""
        (oldest,) = await self._database.fetch(_OLDEST)
        for row in await self._database.fetch(_ENDED, since=self._since):
            if row["id"] not in self._told:
                self._told.add(row["id"])
                await self._tell(row)
        if self._told:
            self._since = max(self._told) if oldest["id"] is None else min(max(self._told), oldest["id"] - 1)
            self._told = {each for each in self._told if each > self._since}

    async def _tell(self, event: Row) -> None:
        caused = await self._database.fetch(_CAUSED, id=event["id"])
        what = _EVENTS.get(event["kind"]) or (_QUIET.get(event["kind"]) if caused else None)
        if what:
            self._say(_line(event, caused, (what, await self._name(event["lane"]))))

    async def _name(self, lane: str) -> str:
        """Whom an event is about: by name, where there is one."""
        kind, _, identity = lane.partition("/")[2].partition(":")
        if kind not in _NAMES:
            return ""
        found = await self._database.fetch(_NAMES[kind], id=identity)
        return (found[0]["name"] if found else "") or _UNREAD


async def tell(database: Database, say: Callable[[str], None]) -> None:
    """Say what happens as it happens, until cancelled."""
    story = Story(database, say)
    await story.skip()
    while True:
        await story.go_on()
        await asyncio.sleep(PAUSE)


def _line(event: Row, caused: Sequence[Row], about: tuple[str, str]) -> str:
    ended = max([event["closed_at"], *(intent["finished_at"] for intent in caused)])
    moment = datetime.fromtimestamp(ended / 1000).astimezone()
    words = Counter(map(_done, caused))
    did = ", ".join(word if count == 1 else f"{word} ×{count}" for word, count in words.items()) or "—"
    cells = (*about, f"{ended - event['received_at']:>5} ms", did)
    row = "  ".join(_pad(cell, width) for cell, width in zip(cells, _WIDTHS, strict=True))
    return f"  {moment:%H:%M:%S}  {row}  {event['id']}"


def _done(intent: Row) -> str:
    word = _INTENTS.get(intent["kind"], intent["kind"])
    return word if intent["status"] == "done" else f"{word}: {intent['status']}"


def _pad(text: str, width: int) -> str:
    """As wide as asked for on a terminal, where Chinese letters take two places."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return text.ljust(width - wide)
