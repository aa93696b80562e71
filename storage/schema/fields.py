"""What a corp notes of its customers beyond WeCom, the events that others send, and whom we tell of things."""

from sqlalchemy import Column, Double, Index, Table, Text, text

from storage.schema.base import document, flag, key, maybe, metadata, moment, serial, words

_KEYED = text("known_by IS NOT NULL")

fields = Table(
    "fields",
    metadata,
    key("corp_id"),
    key("name"),  # as conditions and tables call it
    words("kind"),  # text, number, date, choice, flag
    words("zh"),
    words("en"),
    document("choices", "[]"),  # of a choice: value, zh, en, in their order
    flag("personal", default=False),  # shown to those only who may see people
    flag("identifies", default=False),  # no two customers have the same, so it tells who is meant
    maybe("ended_at"),  # given up: its values are being taken away
    moment("created_at"),
    moment("changed_at"),
)

field_values = Table(
    "field_values",
    metadata,
    key("corp_id"),
    key("external_user_id"),
    key("name"),
    words("text"),  # a text or choice as it is, a date as 2026-05-01, a flag as true or false, of a number nothing
    Column("number", Double, nullable=True),  # a number as it is, a date in days since 1970, a flag as 1 or 0
    Column("known_by", Text, nullable=True),  # SHA-256 of the value, where the field identifies
    moment("at"),
    Index("ix_field_values_number", "corp_id", "name", "number"),
    Index("ix_field_values_text", "corp_id", "name", "text"),
    Index(
        "ix_field_values_known", "corp_id", "name", "known_by",
        unique=True, sqlite_where=_KEYED, postgresql_where=_KEYED,
    ),
)  # fmt: skip

event_types = Table(
    "event_types",
    metadata,
    key("corp_id"),
    key("name"),
    words("zh"),
    words("en"),
    document("fields", "[]"),  # name, kind, needed, zh, en
    flag("enabled", default=True),
    moment("created_at"),
    moment("changed_at"),
)

parked_events = Table(
    "parked_events",
    metadata,
    key("corp_id"),
    key("effect"),  # as it will be in the history
    words("name"),
    words("known_by"),  # external_user_id, unionid, or the name of a field
    words("value"),  # of a field its SHA-256
    words("user_id"),  # the member whom it concerns
    document("facts"),
    moment("at"),
    moment("parked_at"),
    Index("ix_parked_events_value", "corp_id", "known_by", "value"),
    Index("ix_parked_events_age", "corp_id", "parked_at", "effect"),
)

webhooks = Table(
    "webhooks",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    words("url"),
    words("secret"),
    flag("enabled", default=True),
    moment("created_at"),
    moment("changed_at"),
    Index("ix_webhooks_corp", "corp_id", "id"),
)
