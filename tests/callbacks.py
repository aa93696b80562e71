"""Captured shapes of decrypted callbacks, in tests/fixtures/callbacks, and what goes into every event."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from wecom.callback import parse
from wecom.events import Event
from wecom.ids import AgentId, ChatId, CorpId, ExternalUserId, UserId

FOLDER = Path(__file__).parent / "fixtures" / "callbacks"
CORP = CorpId("ww7c1e5a90b3d2f486")
APP = AgentId(1000012)
CHEN, LIN, ZHAO, WU = UserId("chen.yu"), UserId("lin.qiao"), UserId("zhao.min"), UserId("wu.lan")
CUSTOMER = ExternalUserId("wmQx7LdAAAk3Tz9VbN2cRfPjWs8EyHgA")
GROUP = ChatId("wrQx7LdAAAp0Kj5Mn8StUvWxYz1BcDeF")


class Given(TypedDict):
    corp_id: CorpId
    at: datetime


def plain(name: str) -> bytes:
    """The decrypted body of a fixture, XML unless there is only JSON."""
    path = FOLDER / f"{name}.xml"
    return (path if path.exists() else path.with_suffix(".json")).read_bytes()


def told(name: str) -> Event:
    """The event that a fixture tells."""
    return parse(plain(name), CORP)


def on(seconds: int) -> Given:
    """What every event of our corp at this Unix time has."""
    return {"corp_id": CORP, "at": datetime.fromtimestamp(seconds, UTC)}
