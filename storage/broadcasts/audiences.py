"""Audiences: which customers or groups a broadcast is for, told by everything that is known of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sop.broadcasts.document import Audience, Broadcast, Exclusion, Tree
from sop.broadcasts.plans import Target, Tie
from storage.broadcasts import groups
from storage.broadcasts.exclusions import LEFT_OUT
from storage.conditions import Picked, Writer, condition, pick
from storage.customers import Customers
from storage.engine.many import joined
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.settings import Settings
from storage.values import encode

_LISTED = "(SELECT DISTINCT value AS external_user_id FROM {each}(CAST(:subjects AS {json}))) AS c"
_AMONG = "c.external_user_id IN (SELECT value FROM {each}(CAST(:subjects AS {json})))"
_NOT_AMONG = "c.external_user_id NOT IN (SELECT value FROM {each}(CAST(:others AS {json})))"
_TIES = joined(
    "k.subject, r.user_id, r.first_added_at, r.added_at, r.replied_at",
    "relations AS r",
    on="r.corp_id = :corp_id AND r.external_user_id = k.subject AND r.status = 'active'",
    subject="TEXT",
)
_ZONES = Statement("SELECT DISTINCT zone FROM zones WHERE corp_id = :corp_id AND zone <> ''")
Found = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Bound:
    """What is asked, and how it goes on: further conditions with their parameters."""

    picked: Picked
    then: str
    params: dict[str, Any]


class Audiences:
    """Whom the broadcasts of a corp are for."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def count(self, broadcast: Broadcast) -> int:
        """How many it would be for now."""
        if broadcast.kind == "groups":
            return await groups.count(self._scope, broadcast.audience)
        bound = await self._bind(broadcast.audience)
        rows = await bound.picked.fetch(self._scope, "COUNT(*) AS count", bound.then, **bound.params)
        return int(rows[0]["count"])

    async def page(self, broadcast: Broadcast, after: str, *, most: int) -> Found:
        """Some of those whom it is for, in the order of their ids."""
        if broadcast.kind == "groups":
            return await groups.page(self._scope, broadcast.audience, after, most=most)
        bound = await self._bind(broadcast.audience)
        then = f"{bound.then} AND c.external_user_id > :after ORDER BY c.external_user_id LIMIT :most"
        rows = await bound.picked.fetch(self._scope, "c.external_user_id", then, **bound.params, after=after, most=most)
        return [row[0] for row in rows]

    async def targets(self, broadcast: Broadcast, subjects: Collection[str], *, named: bool) -> list[Target]:
        """They with who may send to them, as far as that matters, and if wanted with their names."""
        if broadcast.kind == "groups":
            return await groups.targets(self._scope, subjects)
        names = await Customers(self._scope).names(subjects) if named else {}
        if broadcast.sender.by == "last_contact":
            return [Target(subject, (), names.get(subject, "")) for subject in subjects]
        ties: dict[str, list[Tie]] = {}
        for row in await self._scope.fetch(_TIES, keys=encode([[each] for each in subjects])):
            ties.setdefault(row[0], []).append(Tie(row[1], row[2], row[3], row[4] or 0))
        return [Target(subject, tuple(ties.get(subject, ())), names.get(subject, "")) for subject in subjects]

    async def zones(self) -> tuple[ZoneInfo, ...]:
        """Where customers live who do not live by the corp's clocks."""
        return tuple(ZoneInfo(row["zone"]) for row in await self._scope.fetch(_ZONES))

    async def _bind(self, audience: Audience) -> _Bound:
        """A list alone is taken as it is, to say of everybody on it what became of them; all others are in contact."""
        scope, excluded = self._scope, audience.exclude
        params: dict[str, Any] = {}
        tests = []
        if excluded.subjects:
            tests.append(_NOT_AMONG)
            params["others"] = encode(excluded.subjects)
        for name, text in LEFT_OUT.items():
            if listed := getattr(excluded, name):
                tests.append(text.format("c.external_user_id"))
                params[name] = encode(listed)
        without = _without(excluded)
        if audience.subjects:
            params["subjects"] = encode(audience.subjects)
        if audience.subjects and not _with(audience):
            writer = Writer(scope.database.dialect, scope.now, (await Settings(scope).voice()).zone)
            test = condition({"all": without}, writer) if without else "1 = 1"
            picked = Picked(_LISTED, test, writer.params)
        else:
            picked = await pick(scope, {"all": [_contact(audience), *_with(audience), *without]}, scope.now)
            tests += [_AMONG] if audience.subjects else []
        return _Bound(picked, "".join(f" AND {test}" for test in tests), params)


def _contact(audience: Audience) -> Tree:
    """Somebody's customer, or one of these members'."""
    active: Tree = {"status": ["active"]}
    return {"relation": {"all": [active, {"staff": list(audience.staff)}]}} if audience.staff else active


def _with(audience: Audience) -> list[Tree]:
    found: list[Tree] = [] if audience.condition is None else [audience.condition]
    found += [{"segment": list(audience.segments)}] if audience.segments else []
    found += [{"tag": list(audience.tags)}] if audience.tags else []
    return found + ([_contact(audience)] if audience.staff else [])


def _without(excluded: Exclusion) -> list[Tree]:
    found: list[Tree] = [] if excluded.condition is None else [excluded.condition]
    found += [{"segment": list(excluded.segments)}] if excluded.segments else []
    found += [{"tag": list(excluded.tags)}] if excluded.tags else []
    found += [{"staff": list(excluded.staff)}] if excluded.staff else []
    return [{"not": each} for each in found]
