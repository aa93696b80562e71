"""Who is meant: customers found by what others know of them, many at once."""

from collections.abc import Collection
from typing import NamedTuple

from sop.fields import digest
from storage.engine.many import joined
from storage.engine.sql import Row
from storage.scope import Scope
from storage.values import encode

ID, UNION = "external_user_id", "unionid"
_BY_ID = joined(
    "c.external_user_id, c.external_user_id AS value",
    "customers AS c",
    on="c.corp_id = :corp_id AND c.external_user_id = k.value",
    value="TEXT",
)
_BY_UNION = joined(
    "c.external_user_id, c.unionid AS value, c.created_at",
    "customers AS c",
    on="c.corp_id = :corp_id AND c.unionid = k.value AND c.unionid <> ''",
    then="ORDER BY c.created_at, c.external_user_id",
    value="TEXT",
)
_BY_FIELD = joined(
    "v.external_user_id, v.name, v.known_by AS value",
    "field_values AS v",
    on="v.corp_id = :corp_id AND v.name = k.name AND v.known_by = k.value AND v.known_by IS NOT NULL",
    name="TEXT",
    value="TEXT",
)


class Key(NamedTuple):
    """What is known of a customer: `by` is external_user_id, unionid or the name of a unique field.

    `value` is the id itself, of a field the digest of its value.
    """

    by: str
    value: str


def key(field: str, value: str) -> Key:
    """The key of a customer by the plain value of a unique field."""
    return Key(field, digest(value))


async def find(scope: Scope, keys: Collection[Key]) -> dict[Key, str]:
    """The customers whom we know, by key; of several with one unionid the newest."""
    found: dict[Key, str] = {}
    for by, statement in ((ID, _BY_ID), (UNION, _BY_UNION)):
        wanted = sorted({each.value for each in keys if each.by == by})
        rows = await scope.fetch(statement, keys=encode([[value] for value in wanted])) if wanted else ()
        found |= {Key(by, row["value"]): _name(row) for row in rows}
    pairs = sorted({each for each in keys if each.by not in (ID, UNION)})
    rows = await scope.fetch(_BY_FIELD, keys=encode(pairs)) if pairs else ()
    return found | {Key(row["name"], row["value"]): _name(row) for row in rows}


def _name(row: Row) -> str:
    return str(row["external_user_id"])
