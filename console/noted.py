"""What is noted of customers beyond WeCom, and what of it is shown to whom."""

from collections.abc import Mapping

from pydantic import Field as Described

from console.api.roles import Permission, Principal
from console.api.shapes import Answer
from sop.fields import Field, Kind, Plain, Value


class Choice(Answer):
    """One of the values of a choice."""

    value: str
    zh: str
    en: str


class FieldDefinition(Answer):
    """A field; the built-in ones are there in every corp."""

    name: str
    kind: Kind
    zh: str
    en: str
    choices: tuple[Choice, ...]
    personal: bool
    unique: bool
    built_in: bool


class FieldOnCustomer(Answer):
    """What is known of a customer; a personal value is null and `hidden` for who may not see people."""

    name: str
    kind: Kind
    zh: str
    en: str
    value: Plain | None = Described(description="date: 2026-05-01; choice: its value")
    hidden: bool


def show_values(
    principal: Principal, known: Mapping[str, Field], values: Mapping[str, Value]
) -> tuple[FieldOnCustomer, ...]:
    """The values of a customer as a caller may see them, in the order of the fields."""
    free = principal.may(Permission.SEE_PEOPLE)
    return tuple(
        FieldOnCustomer(
            name=name,
            kind=field.kind,
            zh=field.zh,
            en=field.en,
            value=values[name].plain(field.kind) if free or not field.personal else None,
            hidden=field.personal and not free,
        )
        for name, field in known.items()
        if name in values
    )
