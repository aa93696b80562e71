"""Events of those who are no customers yet: they wait for a while, and are the customer's as soon as there is one."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from storage.engine.many import bulk, joined
from storage.engine.sql import Answer, Row, Statement
from storage.feed.told import Told
from storage.history import Fact
from storage.identities import ID, UNION, Key
from storage.scope import Scope
from storage.values import decode, encode, from_ms, to_ms

_COLUMNS = "p.effect, p.name, p.user_id, p.facts, p.at"
_PARK = bulk(
    """
    INSERT INTO parked_events (corp_id, effect, name, known_by, value, user_id, facts, at, parked_at)
    SELECT CAST(:corp_id AS TEXT), r.effect, r.name, r.known_by, r.value, r.user_id, r.facts, r.at,
           CAST(:now AS BIGINT)
    FROM {rows} AS r WHERE TRUE
    """,
    effect="TEXT", name="TEXT", known_by="TEXT", value="TEXT", user_id="TEXT", facts="TEXT", at="BIGINT",
)  # fmt: skip
_AMONG = joined("p.effect", "parked_events AS p", on="p.corp_id = :corp_id AND p.effect = k.effect", effect="TEXT")
_OF = joined(
    _COLUMNS,
    "parked_events AS p",
    on="p.corp_id = :corp_id AND p.known_by = k.known_by AND p.value = k.value",
    known_by="TEXT",
    value="TEXT",
)
_DROP = bulk(
    "DELETE FROM parked_events WHERE corp_id = :corp_id AND effect IN (SELECT r.effect FROM {rows} AS r)",
    effect="TEXT",
)
_EXPIRE = Statement("DELETE FROM parked_events WHERE corp_id = :corp_id AND parked_at < :before")
_PAGE = Statement("""
    SELECT effect, name, known_by, value, user_id, at, parked_at FROM parked_events
    WHERE corp_id = :corp_id AND (parked_at, effect) > (:at, :effect) ORDER BY parked_at, effect LIMIT :most
""")
_ANY = Statement("SELECT 1 FROM parked_events WHERE corp_id = :corp_id LIMIT 1")
# Each looks from the few who wait at the many who are known, by an index.
_KNOWN = tuple(
    Statement(
        f"""
        SELECT {_COLUMNS}, {who} AS customer FROM parked_events AS p JOIN {table} ON {on}
        WHERE p.corp_id = :corp_id AND {which} LIMIT :most
        """,
        patient=True,
        by_keys=True,
    )
    for table, on, who, which in (
        (
            "customers AS c",
            "c.corp_id = p.corp_id AND c.external_user_id = p.value",
            "c.external_user_id",
            f"p.known_by = '{ID}'",
        ),
        (
            "customers AS c",
            "c.corp_id = p.corp_id AND c.unionid = p.value AND c.unionid <> ''",
            "c.external_user_id",
            f"p.known_by = '{UNION}'",
        ),
        (
            "field_values AS v",
            "v.corp_id = p.corp_id AND v.name = p.known_by AND v.known_by = p.value AND v.known_by IS NOT NULL",
            "v.external_user_id",
            f"p.known_by NOT IN ('{ID}', '{UNION}')",
        ),
    )
)


class Parked:
    """The events of a corp that wait for their customers."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def park(self, events: Sequence[Told]) -> None:
        """Keep events until their customers are known; at commit a `Conflict` if one is kept by now."""
        if events:
            events = sorted(events, key=lambda event: event.effect)
            self._scope.write(
                _PARK,
                now=self._scope.at,
                effect=[event.effect for event in events],
                name=[event.name for event in events],
                known_by=[event.who.by for event in events],
                value=[event.who.value for event in events],
                user_id=[event.user_id for event in events],
                facts=[encode(event.data) for event in events],
                at=[to_ms(event.at) for event in events],
            )

    async def among(self, effects: Collection[str]) -> set[str]:
        """Those of the events that wait."""
        keys = encode([[effect] for effect in sorted(effects)])
        return {row["effect"] for row in (await self._scope.fetch(_AMONG, keys=keys) if effects else ())}

    async def of(self, keys: Collection[Key]) -> Answer:
        """The events that wait for who has one of these keys."""
        return await self._scope.fetch(_OF, keys=encode(sorted(keys)))

    async def known(self, *, most: int) -> list[Row]:
        """Events whose customers are known by now, with the customer, at most so many."""
        found: list[Row] = []
        for statement in _KNOWN:
            if len(found) < most:
                found += await self._scope.fetch(statement, most=most - len(found))
        return found

    async def page(self, *, after: tuple[int, str], most: int) -> Answer:
        """Those that wait, the longest first; `after` is when and what of the last one of the page before."""
        at, effect = after
        return await self._scope.fetch(_PAGE, at=at, effect=effect, most=most)

    async def any(self) -> bool:
        """Whether anything waits at all."""
        return bool(await self._scope.fetch(_ANY))

    def drop(self, effects: Iterable[str]) -> None:
        """They wait no more."""
        if effects := sorted(effects):
            self._scope.write(_DROP, effect=effects)

    def expire(self, before: datetime) -> None:
        """Forget those that have waited since before then."""
        self._scope.write(_EXPIRE, before=to_ms(before))

    def fact(self, row: Row, customer: str) -> Fact:
        """The event as a fact of a customer's history."""
        return Fact(
            what=row["name"],
            external_user_id=customer,
            user_id=row["user_id"],
            effect=row["effect"],
            facts=decode(row["facts"]),
            at=from_ms(row["at"]),
        )
