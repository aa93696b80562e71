"""Tags: internal ones and those of rule groups, changes on their way, owners of a binding, rules, bulk tagging."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for table in ("tag_groups", "tags"):
        op.add_column(table, sa.Column("kind", sa.Text(), server_default="corp", nullable=False))
        op.add_column(table, sa.Column("status", sa.Text(), server_default="live", nullable=False))
        op.add_column(table, sa.Column("asked", sa.BigInteger(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("wanted", sa.Text(), server_default="{}", nullable=False))
        op.add_column(table, sa.Column("code", sa.Integer(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("tag_groups", sa.Column("strategy_id", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("relations", sa.Column("tags_at", sa.BigInteger(), server_default="0", nullable=False))
    _own()
    _rule()
    _change()


def _own() -> None:
    op.create_table(
        "tag_owners",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("external_user_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("tag_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("evidence", sa.Text(), server_default="{}", nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "external_user_id", "user_id", "tag_id", "owner"),
    )
    op.create_index("ix_tag_owners_owner", "tag_owners", ["corp_id", "owner"], unique=False)
    op.create_index("ix_tag_owners_tag", "tag_owners", ["corp_id", "tag_id"], unique=False)
    expiring = sa.text("expires_at IS NOT NULL")
    op.create_index(
        "ix_tag_owners_expiry",
        "tag_owners",
        ["expires_at"],
        unique=False,
        sqlite_where=expiring,
        postgresql_where=expiring,
    )


def _rule() -> None:
    op.create_table(
        "tag_rules",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("tag_id", sa.Text(), server_default="", nullable=False),
        sa.Column("condition", sa.Text(), server_default="{}", nullable=False),
        sa.Column("expires_days", sa.BigInteger(), nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_tag_rules_corp", "tag_rules", ["corp_id", "id"], unique=False)


def _change() -> None:
    op.create_table(
        "tag_changes",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_user_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("added", sa.Text(), server_default="[]", nullable=False),
        sa.Column("removed", sa.Text(), server_default="[]", nullable=False),
        sa.Column("code", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("counted", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "external_user_id", "user_id"),
    )
    new = sa.text("NOT counted")
    op.create_index(
        "ix_tag_changes_new", "tag_changes", ["job_id"], unique=False, sqlite_where=new, postgresql_where=new
    )
