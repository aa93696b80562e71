"""Who uses a segment, a field, a tag or a material: what is in use is not taken away.

What is over does not count: flows and broadcasts that have ended, moments that are or will not be posted.
"""

import msgspec

from sop.uses import Kind, mentions
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.values import decode

_SOURCES = (  # what, its table, the documents that are looked into, and which rows count
    ("channel", "channels", ("tags", "conclusion"), "status NOT IN ('deleting', 'deleted')"),
    ("welcome", "welcomes", ("attachments", "slots"), "TRUE"),
    ("group_welcome", "group_welcomes", ("attachment",), "status <> 'deleted'"),
    ("group_invitation", "group_invitations", ("tags",), "TRUE"),
    ("link", "acquisition_links", ("tags",), "status <> 'deleted'"),
    ("flow", "flows", ("draft",), "status <> 'ended'"),
    ("broadcast", "broadcasts", ("body",), "status NOT IN ('done', 'cancelled')"),
    ("moment", "moments", ("attachments", "tags"), "status NOT IN ('ended', 'refused', 'failed', 'cancelled')"),
    ("segment", "segments", ("condition",), "NOT deleted"),
    ("tag_rule", "tag_rules", ("condition",), "TRUE"),
)
# Of published versions the newest counts, and those in which somebody still is.
_VERSIONS = """
    SELECT 'flow' AS what, f.id, f.name, 'draft' AS part, v.body FROM flows AS f
    JOIN flow_versions AS v ON v.flow_id = f.id
    WHERE f.corp_id = :corp_id AND f.status <> 'ended' AND v.body LIKE :pattern AND (
        v.number = f.version OR EXISTS (
            SELECT 1 FROM enrolments AS e
            WHERE e.flow_id = f.id AND e.version = v.number AND e.status = 'parked'))
    UNION ALL
    SELECT 'tag_rule', id, name, 'tag', '"' || tag_id || '"' FROM tag_rules
    WHERE corp_id = :corp_id AND tag_id = :name
"""
_USERS = Statement(
    " UNION ALL ".join(
        (
            _VERSIONS,
            *(
                f"SELECT '{what}', id, name, '{part}', {part} FROM {table} "
                f"WHERE corp_id = :corp_id AND {part} LIKE :pattern AND {counts}"
                for what, table, parts, counts in _SOURCES
                for part in parts
            ),
        )
    ),
    patient=True,
    by_keys=True,
)


class Use(msgspec.Struct, frozen=True):
    """Something that uses another, such as a flow or a broadcast."""

    what: str
    id: int
    name: str


class Uses:
    """What uses what."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def of(self, kind: Kind, name: str | int) -> tuple[Use, ...]:
        """All that uses one, by its id or name, the oldest first."""
        rows = await self._scope.fetch(_USERS, name=str(name), pattern=f"%{name}%")
        found = {
            Use(row["what"], row["id"], row["name"])
            for row in rows
            if mentions({row["part"]: decode(row["body"])}, kind, str(name))
        }
        return tuple(sorted(found, key=lambda use: use.id))
