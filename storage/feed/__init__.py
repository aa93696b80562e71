"""Business events: their kinds, and how a batch of them becomes part of customers' histories, each once."""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from sop import feed as rules
from sop.feed import FRESH, STRANGERS, UNDECLARED, EventType, Slot
from storage.engine.many import joined
from storage.engine.sql import Row, Statement, upsert
from storage.feed.parked import Parked
from storage.feed.told import Told
from storage.history import Fact, History
from storage.identities import Key
from storage.scope import Scope
from storage.settings import Settings
from storage.values import encode

_TYPE = ("zh", "en", "fields", "enabled")
_ALL = Statement(f"SELECT name, {', '.join(_TYPE)} FROM event_types WHERE corp_id = :corp_id ORDER BY name")
_DECLARE = upsert("event_types", ("corp_id", "name"), (*_TYPE, "created_at", "changed_at"))
_FORGET = Statement("DELETE FROM event_types WHERE corp_id = :corp_id AND name = :name")
_TOLD = joined(
    "h.effect",
    "history AS h",
    on="h.corp_id = :corp_id AND h.effect = k.effect",
    effect="TEXT",
)
_slots = msgspec.json.Decoder(tuple[Slot, ...])


class Feed:
    """What other systems tell a corp of its customers."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._history = History(scope)
        self.parked = Parked(scope)

    async def types(self) -> dict[str, EventType]:
        """Every kind of event by name, the standard ones first."""
        return rules.known(await self._scope.read(_ALL, _kind))

    def declare(self, kind: EventType) -> None:
        """Store a kind of event, or how a standard one is to be."""
        self._scope.write(
            _DECLARE,
            name=kind.name,
            zh=kind.zh,
            en=kind.en,
            fields=encode(kind.fields),
            enabled=kind.enabled,
            created_at=self._scope.at,
            changed_at=self._scope.at,
        )

    def forget(self, name: str) -> None:
        """A kind of the corp's own is gone, a standard one is as it was; what was told stays."""
        self._scope.write(_FORGET, name=name)

    async def takes_undeclared(self) -> bool:
        """Whether events are taken whose kind nobody has declared."""
        return await Settings(self._scope).get(UNDECLARED, "refuse") == "take"

    async def parks_strangers(self) -> bool:
        """Whether events of those who are no customers yet are kept for them."""
        return await Settings(self._scope).get(STRANGERS, "park") == "park"

    async def told(self, effects: Collection[str]) -> set[str]:
        """Those of the events that are known already, parked ones too."""
        keys = encode([[effect] for effect in sorted(effects)])
        rows = await self._scope.fetch(_TOLD, keys=keys) if effects else ()
        return {row["effect"] for row in rows} | await self.parked.among(effects)

    def take(self, events: Iterable[tuple[Told, str]]) -> None:
        """Write events into the histories of their customers; at commit a `Conflict` if one is there by now.

        Flows hear of those that happened lately.
        """
        facts = [
            Fact(
                what=event.name,
                external_user_id=customer,
                user_id=event.user_id,
                effect=event.effect,
                facts=event.data,
                at=event.at,
            )
            for event, customer in events
        ]
        self._write(facts, new=True)

    async def adopt(self, keys: Collection[Key], customer: str) -> int:
        """Give a customer who has become known the events that wait for them, by these keys; how many."""
        return self._adopt([(row, customer) for row in await self.parked.of(keys)])

    async def adopt_all(self, *, most: int) -> int:
        """Give customers who have become known the events that wait for them; how many, at most so many."""
        return self._adopt([(row, row["customer"]) for row in await self.parked.known(most=most)])

    def _adopt(self, rows: Sequence[tuple[Row, str]]) -> int:
        facts = {row["effect"]: self.parked.fact(row, customer) for row, customer in rows}
        self._write(list(facts.values()), new=False)
        self.parked.drop(facts)
        return len(facts)

    def _write(self, facts: Sequence[Fact], *, new: bool) -> None:
        since = self._scope.now - FRESH
        self._history.extend([fact for fact in facts if fact.at >= since], new=new)
        self._history.extend([fact for fact in facts if fact.at < since], new=new, told=False)


def _kind(row: Row) -> EventType:
    return EventType(
        name=row["name"],
        zh=row["zh"],
        en=row["en"],
        fields=_slots.decode(row["fields"]),
        enabled=bool(row["enabled"]),
    )
