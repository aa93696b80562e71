"""Acquisition links and who came by them, intercept rules, customer strategies, and how quotas were used."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _words(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _list(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="[]", nullable=False)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str, default: str = "0") -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), server_default=default, nullable=False)


def _big(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _twin() -> tuple[sa.Column[Any], ...]:
    return (
        _number("version", "1"),
        _number("seen"),
        _number("asked"),
        _words("status"),
        _words("reason"),
        _big("read_at", nullable=True),
        _big("created_at"),
        _big("changed_at"),
    )


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "acquisition_links",
        _id(),
        _words("corp_id"),
        _words("name"),
        _list("staff"),
        _list("departments"),
        _list("tags"),
        sa.Column("skip_verify", sa.Boolean(), server_default="1", nullable=False),
        _words("priority"),
        _list("priority_staff"),
        _words("link_id"),
        _words("url"),
        sa.Column("available", sa.Boolean(), server_default="1", nullable=False),
        *_twin(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_acquisition_links_corp", "acquisition_links", ["corp_id", "id"])
    op.create_index("ix_acquisition_links_link", "acquisition_links", ["corp_id", "link_id"])
    op.create_table(
        "acquisition_customers",
        _key("corp_id"),
        _key("external_user_id"),
        _key("user_id"),
        _big("link"),
        _words("source"),
        _number("chat"),
        _number("messages"),
        _big("came_at"),
        _big("wrote_at", nullable=True),
        _big("left_at", nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "external_user_id", "user_id"),
    )
    op.create_index(
        "ix_acquisition_customers_link",
        "acquisition_customers",
        ["corp_id", "link", "came_at", "external_user_id", "user_id"],
    )
    op.create_table(
        "acquisition_visits",
        _key("corp_id"),
        sa.Column("link", sa.BigInteger(), autoincrement=False, nullable=False),
        _key("source"),
        _key("day"),
        _number("opened"),
        _number("requested"),
        sa.PrimaryKeyConstraint("corp_id", "link", "source", "day"),
    )
    op.create_table(
        "acquisition_days",
        _key("corp_id"),
        sa.Column("link", sa.BigInteger(), autoincrement=False, nullable=False),
        _key("day"),
        _number("clicks"),
        _number("customers"),
        sa.PrimaryKeyConstraint("corp_id", "link", "day"),
    )
    op.create_table(
        "intercepts",
        _id(),
        _words("corp_id"),
        _words("name"),
        _list("words"),
        _list("semantics"),
        _words("kind"),
        _list("staff"),
        _list("departments"),
        _words("rule_id"),
        *_twin(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_intercepts_corp", "intercepts", ["corp_id", "id"])
    op.create_index("ix_intercepts_rule", "intercepts", ["corp_id", "rule_id"])
    op.create_table(
        "strategies",
        _key("corp_id"),
        _id(),
        sa.Column("parent_id", sa.BigInteger(), server_default="0", nullable=False),
        _words("name"),
        _list("admins"),
        sa.Column("privilege", sa.Text(), server_default="{}", nullable=False),
        _big("made_at", nullable=True),
        _big("read_at"),
        sa.PrimaryKeyConstraint("corp_id", "id"),
    )
    op.create_table(
        "strategy_ranges",
        _key("corp_id"),
        sa.Column("strategy_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _key("subject"),
        _big("read_at"),
        sa.PrimaryKeyConstraint("corp_id", "strategy_id", "subject"),
    )
    op.create_table(
        "quota_samples",
        _key("corp_id"),
        _key("name"),
        _key("day"),
        sa.Column("used", sa.BigInteger(), server_default="0", nullable=False),
        _big("most", nullable=True),
        _number("level"),
        sa.Column("facts", sa.Text(), server_default="{}", nullable=False),
        _big("at"),
        sa.PrimaryKeyConstraint("corp_id", "name", "day"),
    )
    prompts = sa.text("kind = 'prompt'")
    op.create_index(
        "ix_intents_prompts", "intents", ["corp_id", "finished_at"], sqlite_where=prompts, postgresql_where=prompts
    )
