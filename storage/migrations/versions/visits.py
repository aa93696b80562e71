"""Visits to the pages of codes, their pictures, and which channel a piece of history belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_OPENING = "what IN ('half_added', 'found', 'added', 'returned')"
_TOLD = {
    "sqlite": "json_extract(facts, '$.channel_id')",
    "postgresql": "CAST(CAST(facts AS JSON) ->> 'channel_id' AS BIGINT)",
}


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("writer", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("visits", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("visitors", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "channel_id", "day", "writer"),
    )
    op.create_table(
        "pictures",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), server_default="", nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "url"),
    )
    op.add_column("history", sa.Column("channel_id", sa.BigInteger(), nullable=True))
    op.execute(f"UPDATE history SET channel_id = {_TOLD[op.get_bind().dialect.name]} WHERE {_OPENING}")
    known = sa.text("channel_id IS NOT NULL")
    op.create_index("ix_history_channel", "history", ["channel_id", "at"], sqlite_where=known, postgresql_where=known)
    op.create_index("ix_channels_name", "channels", ["corp_id", "name"])
