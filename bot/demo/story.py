"""The story of the demo: each thing that happened, in one line, with where to look for the reason."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from storage.database import Database
from storage.sql import Row, Statement
from storage.values import decode

PAUSE = 0.5
_ENDED = Statement("""
    SELECT i.id, i.kind, i.status, i.reason, i.body, i.event_id, i.finished_at,
           e.kind AS event_kind, e.received_at, e.occurred_at
    FROM intents AS i LEFT JOIN events AS e ON e.id = i.event_id
    WHERE i.finished_at > :since ORDER BY i.finished_at, i.id LIMIT 200
""")
_WORDS = {
    "send_welcome": "welcomed / 已欢迎",
    "mark_tags": "tagged / 已打标签",
    "set_remark": "remark set / 已改备注",
    "prompt": "rep prompted / 已提醒员工",
    "create_contact_way": "channel code made / 渠道码已创建",
    "upload_material": "picture uploaded / 素材已上传",
}


async def tell(database: Database, config: Path, say: Callable[[str], None]) -> None:
    """Say what happens as it happens, until cancelled."""
    since = 0
    while True:
        for row in await database.fetch(_ENDED, since=since):
            since = row["finished_at"]
            say(_line(row, config))
        await asyncio.sleep(PAUSE)


def _line(row: Row, config: Path) -> str:
    moment = datetime.fromtimestamp(row["finished_at"] / 1000).astimezone()
    body = decode(row["body"])
    who = body.get("user_id") or ", ".join(body.get("users", ())) or body.get("remark") or ""
    what = _WORDS.get(row["kind"], row["kind"])
    if row["status"] != "done":
        what = f"{what}: {row['status']} ({row['reason']})"
    took = f"{row['finished_at'] - row['received_at']:>5} ms" if row["received_at"] else " " * 8
    cause = f"siyu events show {row['event_id']} -c {config}" if row["event_id"] else ""
    return f"{moment:%H:%M:%S}  {took}  {row['event_kind'] or '':<18} → {what:<36} {who:<22} {cause}"
