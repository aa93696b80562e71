"""Segments: conditions with their members, and who came and went; the indexes that conditions are looked up by."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("condition", sa.Text(), server_default="{}", nullable=False),
        sa.Column("hours", sa.Integer(), server_default="24", nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("deleted", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("run", sa.Integer(), server_default="0", nullable=False),
        sa.Column("job_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refreshed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_segments_corp", "segments", ["corp_id", "id"], unique=False)
    op.create_table(
        "segment_members",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_user_id", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "segment_id", "external_user_id"),
    )
    op.create_table(
        "segment_moves",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entered", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_user_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "segment_id", "run", "entered", "external_user_id"),
    )
    op.create_index("ix_segment_moves_customer", "segment_moves", ["corp_id", "external_user_id", "at"], unique=False)
    op.create_index("ix_segment_moves_age", "segment_moves", ["at"], unique=False)
    op.create_table(
        "segment_runs",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("job_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("entered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("left_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("corp_id", "segment_id", "run"),
    )
    op.drop_index("ix_bindings_tag", "bindings")
    op.create_index("ix_bindings_tag", "bindings", ["corp_id", "tag_id", "external_user_id"], unique=False)
    op.create_index("ix_history_what", "history", ["corp_id", "what", "external_user_id", "at"], unique=False)
    op.create_index("ix_history_lately", "history", ["corp_id", "what", "at", "external_user_id"], unique=False)
