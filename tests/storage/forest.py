"""Random conditions, and a world of random customers on whom they can hold: small words, so that much coincides."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Table, insert

from sop.relations import Status
from storage.database import Database
from storage.engine.sql import Statement, Unit
from storage.schema.fields import field_values
from storage.schema.groups import group_bindings, group_members
from storage.schema.people import bindings, customers, departments, history, relations, staff
from storage.schema.segments import segment_members
from storage.values import encode, to_ms

NOW = datetime(2027, 2, 27, 17, 30, tzinfo=UTC)  # on the corp's clocks the 28th already, in a year without a 29th
DAY = timedelta(days=1)
MEMBERS = ("chen", "lin", "wang")
TAGS = ("et1", "et2", "et3")
STATES = ("", "s-1", "s-2")
EVENTS = ("order_paid", "cart_unpaid", "added")
WORDS = ("", "金卡", "银卡", "金卡 VIP", "100", "true")
COUNTS = (0, 1, 2, 2.5, 99.99, 100, -3, 2**40)
DATES = ("1990-02-28", "2000-02-29", "1985-03-01", "2027-02-28", "2027-03-07", "2026-12-31", "2027-02-20")
SPANS = (0, 1, 2, 3, 7, 30, 2**53 - 1)


def world(people: int, *, seed: int = 7) -> Iterable[tuple[Table, list[dict[str, Any]]]]:
    """The rows of so many random customers."""
    pick = random.Random(seed)
    names = [f"wm{number:04}" for number in range(people)]
    yield customers, [{"external_user_id": name, "created_at": 0, "changed_at": 0} for name in names]
    yield departments, [{"id": each, "parent_id": above, "changed_at": 0} for each, above in ((1, 0), (2, 1), (3, 2))]
    homes = (("chen", [3]), ("lin", [2, 9]), ("wang", [1]))
    yield staff, [{"user_id": name, "departments": encode(home), "changed_at": 0} for name, home in homes]
    ties = [(name, member) for name in names for member in MEMBERS if pick.random() < 0.5]
    yield relations, [_relation(pick, *tie) for tie in ties]
    tagged = [(*tie, tag) for tie in ties for tag in TAGS if pick.random() < 0.3]
    bound = [{"external_user_id": name, "user_id": member, "tag_id": tag, "at": 0} for name, member, tag in tagged]
    yield bindings, bound
    stays = [(name, chat, turn) for name in names for chat in ("wr1", "wr2") for turn in (1, 2) if pick.random() < 0.3]
    yield group_members, [_stay(pick, *stay) for stay in stays]
    yield group_bindings, [{"tag_id": 5, "chat_id": "wr1", "at": 0}, {"tag_id": 6, "chat_id": "wr2", "at": 0}]
    yield segment_members, _in(pick, names)
    held = [(name, field) for name in names for field in ("city", "score", "stage", "birthday", "vip")]
    yield field_values, [_value(pick, *each) for each in held if pick.random() < 0.6]
    deeds = [(name, number) for name in names for number in range(pick.choice((0, 1, 3, 5)))]
    yield history, [_deed(pick, at, name) for at, (name, _) in enumerate(deeds)]


def _moment(pick: random.Random) -> int:
    """Whole days ago, sometimes one thousandth of a second more or less."""
    return to_ms(NOW - DAY * pick.choice((0, 1, 2, 3, 7, 8, 30, 31, 400))) + pick.choice((-1, 0, 0, 1))


def _relation(pick: random.Random, name: str, member: str) -> dict[str, Any]:
    added = _moment(pick)
    return {
        "external_user_id": name,
        "user_id": member,
        "status": pick.choice(tuple(Status)).value,
        "add_way": pick.choice((0, 1, 16)),
        "state": pick.choice(STATES),
        "channel_id": pick.choice((None, 7, 8)),
        "adds": pick.choice((1, 1, 2)),
        "added_at": added,
        "first_added_at": added,
        "replied_at": pick.choice((None, added, _moment(pick))),
        "changed_at": added,
    }


def _stay(pick: random.Random, name: str, chat: str, joined: int) -> dict[str, Any]:
    left = pick.choice((None, None, 9))
    return {"chat_id": chat, "member_id": name, "joined_at": joined, "left_at": left}


def _in(pick: random.Random, names: Sequence[str]) -> list[dict[str, Any]]:
    inside = [(segment, name) for name in names for segment in (1, 2) if pick.random() < 0.4]
    return [{"segment_id": segment, "external_user_id": name, "entered_at": 0} for segment, name in inside]


def _value(pick: random.Random, name: str, field: str) -> dict[str, Any]:
    text, number = "", None
    match field:
        case "city" | "stage":
            text = pick.choice(WORDS)
        case "score":
            number = float(pick.choice(COUNTS))
        case "birthday":
            text = pick.choice(DATES)
            number = float((date.fromisoformat(text) - date(1970, 1, 1)).days)
        case _:
            text, number = pick.choice((("true", 1.0), ("false", 0.0)))
    return {"external_user_id": name, "name": field, "text": text, "number": number, "at": 0}


def _deed(pick: random.Random, at: int, name: str) -> dict[str, Any]:
    about = {"amount": pick.choice(COUNTS), "sku": pick.choice(WORDS), "paid": pick.choice((True, False, 1, "true"))}
    data = {key: value for key, value in about.items() if pick.random() < 0.8} | {"mixed": pick.choice((1, "1", None))}
    return {
        "id": at,
        "external_user_id": name,
        "what": pick.choice(EVENTS),
        "effect": f"e{at}",
        "facts": encode(data),
        "at": _moment(pick),
    }


async def plant(database: Database, people: int) -> list[str]:
    """Write the world; the customers."""
    names: list[str] = []
    for table, rows in world(people):
        unit = Unit()
        for row in rows:
            unit.add(Statement(insert(table).values({"corp_id": "ww1", **row})))
        await database.commit(unit)
        names = names or [row["external_user_id"] for row in rows]
    return names


def _some(values: Sequence[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most)


def _span(values: Sequence[float]) -> st.SearchStrategy[dict[str, Any]]:
    ends = st.fixed_dictionaries({}, optional={"least": st.sampled_from(values), "most": st.sampled_from(values)})
    return ends.filter(bool)


def _comparison() -> st.SearchStrategy[dict[str, Any]]:
    scalars = st.sampled_from((*WORDS, *COUNTS, True, False))
    parts = {
        "equals": scalars,
        "in": st.lists(scalars, min_size=1, max_size=4),
        "contains": st.sampled_from(("金", "1", "VIP", "%", "_")),
        "least": st.sampled_from(COUNTS),
        "most": st.sampled_from(COUNTS),
    }
    return st.fixed_dictionaries({}, optional=parts).filter(bool)


def _fields() -> st.SearchStrategy[dict[str, Any]]:
    name = st.sampled_from(("city", "score", "birthday", "vip", "none"))
    return st.builds(lambda name, wanted: {"name": name, **wanted}, name, st.just({}) | _comparison())


def _dates() -> st.SearchStrategy[dict[str, Any]]:
    days = st.sampled_from((-400, -60, -7, -1, 0, 1, 7, 60, 400))
    ends = st.fixed_dictionaries({}, optional={"least": days, "most": days}).filter(bool)
    more = st.fixed_dictionaries(
        {"name": st.sampled_from(("birthday", "score", "city"))}, optional={"yearly": st.booleans()}
    )
    return st.builds(lambda more, ends: {**more, **ends}, more, ends)


def _since() -> st.SearchStrategy[dict[str, Any]]:
    moments = st.sampled_from([(NOW - DAY * days).isoformat() for days in (1, 7, 31)])
    days = st.sampled_from((1, 2, 7, 30, 36_500))
    return (
        st.just({})
        | st.builds(lambda each: {"since": each}, moments)
        | st.builds(lambda each: {"since_days": each}, days)
    )


def _did() -> st.SearchStrategy[dict[str, Any]]:
    where = st.dictionaries(st.sampled_from(("amount", "sku", "paid", "mixed")), _comparison(), min_size=1, max_size=2)
    about = st.fixed_dictionaries(
        {"event": st.sampled_from((*EVENTS, "never"))}, optional={"where": where, "count": _span(SPANS)}
    )
    return st.builds(lambda about, since: {**about, **since}, about, _since())


def _rfm() -> st.SearchStrategy[dict[str, Any]]:
    optional = {
        "event": st.sampled_from(EVENTS),
        "amount": st.sampled_from(("amount", "paid", "sku")),
        "since_days": st.sampled_from((1, 7, 30)),
    }
    parts = {"recency": _span(SPANS), "frequency": _span(SPANS), "monetary": _span((0, 99.99, 199.98, 100, -3))}
    measured = st.fixed_dictionaries({}, optional=parts).filter(bool)
    return st.builds(lambda more, parts: {**more, **parts}, st.fixed_dictionaries({}, optional=optional), measured)


LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "channel": _some(("7", "8", "9", "07", "", "x")),
    "state": _some(STATES),
    "way": _some((0, 1, 16, 99)),
    "status": _some(tuple(map(str, Status))),
    "lost": st.booleans(),
    "returned": st.booleans(),
    "days_since_added": _span(SPANS),
    "replied": st.booleans(),
    "silent_days": _span(SPANS),
    "staff": _some((*MEMBERS, "nobody")),
    "department": _some((0, 1, 2, 3, 9, 10)),
    "tag": _some((*TAGS, "et9")),
    "groups": _span((0, 1, 2)),
    "group": _some(("wr1", "wr2", "wr9")),
    "group_tag": _some(("5", "6", "7")),
    "field": _fields(),
    "stage": _some(WORDS),
    "score": _span(COUNTS),
    "date": _dates(),
    "segment": _some(("1", "2", "3")),
    "did": _did(),
    "rfm": _rfm(),
}


def leaf(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Tests of one kind."""
    return st.builds(lambda value: {name: value}, LEAVES[name])


def trees() -> st.SearchStrategy[dict[str, Any]]:
    """Conditions of every kind, a few tests deep."""
    one = st.one_of([leaf(name) for name in LEAVES])
    joint = lambda part: st.one_of(  # noqa: E731
        st.builds(lambda parts: {"all": parts}, st.lists(part, min_size=1, max_size=4)),
        st.builds(lambda parts: {"any": parts}, st.lists(part, min_size=1, max_size=3)),
        st.builds(lambda inside: {"not": inside}, part),
        st.builds(lambda inside: {"relation": inside}, part),
    )
    return st.recursive(one, joint, max_leaves=6)
