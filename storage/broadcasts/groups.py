"""Audiences of groups: by their labels, owners, names, cities, sizes and ages."""

from collections.abc import Collection, Sequence
from typing import Any

from sop.broadcasts.document import Audience, Chats, Pick
from sop.broadcasts.plans import Target, Tie
from storage.broadcasts.exclusions import LEFT_OUT
from storage.customers import escape
from storage.engine.many import joined
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.values import encode, maybe_ms

_EACH = "(SELECT value FROM {each}(CAST(:%s AS {json})))"
_LIVE = "c.status <> 'dismissed'"
_OWNERS = joined(
    "k.subject, g.owner, g.name",
    "customer_groups AS g",
    on="g.corp_id = :corp_id AND g.chat_id = k.subject",
    left=True,
    subject="TEXT",
)


async def count(scope: Scope, audience: Audience) -> int:
    """How many groups."""
    where, params = _where(audience)
    rows = await scope.fetch(_statement("COUNT(*) AS count", where), **params)
    return int(rows[0]["count"])


async def page(scope: Scope, audience: Audience, after: str, *, most: int) -> Sequence[str]:
    """Some of them, in the order of their ids."""
    where, params = _where(audience)
    then = f"{where} AND c.chat_id > :after ORDER BY c.chat_id LIMIT :most"
    return [row[0] for row in await scope.fetch(_statement("c.chat_id", then), **params, after=after, most=most)]


async def targets(scope: Scope, subjects: Collection[str]) -> list[Target]:
    """They with their owners."""
    rows = {row["subject"]: row for row in await scope.fetch(_OWNERS, keys=encode([[each] for each in subjects]))}
    return [
        Target(each, (Tie(rows[each]["owner"], 0, 0, 0),) if rows[each]["owner"] else (), rows[each]["name"] or "")
        for each in subjects
    ]


def _statement(columns: str, where: str) -> Statement:
    return Statement(
        f"SELECT {columns} FROM customer_groups AS c WHERE c.corp_id = :corp_id AND {where}", patient=True, by_keys=True
    )


def _where(audience: Audience) -> tuple[str, dict[str, Any]]:
    excluded = audience.exclude
    params: dict[str, Any] = {}
    tests = [_LIVE, *_tests(audience, "", params)]
    tests += [f"NOT ({test})" for test in _tests(excluded, "no_", params)]
    for name, text in LEFT_OUT.items():
        if listed := getattr(excluded, name):
            tests.append(text.format("c.chat_id"))
            params[name] = encode(listed)
    return " AND ".join(f"({test})" for test in tests), params


def _tests(pick: Pick, prefix: str, params: dict[str, Any]) -> list[str]:
    found = []
    for name, column in (("subjects", "c.chat_id"), ("staff", "c.owner")):
        if listed := getattr(pick, name):
            params[prefix + name] = encode(listed)
            found.append(f"{column} IN {_EACH % (prefix + name)}")
    if pick.tags:
        params[f"{prefix}tags"] = encode(pick.tags)
        wanted = _EACH.replace("SELECT value", "SELECT CAST(value AS BIGINT)") % f"{prefix}tags"
        found.append(
            "EXISTS (SELECT 1 FROM group_bindings AS t WHERE t.corp_id = c.corp_id AND t.chat_id = c.chat_id "
            f"AND t.tag_id IN {wanted})"
        )
    if pick.chats is not None:
        found.append(" AND ".join(_chats(pick.chats, prefix, params)) or "1 = 1")
    return found


def _chats(chats: Chats, prefix: str, params: dict[str, Any]) -> list[str]:
    values = {
        "words": f"%{escape(chats.words)}%" if chats.words else None,
        "city": chats.city or None,
        "least": chats.least or None,
        "most": chats.most or None,
        "since": maybe_ms(chats.since),
        "until": maybe_ms(chats.until),
    }
    tests = {
        "words": "c.name LIKE :{} ESCAPE '!'",
        "city": "c.city = :{}",
        "least": "c.customers >= :{}",
        "most": "c.customers <= :{}",
        "since": "c.created_at >= :{}",
        "until": "c.created_at < :{}",
    }
    found = []
    for name, value in values.items():
        if value is not None:
            params[prefix + name] = value
            found.append(tests[name].format(prefix + name))
    return found
