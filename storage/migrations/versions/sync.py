"""What a sync found, when it saw it, what differed, and how many customers everyone has on both sides."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("relations") as relations:
        relations.add_column(sa.Column("found_at", sa.BigInteger(), nullable=True))
        relations.add_column(sa.Column("told_at", sa.BigInteger(), server_default="0", nullable=False))
        relations.add_column(sa.Column("seen_at", sa.BigInteger(), server_default="0", nullable=False))
    op.drop_index("ix_customers_name", "customers")  # names are searched for by what they contain, which it cannot help
    op.drop_index("ix_relations_channel", "relations")
    by_code = sa.text("channel_id IS NOT NULL")
    op.create_index(
        "ix_relations_channel",
        "relations",
        ["channel_id", "added_at"],
        unique=False,
        sqlite_where=by_code,
        postgresql_where=by_code,
    )
    op.create_index("ix_channels_way", "channels", ["corp_id", "config_id"], unique=False)
    # What was found used to be a line of the history; it is a column of the relation now.
    op.execute("""
        UPDATE relations SET found_at = (
            SELECT MIN(h.at) FROM history AS h
            WHERE h.corp_id = relations.corp_id AND h.external_user_id = relations.external_user_id
              AND h.user_id = relations.user_id AND h.what = 'found'
        )
    """)
    op.create_table(
        "drifts",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), server_default="{}", nullable=False),
        sa.Column("repaired", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "kind", "key", "what"),
    )
    op.create_table(
        "drift_counts",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("repaired", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("job_id", "part", "kind", "what"),
    )
    op.create_table(
        "member_counts",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), server_default="0", nullable=False),
        sa.Column("there", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("here", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("job_id", "user_id"),
    )
    op.create_table(
        "sightings",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "kind", "key"),
    )
