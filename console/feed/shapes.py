"""How business events are told over the API, and what is answered of each."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, StringConstraints

from console.api.shapes import Answer, Key, Line, Shape
from sop.feed import STANDARD

MOST = 1000  # events of a batch
_Once = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]
_EXAMPLE: dict[str, JsonValue] = {
    "name": "order_paid",
    "key": "o-1001",
    "unionid": "oAbC1",
    "at": "2026-05-01T09:30:00+08:00",
    "data": {"order_id": "o-1001", "amount": 99.5},
}
Status = Literal["taken", "known", "parked", "refused"]


class BusinessEvent(Shape):
    """Something that happened to a customer; `key` names it for ever, so that told again it is the same.

    The customer is told by `external_user_id`, by `unionid`, or by a unique `field` with its `value` or the SHA-256 of
    that in hexadecimal: of a phone number its digits alone, 13800138000, of anything else the lowercase text. `at` is
    now unless it is given, and may lie in the past. See GET /event-types for what `data` must be; that of the standard
    kinds is under `x-event-types`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_EXAMPLE],
            "x-event-types": {name: kind.schema() for name, kind in STANDARD.items()},
        }
    )

    name: Line
    key: _Once
    external_user_id: Key | None = None
    unionid: Key | None = None
    field: Key | None = None
    value: Line | None = None
    sha256: _Digest | None = None
    user_id: Key | None = None
    at: AwareDatetime | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class EventBatch(Shape):
    """Up to 1,000 events, each of the shape BusinessEvent; one of another shape is refused, and the others are not."""

    events: Annotated[
        tuple[Annotated[BusinessEvent | Any, Field(union_mode="left_to_right")], ...],
        Field(min_length=1, max_length=MOST),
    ]


class EventFault(Answer):
    """What is wrong with a field of an event."""

    field: str
    zh: str
    en: str


class EventOutcome(Answer):
    """What became of the event in this place of the batch.

    taken: it is in the customer's history now · known: it was before · parked: it waits for its customer, whom nobody
    knows yet · refused: see `errors`.
    """

    key: str | None
    status: Status
    errors: tuple[EventFault, ...] = ()


class BatchOutcome(Answer):
    """What became of each, in the order of the batch."""

    taken: int
    known: int
    parked: int
    refused: int
    events: tuple[EventOutcome, ...]
