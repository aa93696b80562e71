"""Duty, caps, shares and folders of channels; who came by which."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXTS = {
    "description": "", "accept": "[]", "strategy": "any", "roster": "[]", "rota": "[]", "backup": "[]",
    "wanted": "", "shown": "", "tried": "", "mode": "", "crew": "[]", "conclusion": "null",
}  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("channels") as table:
        for name, default in TEXTS.items():
            table.add_column(sa.Column(name, sa.Text(), server_default=default, nullable=False))
        for name in ("cap", "member_cap", "temporary", "session", "turn"):
            table.add_column(sa.Column(name, sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("exclusive", sa.Boolean(), server_default="0", nullable=False))
        table.add_column(sa.Column("balanced_at", sa.BigInteger(), server_default="0", nullable=False))
        table.add_column(sa.Column("folder_id", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("expires_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_channels_folder", "channels", ["corp_id", "folder_id", "id"], unique=False)
    op.create_table(
        "duty",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("present", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "user_id"),
    )
    op.create_table(
        "arrivals",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("external_user_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "external_user_id", "user_id", "at"),
    )
    op.create_index("ix_arrivals_channel", "arrivals", ["channel_id", "at", "user_id"], unique=False)
    op.create_table(
        "channel_folders",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("corp_id", "name", name="uq_channel_folders_name"),
    )
    staff = op.create_table(
        "channel_staff",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "subject", "channel_id"),
    )
    op.create_index("ix_channel_staff_channel", "channel_staff", ["channel_id"], unique=False)
    _fill(staff)


def _fill(staff: sa.Table) -> None:
    """Find the channels of a member by those that are there already."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT id, corp_id, staff, departments FROM channels WHERE status <> 'deleted'")
    ).fetchall()
    for row in rows:
        subjects = {f"user:{each}" for each in json.loads(row.staff)}
        subjects |= {f"department:{each}" for each in json.loads(row.departments)}
        for subject in sorted(subjects):
            connection.execute(sa.insert(staff).values(corp_id=row.corp_id, subject=subject, channel_id=row.id))
