"""The base of every request and answer, and the few types that their fields are made of."""

import base64
import re
from typing import Annotated, Generic, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from sop.sheets import decode

_ID = r"^([1-9][0-9]{0,17}|[1-8][0-9]{18})$"  # below 2**63
_ID_FORM = re.compile(_ID)
_NUMBER = r"^[1-9][0-9]{0,8}$"
_NUMBER_FORM = re.compile(_NUMBER)
_VISIBLE = r"[^\x00-\x1f\x7f]"
_PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"  # PostgreSQL stores no NUL, and nobody means the others

Item = TypeVar("Item")


class Shape(BaseModel):
    """A request: unknown fields are errors, and nothing is guessed from a value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Written(Shape):
    """A request that is a table: as JSON with its text in `csv`, or the table itself as text/csv."""

    csv: str

    @classmethod
    def read(cls, content: bytes) -> Self:
        """The request that is a table itself; raises `sop.errors.Invalid`."""
        return cls(csv=decode(content))


class Query(BaseModel):
    """Query parameters: like a request, but everything arrives as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """What is answered; made from storage's values by attribute."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    def keepsake(self) -> str:
        """What is stored for a repetition under the same idempotency key: secrets are left out."""
        return self.model_dump_json(by_alias=True)


class Download(Answer):
    """A file instead of a JSON document."""

    content: bytes
    media_type: str
    filename: str


class Walk(Query):
    """Where to go on reading a list, and how far."""

    limit: int = Field(default=50, ge=1, le=200)
    after: str = Field(default="", max_length=200, pattern=_PRINTABLE, description="`next` of the page before")


class Page(Answer, Generic[Item]):
    """One page of a list; `next` is null on the last one."""

    items: tuple[Item, ...]
    next: str | None = None


def _read_id(value: object, info: ValidationInfo) -> int:
    if isinstance(value, str) and _ID_FORM.match(value):
        return int(value)
    if isinstance(value, int) and info.mode == "python":
        return value
    raise PydanticCustomError("identity", "must be an id, written as a string")


Identity = Annotated[
    int,
    BeforeValidator(_read_id),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _ID, "examples": ["420816131428352"]}),
]
"""An id of ours: a number inside, a string in JSON, whose numbers would lose its last digits."""


def _read_number(value: object) -> object:
    return int(value) if isinstance(value, str) and _NUMBER_FORM.match(value) else value


DepartmentNumber = Annotated[
    int,
    Field(ge=1, le=2**32),
    BeforeValidator(_read_number),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 2**32}, {"type": "string", "pattern": _NUMBER}]}
    ),
]
"""WeCom's id of a department: a number there, which may be written as a string here."""


def _read_base64(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise PydanticCustomError("base64_decode", "must be Base64") from None


Base64 = Annotated[
    bytes, BeforeValidator(_read_base64), WithJsonSchema({"type": "string", "contentEncoding": "base64"})
]

Text = Annotated[str, StringConstraints(max_length=4000, pattern=_PRINTABLE)]
Line = Annotated[str, StringConstraints(max_length=200, pattern=rf"^{_VISIBLE}*$")]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=60, pattern=rf"^{_VISIBLE}*[^\x00-\x20\x7f]{_VISIBLE}*$")
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=rf"^{_VISIBLE}+$")]
"""An id of WeCom's: a member, a customer, a tag."""
