"""Customer groups: their ledger, codes, welcomes, labels, alarms and invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "customer_groups",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("notice", sa.Text(), server_default="", nullable=False),
        sa.Column("admins", sa.Text(), server_default="[]", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("member_version", sa.Text(), server_default="", nullable=False),
        sa.Column("members", sa.Integer(), server_default="0", nullable=False),
        sa.Column("customers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("dismissed_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "chat_id"),
    )
    op.create_index("ix_customer_groups_corp", "customer_groups", ["corp_id", "created_at", "chat_id"], unique=False)
    op.create_index("ix_customer_groups_owner", "customer_groups", ["corp_id", "owner"], unique=False)
    op.create_table(
        "group_alarms",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "kind", "subject"),
    )
    op.create_table(
        "group_bindings",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "tag_id", "chat_id"),
    )
    op.create_index("ix_group_bindings_group", "group_bindings", ["corp_id", "chat_id"], unique=False)
    op.create_table(
        "group_invitations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("codes", sa.Text(), server_default="[]", nullable=False),
        sa.Column("channels", sa.Text(), server_default="[]", nullable=False),
        sa.Column("tags", sa.Text(), server_default="[]", nullable=False),
        sa.Column("by_city", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("least_seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_group_invitations_corp", "group_invitations", ["corp_id", "id"], unique=False)
    op.create_table(
        "group_members",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("scene", sa.Text(), server_default="", nullable=False),
        sa.Column("inviter", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("parting", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "chat_id", "member_id", "joined_at"),
    )
    op.create_index("ix_group_members_joined", "group_members", ["corp_id", "chat_id", "joined_at"], unique=False)
    op.create_index("ix_group_members_left", "group_members", ["corp_id", "chat_id", "left_at"], unique=False)
    op.create_index(
        "ix_group_members_member",
        "group_members",
        ["corp_id", "member_id"],
        unique=False,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index(
        "ix_group_members_state",
        "group_members",
        ["corp_id", "state", "joined_at"],
        unique=False,
        sqlite_where=sa.text("state <> ''"),
        postgresql_where=sa.text("state <> ''"),
    )
    op.create_table(
        "group_tags",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("corp_id", "name", name="uq_group_tags_name"),
    )
    op.create_table(
        "group_turns",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("chat_id", sa.Text(), server_default="", nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("scene", sa.Text(), server_default="", nullable=False),
        sa.Column("members", sa.Text(), server_default="[]", nullable=False),
        sa.Column("last_version", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_group_turns_group", "group_turns", ["corp_id", "chat_id", "at"], unique=False)
    op.create_table(
        "group_welcomes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("attachment", sa.Text(), server_default="null", nullable=False),
        sa.Column("notify", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("template_id", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_group_welcomes_corp", "group_welcomes", ["corp_id", "id"], unique=False)
    op.create_table(
        "group_days",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("new_groups", sa.Integer(), server_default="0", nullable=False),
        sa.Column("groups", sa.Integer(), server_default="0", nullable=False),
        sa.Column("talking_groups", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new_members", sa.Integer(), server_default="0", nullable=False),
        sa.Column("members", sa.Integer(), server_default="0", nullable=False),
        sa.Column("talking_members", sa.Integer(), server_default="0", nullable=False),
        sa.Column("messages", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "owner", "day"),
    )
    op.create_index("ix_group_days_day", "group_days", ["corp_id", "day"], unique=False)
    op.create_table(
        "join_way_groups",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("code_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("corp_id", "chat_id", "code_id"),
    )
    op.create_table(
        "join_ways",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("corp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("groups", sa.Text(), server_default="[]", nullable=False),
        sa.Column("spare", sa.Text(), server_default="", nullable=False),
        sa.Column("threshold", sa.Integer(), server_default="200", nullable=False),
        sa.Column("auto_create", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("base_name", sa.Text(), server_default="", nullable=False),
        sa.Column("base_number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("shown", sa.Text(), server_default="[]", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("config_id", sa.Text(), server_default="", nullable=False),
        sa.Column("qr_code", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("corp_id", "state", name="uq_join_ways_state"),
    )
    op.create_index("ix_join_ways_corp", "join_ways", ["corp_id", "id"], unique=False)
