"""Who wants to hear what: the contact policy."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), server_default="{}", nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "version"),
    )
    op.create_table(
        "consents",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("external_user_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "external_user_id", "topic"),
    )
    op.create_index("ix_consents_since", "consents", ["corp_id", "since"], unique=False)
    op.create_index("ix_consents_topic", "consents", ["corp_id", "topic", "since", "external_user_id"], unique=False)
    op.create_table(
        "zones",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("external_user_id", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "external_user_id"),
    )
    transactional = sa.text("transactional")
    op.create_index(
        "ix_deliveries_transactional",
        "deliveries",
        ["corp_id", "id"],
        unique=False,
        sqlite_where=transactional,
        postgresql_where=transactional,
    )
