"""Fields of customers, the kinds of events that others send, those that wait for their customer, and webhooks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False)


def _words(name: str, default: str = "") -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _flag(name: str, default: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), server_default=default, nullable=False)


def upgrade() -> None:
    op.create_table(
        "fields",
        _key("corp_id"),
        _key("name"),
        _words("kind"),
        _words("zh"),
        _words("en"),
        _words("choices", "[]"),
        _flag("personal", "0"),
        _flag("identifies", "0"),
        _moment("ended_at", nullable=True),
        _moment("created_at"),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("corp_id", "name"),
    )
    op.create_table(
        "field_values",
        _key("corp_id"),
        _key("external_user_id"),
        _key("name"),
        _words("text"),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("known_by", sa.Text(), nullable=True),
        _moment("at"),
        sa.PrimaryKeyConstraint("corp_id", "external_user_id", "name"),
    )
    op.create_index("ix_field_values_number", "field_values", ["corp_id", "name", "number"])
    op.create_index("ix_field_values_text", "field_values", ["corp_id", "name", "text"])
    keyed = sa.text("known_by IS NOT NULL")
    op.create_index(
        "ix_field_values_known",
        "field_values",
        ["corp_id", "name", "known_by"],
        unique=True,
        sqlite_where=keyed,
        postgresql_where=keyed,
    )
    op.create_table(
        "event_types",
        _key("corp_id"),
        _key("name"),
        _words("zh"),
        _words("en"),
        _words("fields", "[]"),
        _flag("enabled", "1"),
        _moment("created_at"),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("corp_id", "name"),
    )
    op.create_table(
        "parked_events",
        _key("corp_id"),
        _key("effect"),
        _words("name"),
        _words("known_by"),
        _words("value"),
        _words("user_id"),
        _words("facts", "{}"),
        _moment("at"),
        _moment("parked_at"),
        sa.PrimaryKeyConstraint("corp_id", "effect"),
    )
    op.create_index("ix_parked_events_value", "parked_events", ["corp_id", "known_by", "value"])
    op.create_index("ix_parked_events_age", "parked_events", ["corp_id", "parked_at", "effect"])
    op.create_table(
        "webhooks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _words("corp_id"),
        _words("name"),
        _words("url"),
        _words("secret"),
        _flag("enabled", "1"),
        _moment("created_at"),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_webhooks_corp", "webhooks", ["corp_id", "id"])
    union = sa.text("unionid <> ''")
    op.create_index(
        "ix_customers_unionid", "customers", ["corp_id", "unionid"], sqlite_where=union, postgresql_where=union
    )
