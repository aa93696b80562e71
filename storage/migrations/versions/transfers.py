"""Transfers of customers and groups, and the customers of those who left."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("handover", sa.Text(), server_default="", nullable=False),
        sa.Column("resigned", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("takers", sa.Text(), server_default="[]", nullable=False),
        sa.Column("mode", sa.Text(), server_default="", nullable=False),
        sa.Column("which", sa.Text(), server_default="{}", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transfers_corp", "transfers", ["corp_id", "id"], unique=False)
    op.create_table(
        "transfer_rows",
        sa.Column("transfer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("handover", sa.Text(), server_default="", nullable=False),
        sa.Column("taker", sa.Text(), server_default="", nullable=False),
        sa.Column("resigned", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("transfer_id", "subject"),
    )
    op.create_index("ix_transfer_rows_subject", "transfer_rows", ["corp_id", "subject"], unique=False)
    op.create_index("ix_transfer_rows_asked", "transfer_rows", ["corp_id", "handover", "asked_at"], unique=False)
    _partial(
        "ix_transfer_rows_open", "transfer_rows", ["corp_id", "handover", "taker"], "state IN ('asked', 'waiting')"
    )
    _partial("ix_transfer_rows_full", "transfer_rows", ["corp_id", "taker", "ended_at"], "state = 'limit'")
    _partial("ix_transfer_rows_moved", "transfer_rows", ["corp_id", "ended_at"], "state = 'done'")
    _partial("ix_transfer_rows_groups", "transfer_rows", ["corp_id", "asked_at"], "what = 'groups'")
    op.create_table(
        "unassigned",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("handover", sa.Text(), nullable=False),
        sa.Column("external_user_id", sa.Text(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "handover", "external_user_id"),
    )
    _partial("ix_unassigned_open", "unassigned", ["corp_id", "handover", "external_user_id"], "placed_at IS NULL")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)
