"""What happens to customers and groups over time: flows, their versions, and how far everybody has come."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _document(name: str, empty: str = "{}") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=empty, nullable=False)


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "flows",
        _big("id"), _words("corp_id"), _words("app"), _words("name"), _words("subject"), _words("status"),
        _number("version"), _number("edition"), _document("draft"), _big("created_at"), _big("changed_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("corp_id", "name", name="uq_flows_name"),
    )  # fmt: skip
    op.create_table(
        "flow_versions",
        _big("flow_id"), _big("number"), _words("corp_id"), _document("body"), _words("digest"), _words("mode"),
        _words("by"), _big("published_at"),
        sa.PrimaryKeyConstraint("flow_id", "number"),
    )  # fmt: skip
    op.create_table(
        "flow_ears",
        _key("corp_id"), _key("name"), _big("flow_id"),
        sa.PrimaryKeyConstraint("corp_id", "name", "flow_id"),
    )  # fmt: skip
    op.create_table(
        "enrolments",
        _big("id"), _words("corp_id"), _big("flow_id"), _number("version"), _words("subject"), _words("user_id"),
        _words("key"), _words("cause"), _words("status"), _words("node"), _number("visit"), _document("visits"),
        _document("context"), _document("signal", "null"), _number("woken"),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        _big("entered_at"), _big("node_at"), _big("due_at"), _words("reason"),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_table(
        "flow_steps",
        _big("enrolment_id"), _key("node"), _big("visit"), _words("verdict"), _words("reason"), _words("port"),
        _document("facts"), _big("at"),
        sa.PrimaryKeyConstraint("enrolment_id", "node", "visit"),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_table(
        "exposures",
        _words("corp_id"), _big("flow_id"), _key("node"), _key("subject"), _words("arm"), _big("at"),
        sa.Column("converted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("flow_id", "node", "subject"),
        sqlite_with_rowid=False,
    )  # fmt: skip
    parked, caused, running = sa.text("status = 'parked'"), sa.text("cause <> ''"), sa.text("status = 'running'")
    for name, table, columns, unique, where in (
        ("ix_flows_running", "flows", ["id"], False, running),
        ("ix_enrolments_due", "enrolments", ["flow_id", "due_at", "id"], False, parked),
        ("ix_enrolments_open", "enrolments", ["corp_id", "subject", "flow_id", "key"], True, parked),
        ("ix_enrolments_cause", "enrolments", ["flow_id", "cause"], True, caused),
        ("ix_enrolments_subject", "enrolments", ["corp_id", "subject", "id"], False, None),
        ("ix_enrolments_flow", "enrolments", ["flow_id", "id"], False, None),
    ):
        op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
