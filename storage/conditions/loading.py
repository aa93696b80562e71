"""What conditions look at, read for many customers at once, and only what they need."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sop.conditions import Deed, Facts, Needs, Past, Relation
from sop.fields import Value
from sop.relations import Status
from sop.slots import SHANGHAI
from storage.engine.many import joined
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.settings import Settings
from storage.values import decode, encode, from_ms, maybe_moment, to_ms

T = TypeVar("T")
Key = tuple[str, str]
"""A customer, and the member whose relation is judged; with "" as the member all relations are."""

_RELATIONS = joined(
    "k.external_user_id, t.user_id, t.status, t.add_way, t.state, t.channel_id, t.adds, t.added_at, t.replied_at",
    "relations AS t",
    on="t.corp_id = :corp_id AND t.external_user_id = k.external_user_id",
    external_user_id="TEXT",
)
_TAGS = joined(
    "k.external_user_id, t.user_id, t.tag_id",
    "bindings AS t",
    on="t.corp_id = :corp_id AND t.external_user_id = k.external_user_id",
    external_user_id="TEXT",
)
_GROUPS = joined(
    "k.external_user_id, t.chat_id",
    "group_members AS t",
    on="t.corp_id = :corp_id AND t.member_id = k.external_user_id AND t.left_at IS NULL",
    external_user_id="TEXT",
)
_MEMBERS = joined(
    "k.user_id, t.departments",
    "staff AS t",
    on="t.corp_id = :corp_id AND t.user_id = k.user_id",
    user_id="TEXT",
)
_GROUP_TAGS = joined(
    "DISTINCT k.external_user_id, g.tag_id",
    "group_members AS t",
    on="t.corp_id = :corp_id AND t.member_id = k.external_user_id AND t.left_at IS NULL",
    then="JOIN group_bindings AS g ON g.corp_id = :corp_id AND g.chat_id = t.chat_id",
    external_user_id="TEXT",
)
_SEGMENTS = joined(
    "k.external_user_id, t.segment_id",
    "segment_members AS t",
    on="t.corp_id = :corp_id AND t.segment_id = k.segment_id AND t.external_user_id = k.external_user_id",
    external_user_id="TEXT",
    segment_id="BIGINT",
)
_FIELDS = joined(
    "k.external_user_id, t.name, t.text, t.number",
    "field_values AS t",
    on="t.corp_id = :corp_id AND t.external_user_id = k.external_user_id AND t.name = k.name",
    external_user_id="TEXT",
    name="TEXT",
)
_HAPPENED = ("t.corp_id = :corp_id AND t.external_user_id = k.external_user_id AND t.what = k.what", "t.at >= k.since")
_DEEDS, _MOMENTS = (
    joined(
        f"k.external_user_id, t.what, t.at, {facts}",
        "history AS t",
        on=" AND ".join(_HAPPENED),
        external_user_id="TEXT",
        what="TEXT",
        since="BIGINT",
    )
    for facts in ("t.facts", "NULL AS facts")
)
_TREE = Statement("SELECT id, parent_id FROM departments WHERE corp_id = :corp_id")


async def facts(scope: Scope, needs: Needs, keys: Sequence[Key], now: datetime) -> dict[Key, Facts]:
    """The facts of customers by key, as far as `needs` goes; of whom nothing is held there is nothing to judge."""
    people = sorted({person for person, _ in keys})
    relations = await _relations(scope, needs, people) if needs.relations else {}
    inside = await _by_person(scope, _GROUPS, people) if needs.groups else ()
    groups = _gather(inside, _person, lambda row: row["chat_id"])
    tagged = await _by_person(scope, _GROUP_TAGS, people) if needs.group_tags else ()
    group_tags = _gather(tagged, _person, lambda row: row["tag_id"])
    segments = await _segments(scope, needs.segments, people) if needs.segments else {}
    fields = await _fields(scope, needs.fields, people) if needs.fields else {}
    deeds = await _deeds(scope, needs.events, people, now) if needs.events else {}
    zone = (await Settings(scope).voice()).zone if needs.today else SHANGHAI
    return {
        (person, member): Facts(
            external_user_id=person,
            relations=tuple(each for each in relations.get(person, ()) if member in ("", each.user_id)),
            groups=frozenset(groups.get(person, ())),
            group_tags=frozenset(group_tags.get(person, ())),
            segments=frozenset(segments.get(person, ())),
            fields=fields.get(person, {}),
            deeds=deeds.get(person, {}),
            zone=zone,
        )
        for person, member in keys
    }


async def _relations(scope: Scope, needs: Needs, people: Sequence[str]) -> dict[str, list[Relation]]:
    rows = await _by_person(scope, _RELATIONS, people)
    bound = await _by_person(scope, _TAGS, people) if needs.tags else ()
    tags = _gather(bound, lambda row: (row["external_user_id"], row["user_id"]), lambda row: row["tag_id"])
    floors = await _floors(scope, {row["user_id"] for row in rows}) if needs.departments else {}

    def make(row: Row) -> Relation:
        return Relation(
            user_id=row["user_id"],
            status=Status(row["status"]),
            add_way=row["add_way"],
            state=row["state"],
            channel_id=row["channel_id"],
            adds=row["adds"],
            added_at=from_ms(row["added_at"]),
            replied_at=maybe_moment(row["replied_at"]),
            departments=floors.get(row["user_id"], frozenset()),
            tags=frozenset(tags.get((row["external_user_id"], row["user_id"]), ())),
        )

    return _gather(rows, _person, make)


async def _segments(scope: Scope, segments: Iterable[int], people: Sequence[str]) -> dict[str, list[int]]:
    keys = [(person, segment) for person in people for segment in sorted(segments)]
    return _gather(await scope.fetch(_SEGMENTS, keys=encode(keys)), _person, lambda row: row["segment_id"])


async def _fields(scope: Scope, names: Iterable[str], people: Sequence[str]) -> dict[str, dict[str, Value]]:
    keys = [(person, name) for person in people for name in sorted(names)]
    found: dict[str, dict[str, Value]] = {}
    for row in await scope.fetch(_FIELDS, keys=encode(keys)):
        found.setdefault(_person(row), {})[row["name"]] = Value(row["text"], row["number"])
    return found


async def _deeds(
    scope: Scope, events: Mapping[str, Past], people: Sequence[str], now: datetime
) -> dict[str, dict[str, tuple[Deed, ...]]]:
    found: dict[str, dict[str, tuple[Deed, ...]]] = {}
    for statement, data in ((_DEEDS, True), (_MOMENTS, False)):
        asked = [(what, past.begin(now)) for what, past in sorted(events.items()) if past.data is data]
        keys = [(person, what, to_ms(begin) if begin else 0) for person in people for what, begin in asked]
        for row in await scope.fetch(statement, keys=encode(keys)) if keys else ():
            of_person = found.setdefault(_person(row), {})
            deed = Deed(from_ms(row["at"]), decode(row["facts"]) or {})
            of_person[row["what"]] = (*of_person.get(row["what"], ()), deed)
    return found


async def _floors(scope: Scope, members: Iterable[str]) -> dict[str, frozenset[int]]:
    """The departments of members, with all above them."""
    above = {row["id"]: row["parent_id"] for row in await scope.fetch(_TREE)}
    rows = await scope.fetch(_MEMBERS, keys=encode([(member,) for member in sorted(members)]))
    return {row["user_id"]: frozenset(_climb(decode(row["departments"]), above)) for row in rows}


def _climb(floor: Iterable[int], above: Mapping[int, int]) -> set[int]:
    seen: set[int] = set()
    waiting = list(floor)
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            waiting += [above[number]] if number in above else []
    return seen - {0}


async def _by_person(scope: Scope, statement: Statement, people: Sequence[str]) -> Sequence[Row]:
    return await scope.fetch(statement, keys=encode([(person,) for person in people]))


def _person(row: Row) -> str:
    return str(row["external_user_id"])


K = TypeVar("K")


def _gather(rows: Iterable[Row], key: Callable[[Row], K], make: Callable[[Row], T]) -> dict[K, list[T]]:
    found: dict[K, list[T]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(make(row))
    return found
