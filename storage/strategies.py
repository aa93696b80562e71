"""Customer strategies (规则组) as WeCom has them: who administers which part of the staff, and what it may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.engine.sql import Row, Statement, upsert
from storage.scope import Scope
from storage.values import decode, encode, from_ms, maybe_moment, maybe_ms, to_ms

_COLUMNS = "id, parent_id, name, admins, privilege, made_at, read_at"
_PUT = upsert("strategies", ("corp_id", "id"), ("parent_id", "name", "admins", "privilege", "made_at", "read_at"))
_PUT_RANGE = upsert("strategy_ranges", ("corp_id", "strategy_id", "subject"), ("read_at",))
_SWEEP_RANGE = Statement("""
    DELETE FROM strategy_ranges WHERE corp_id = :corp_id AND strategy_id = :id AND read_at < :at
""")
_SWEEP = (
    Statement("""
        DELETE FROM strategy_ranges WHERE corp_id = :corp_id AND strategy_id IN
            (SELECT id FROM strategies WHERE corp_id = :corp_id AND read_at < :before)
    """),
    Statement("DELETE FROM strategies WHERE corp_id = :corp_id AND read_at < :before"),
)
_PAGE = Statement(f"""
    SELECT {_COLUMNS} FROM strategies WHERE corp_id = :corp_id AND id > :after ORDER BY id LIMIT :most
""")
_GET = Statement(f"SELECT {_COLUMNS} FROM strategies WHERE corp_id = :corp_id AND id = :id")
_RANGE = Statement("""
    SELECT subject FROM strategy_ranges WHERE corp_id = :corp_id AND strategy_id = :id ORDER BY subject LIMIT 3000
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """A strategy; `id` and `parent_id` are WeCom's, `privilege` goes by WeCom's names."""

    id: int
    parent_id: int
    name: str
    admins: tuple[str, ...]
    privilege: Mapping[str, bool]
    made_at: datetime | None
    read_at: datetime


class Strategies:
    """The strategies of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, strategy: Strategy, subjects: tuple[str, ...]) -> None:
        """Store a strategy with its whole range, such as user:chen and department:3."""
        self._scope.write(
            _PUT,
            id=strategy.id,
            parent_id=strategy.parent_id,
            name=strategy.name,
            admins=encode(strategy.admins),
            privilege=encode(strategy.privilege),
            made_at=maybe_ms(strategy.made_at),
            read_at=to_ms(strategy.read_at),
        )
        for subject in subjects:
            self._scope.write(_PUT_RANGE, strategy_id=strategy.id, subject=subject, read_at=to_ms(strategy.read_at))
        self._scope.write(_SWEEP_RANGE, id=strategy.id, at=to_ms(strategy.read_at))

    def sweep(self, *, before: datetime) -> None:
        """Forget what was not seen since a moment: it is not at WeCom any more."""
        for statement in _SWEEP:
            self._scope.write(statement, before=to_ms(before))

    async def page(self, *, after: int = 0, most: int = 50) -> tuple[Strategy, ...]:
        """Strategies by id."""
        return tuple(map(_strategy, await self._scope.fetch(_PAGE, after=after, most=most)))

    async def get(self, strategy_id: int) -> Strategy | None:
        """One strategy."""
        return next(map(_strategy, await self._scope.fetch(_GET, id=strategy_id)), None)

    async def subjects(self, strategy_id: int) -> tuple[str, ...]:
        """For whom it holds, such as user:chen and department:3."""
        return tuple(row["subject"] for row in await self._scope.fetch(_RANGE, id=strategy_id))


def _strategy(row: Row) -> Strategy:
    return Strategy(
        id=row["id"],
        parent_id=row["parent_id"],
        name=row["name"],
        admins=tuple(decode(row["admins"])),
        privilege=decode(row["privilege"]),
        made_at=maybe_moment(row["made_at"]),
        read_at=from_ms(row["read_at"]),
    )
