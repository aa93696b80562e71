"""Tasks of members: when they are due, put off, escalated."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for name in ("title", "reason", "origin", "node", "ended_by"):
        op.add_column("tasks", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("tasks", sa.Column("origin_id", sa.BigInteger(), server_default="0", nullable=False))
    for name in ("enrolment_id", "escalate_after", "shown_at", "look_at"):
        op.add_column("tasks", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in ("postponed", "cards", "moves"):
        op.add_column("tasks", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.execute("ALTER TABLE tasks RENAME COLUMN done_at TO ended_at")
    op.execute("UPDATE tasks SET shown_at = created_at")  # their members were told of them at the time
    op.drop_index("ix_tasks_staff", "tasks")
    op.create_index("ix_tasks_staff", "tasks", ["corp_id", "user_id", "due_at", "id"], unique=False)
    op.create_index("ix_tasks_corp", "tasks", ["corp_id", "due_at", "id"], unique=False)
    op.create_index("ix_tasks_status", "tasks", ["corp_id", "status", "due_at", "id"], unique=False)
    op.create_index("ix_tasks_customer", "tasks", ["corp_id", "external_user_id", "due_at", "id"], unique=False)
    _partial("ix_tasks_pending", ["corp_id", "user_id", "due_at", "id"], "ended_at IS NULL")
    _partial("ix_tasks_waiting", ["corp_id", "due_at", "id"], "ended_at IS NULL")
    _partial("ix_tasks_origin", ["corp_id", "origin", "origin_id", "due_at", "id"], "origin <> ''")
    _partial("ix_tasks_look", ["look_at", "id"], "look_at IS NOT NULL")
    _partial("ix_tasks_enrolment", ["enrolment_id"], "enrolment_id IS NOT NULL")


def _partial(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "tasks", columns, unique=False, sqlite_where=condition, postgresql_where=condition)
