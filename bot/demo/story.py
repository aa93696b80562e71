"""The story of the demo: each thing that happened, in one line, with the id under which to ask why."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from storage.database import Database
from storage.sql import Row, Statement

PAUSE = 0.5
# An event is told once it is closed and everything that it wanted has ended.
_TOLD = Statement("""
    SELECT e.id, e.kind, e.lane, e.received_at, e.closed_at, c.name
    FROM events AS e
    LEFT JOIN customers AS c ON c.corp_id = e.corp_id AND e.lane = e.corp_id || '/customer:' || c.external_user_id
    WHERE e.id > :since AND NOT e.open
      AND NOT EXISTS (SELECT 1 FROM intents AS i WHERE i.event_id = e.id AND i.open)
      AND e.id < COALESCE((SELECT MIN(o.id) FROM events AS o WHERE o.open), 9223372036854775807)
    ORDER BY e.id LIMIT 100
""")
_CAUSED = Statement("SELECT kind, status, body, finished_at FROM intents WHERE event_id = :id ORDER BY id")
_EVENTS = {
    "contact_added": "added by / 客户添加",
    "contact_half_added": "half added by / 单向添加",
    "contact_edited": "edited by / 资料修改",
    "staff_removed": "customer left / 客户流失",
    "contact_removed": "staff removed / 员工删除",
    "followup_due": "follow-up due / 跟进到期",
    "text_received": "staff asked / 员工提问",
    "channel_changed": "channel / 渠道码",
    "materials_due": "materials / 素材",
}
_INTENTS = {
    "send_welcome": "welcomed",
    "mark_tags": "tagged",
    "set_remark": "remark",
    "prompt": "rep prompted",
    "create_contact_way": "code made",
    "upload_material": "uploaded",
}


async def tell(database: Database, say: Callable[[str], None]) -> None:
    """Say what happens as it happens, until cancelled."""
    since = 0
    while True:
        for row in await database.fetch(_TOLD, since=since):
            since = row["id"]
            if row["kind"] in _EVENTS:
                say(_line(row, await database.fetch(_CAUSED, id=row["id"])))
        await asyncio.sleep(PAUSE)


def _line(event: Row, caused: Sequence[Row]) -> str:
    ended = max([event["closed_at"], *(intent["finished_at"] for intent in caused)])
    moment = datetime.fromtimestamp(ended / 1000).astimezone()
    did = ", ".join(_done(intent) for intent in caused) or "—"
    subject = event["name"] or event["lane"].partition(":")[2][:16]
    took = ended - event["received_at"]
    return f"  {moment:%H:%M:%S}  {_EVENTS[event['kind']]:<26} {subject:<10}\t{took:>5} ms  {did:<46} {event['id']}"


def _done(intent: Row) -> str:
    word = _INTENTS.get(intent["kind"], intent["kind"])
    return word if intent["status"] == "done" else f"{word}: {intent['status']}"
