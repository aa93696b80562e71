"""One request to the control API, and how its parameters are read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from simulator.control.errors import BadControl
from simulator.simulation import Simulator
from simulator.world.corp import App, Corp
from simulator.world.people import Member

T = TypeVar("T")
PAGE = 100
MOST = 1000


@dataclass(frozen=True, slots=True)
class Order:
    """What the control API is asked: the JSON body over the query."""

    simulator: Simulator
    values: dict[str, object]

    def get(self, key: str, kind: type[T], default: T | None = None) -> T:
        """Return a parameter as its kind ("3" is a number too); without a default it is needed."""
        value = self.values.get(key)
        if value is None:
            if default is None:
                raise BadControl(f"{key} is needed")
            return default
        try:
            return msgspec.convert(value, kind, strict=False)
        except msgspec.ValidationError as error:
            raise BadControl(f"{key}: {error}") from error

    def rest(self, *known: str) -> dict[str, object]:
        """Return the parameters with other names."""
        return {key: value for key, value in self.values.items() if key not in known}

    def corp(self) -> Corp:
        """Return the corp of `corp_id`, by default the only one."""
        corps = self.simulator.world.corps
        if not corps:
            raise BadControl("there is no corp yet: POST /_sim/company founds one", 404)
        wanted = self.get("corp_id", str, next(iter(corps)))
        if wanted not in corps:
            raise BadControl(f"no corp {wanted}", 404)
        return corps[wanted]

    def app(self) -> App:
        """Return the app of `app` (its name), by default the corp's first."""
        corp = self.corp()
        first = next(iter(corp.apps.values()), None)
        try:
            return corp.app(self.get("app", str, first.name if first else ""))
        except KeyError as error:
            raise BadControl(f"no app {error}", 404) from error

    def member(self) -> Member:
        """Return the member of `userid`."""
        member = self.corp().directory.find(self.get("userid", str))
        if member is None:
            raise BadControl(f"no member {self.values['userid']}", 404)
        return member

    def page(self, rows: list[T]) -> list[T]:
        """Return the rows from `offset` on, at most `limit`."""
        offset, limit = self.get("offset", int, 0), self.get("limit", int, PAGE)
        return rows[max(0, offset) :][: min(max(1, limit), MOST)]


Said = dict[str, object]
Handler = Callable[[Order], Said | Awaitable[Said]]
