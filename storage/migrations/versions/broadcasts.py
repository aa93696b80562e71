"""Broadcasts: audience, content, schedule, approval."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    _add_broadcasts()
    _add_runs()
    op.create_table(
        "broadcast_pages",
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subjects", sa.Text(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number"),
    )
    op.create_table(
        "broadcast_loads",
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("open", sa.Integer(), server_default="0", nullable=False),
        sa.Column("count", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("run_id", "user_id"),
    )


def _add_broadcasts() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _words("corp_id"),
        _words("app"),
        _words("name"),
        _words("kind"),
        _words("status"),
        sa.Column("edition", sa.Integer(), server_default="1", nullable=False),
        sa.Column("body", sa.Text(), server_default="{}", nullable=False),
        _words("author"),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("approvers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("runs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        _words("next_wall"),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_broadcasts_corp", "broadcasts", ["corp_id", "id"], unique=False)
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_broadcasts_due", "broadcasts", ["due_at"], unique=False, sqlite_where=due, postgresql_where=due)
    op.create_table(
        "broadcast_acts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _words("corp_id"),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        _words("what"),
        _words("who"),
        _words("note"),
        sa.Column("edition", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_broadcast_acts", "broadcast_acts", ["corp_id", "broadcast_id", "id"], unique=False)


def _add_runs() -> None:
    op.create_table(
        "broadcast_runs",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _words("corp_id"),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("body", sa.Text(), server_default="{}", nullable=False),
        _words("status"),
        _words("reason"),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        _words("phase"),
        _words("winner"),
        _words("won_by"),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        _words("wall"),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("decide_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_broadcast_runs", "broadcast_runs", ["corp_id", "broadcast_id", "number"], unique=True)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)
