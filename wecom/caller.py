"""Calling the APIs with typed answers: the three kinds of calls that the platform knows."""

from typing import TypeVar

import msgspec

from wecom.answers import read
from wecom.budget import Charge
from wecom.calls import Call, Pace
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
