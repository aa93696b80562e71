"""How the fields of customers are defined."""

from typing import Any

import msgspec

from sop import fields as rules
from sop.fields import Choice, Field
from storage.engine.sql import Row, Statement, upsert
from storage.scope import Scope
from storage.values import encode

_FIELD = ("kind", "zh", "en", "choices", "personal", "identifies")
_ALL = Statement(
    f"SELECT name, {', '.join(_FIELD)} FROM fields WHERE corp_id = :corp_id AND ended_at IS NULL ORDER BY name"
)
_ENDED = Statement("SELECT 1 FROM fields WHERE corp_id = :corp_id AND name = :name AND ended_at IS NOT NULL")
_DEFINE = upsert("fields", ("corp_id", "name"), (*_FIELD, "created_at", "changed_at"))
_REDEFINE = Statement(f"""
    UPDATE fields SET {", ".join(f"{name} = :{name}" for name in (*_FIELD, "changed_at"))}
    WHERE corp_id = :corp_id AND name = :name AND ended_at IS NULL
""")
_END = Statement("""
    UPDATE fields SET ended_at = :at WHERE corp_id = :corp_id AND name = :name AND ended_at IS NULL
""")
_FORGET = Statement("DELETE FROM fields WHERE corp_id = :corp_id AND name = :name AND ended_at IS NOT NULL")
_choices = msgspec.json.Decoder(tuple[Choice, ...])


class Definitions:
    """The fields that a corp's customers have."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def all(self) -> dict[str, Field]:
        """Every field by name, the built-in ones first."""
        return rules.known(await self._scope.read(_ALL, _field))

    async def ending(self, name: str) -> bool:
        """Whether the values of a field that was given up are still being taken away."""
        return bool(await self._scope.fetch(_ENDED, name=name))

    def define(self, field: Field) -> None:
        """Store a new field, or how a built-in one is to be."""
        at = self._scope.at
        self._scope.write(_DEFINE, **_row(field), created_at=at, changed_at=at)

    def end(self, name: str) -> None:
        """Give a field up: nobody sees it any more, and its values are to be taken away."""
        self._scope.write(_END, name=name, at=self._scope.at)

    def forget(self, name: str) -> None:
        """A field that was given up and has no values left is gone."""
        self._scope.write(_FORGET, name=name)


def _row(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "kind": field.kind,
        "zh": field.zh,
        "en": field.en,
        "choices": encode(field.choices),
        "personal": field.personal,
        "identifies": field.unique,
    }


def _field(row: Row) -> Field:
    return Field(
        name=row["name"],
        kind=row["kind"],
        zh=row["zh"],
        en=row["en"],
        choices=_choices.decode(row["choices"]),
        personal=bool(row["personal"]),
        unique=bool(row["identifies"]),
    )
