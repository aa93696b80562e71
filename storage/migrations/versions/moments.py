"""Moments: what is posted to customers, by whom, and what they think of it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "moments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("effect", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("attachments", sa.Text(), server_default="[]", nullable=False),
        sa.Column("departments", sa.Text(), server_default="[]", nullable=False),
        sa.Column("tags", sa.Text(), server_default="[]", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("approver", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("job_id", sa.Text(), server_default="", nullable=False),
        sa.Column("moment_id", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("invalid", sa.Text(), server_default="{}", nullable=False),
        sa.Column("cancelling", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("posted_at", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("look_id", sa.BigInteger(), nullable=True),
        sa.Column("reminders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_moments_corp", "moments", ["corp_id", "id"], unique=False)
    op.create_index(
        "ix_moments_effect",
        "moments",
        ["corp_id", "effect"],
        unique=True,
        sqlite_where=sa.text("effect <> ''"),
        postgresql_where=sa.text("effect <> ''"),
    )
    op.create_index(
        "ix_moments_made",
        "moments",
        ["corp_id", "moment_id"],
        unique=True,
        sqlite_where=sa.text("moment_id <> ''"),
        postgresql_where=sa.text("moment_id <> ''"),
    )
    op.create_index("ix_moments_status", "moments", ["corp_id", "status", "id"], unique=False)
    op.create_table(
        "moment_parts",
        sa.Column("moment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("audience", sa.BigInteger(), nullable=True),
        sa.Column("likes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("comments", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("moment_id", "user_id"),
    )
    op.create_index("ix_moment_parts_state", "moment_parts", ["moment_id", "state", "user_id"], unique=False)
    op.create_index("ix_moment_parts_user", "moment_parts", ["corp_id", "user_id", "moment_id"], unique=False)
    op.create_table(
        "moment_reactions",
        sa.Column("moment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("staff", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("moment_id", "user_id", "what", "by_id", "at"),
    )
    op.create_index("ix_moment_reactions_at", "moment_reactions", ["moment_id", "at"], unique=False)
    op.create_table(
        "moment_media",
        sa.Column("material_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("media_id", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("material_id"),
    )
