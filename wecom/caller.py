"""Calling the APIs with typed answers: the three kinds of calls that the platform knows."""

from typing import Any, TypeVar

import msgspec

from wecom.budget import Charge
from wecom.calls import Call, Pace
from wecom.errors import NoAnswer, TryLater
from wecom.http1 import Answer
from wecom.ids import AgentId
from wecom.line import Line

T = TypeVar("T")


class Caller:
    """A line, and the pace at which one caller uses it."""

    def __init__(self, line: Line, pace: Pace) -> None:
        self.line = line
        self.pace = pace

    @property
    def agent_id(self) -> AgentId:
        """The app that calls."""
        return self.line.app.agent_id

    async def get(self, path: str, answer: type[T], **query: str | int) -> T:
        """Read with GET."""
        pairs = tuple((name, str(value)) for name, value in query.items())
        return await self.send(Call(path, "GET", pairs, writes=False), answer)

    async def ask(self, path: str, body: object, answer: type[T]) -> T:
        """Read with POST."""
        return await self.send(Call(path, body=msgspec.json.encode(body), writes=False), answer)

    async def tell(self, path: str, body: object, answer: type[T], *charges: Charge) -> T:
        """Write."""
        return await self.send(Call(path, body=msgspec.json.encode(body), charges=charges), answer)

    async def send(self, call: Call, answer: type[T]) -> T:
        """Any call whose answer is JSON."""
        return read(call, await self.line.send(call, self.pace), answer)


def read(call: Call, answer: Answer, kind: type[T]) -> T:
    """The typed answer; one that cannot be read leaves open what happened, as silence does."""
    decoder: msgspec.json.Decoder[T] = _decoder(kind)
    try:
        return decoder.decode(answer.body)
    except msgspec.ValidationError:
        pass
    try:
        return msgspec.convert(_prune(msgspec.json.decode(answer.body)), kind, strict=False)
    except msgspec.ValidationError as error:
        unreadable = NoAnswer if call.writes else TryLater
        raise unreadable(call.path, f"the answer is not as documented: {error}") from None


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind, strict=False)
    return decoder


def _prune(value: Any) -> Any:
    """The same JSON without its nulls, which stand for fields that are absent."""
    match value:
        case dict():
            return {name: _prune(item) for name, item in value.items() if item is not None}
        case list():
            return [_prune(item) for item in value if item is not None]
    return value
