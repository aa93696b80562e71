"""What happens to customers and groups over time: flows, their versions, and how far everybody has come."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

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
    for row in op.get_bind().execute(sa.text("SELECT * FROM followups")).mappings().all():
        _take_over(dict(row))
    op.execute("DELETE FROM timers WHERE kind = 'followup_due'")
    op.drop_table("followups")


def _take_over(rule: Mapping[str, Any]) -> None:
    """A follow-up becomes a flow of the same id: wait, look whether it is needless, act; those who wait wait on."""
    body = json.dumps(_flow(rule), ensure_ascii=False, sort_keys=True)
    flow = {"id": rule["id"], "corp_id": rule["corp_id"], "name": f"{rule['name']} #{rule['id']}", "body": body}
    flow |= {"at": rule["changed_at"], "created_at": rule["created_at"]}
    status = "running" if rule["enabled"] else "paused"
    run = op.get_bind().execute
    run(sa.text("""
        INSERT INTO flows (id, corp_id, name, subject, status, version, edition, draft, created_at, changed_at)
        VALUES (:id, :corp_id, :name, 'customer', :status, 1, 1, :body, :created_at, :at)
    """), {**flow, "status": status})  # fmt: skip
    run(sa.text("""
        INSERT INTO flow_versions (flow_id, number, corp_id, body, digest, mode, by, published_at)
        VALUES (:id, 1, :corp_id, :body, :digest, 'follow', 'migration', :at)
    """), {**flow, "digest": hashlib.sha256(body.encode()).hexdigest()})  # fmt: skip
    ears = [
        "added",
        "lost",
        "removed",
        "opted_out",
        *(["replied"] if json.loads(rule["unless"]).get("replied") else []),
    ]
    for name in ears:
        run(
            sa.text("INSERT INTO flow_ears (corp_id, name, flow_id) VALUES (:corp_id, :name, :id)"),
            {**flow, "name": name},
        )
    waiting = run(
        sa.text("SELECT id, body, due_at FROM timers WHERE kind = 'followup_due' AND corp_id = :corp_id"), flow
    )
    for timer in waiting.mappings().all():
        due = json.loads(timer["body"])
        if due["followup_id"] == rule["id"]:
            _wait_on(rule, dict(timer), due)


def _wait_on(rule: Mapping[str, Any], timer: Mapping[str, Any], due: Mapping[str, Any]) -> None:
    cause = f"followup:{timer['id']}"
    op.get_bind().execute(sa.text("""
        INSERT INTO enrolments (id, corp_id, flow_id, version, subject, user_id, key, cause, status, node, visit,
                                visits, entered_at, node_at, due_at)
        VALUES (:id, :corp_id, :flow_id, 1, :subject, :user_id, :cause, :cause, 'parked', 'wait', 1, :visits,
                :since, :since, :due_at)
    """), {
        "id": timer["id"], "corp_id": rule["corp_id"], "flow_id": rule["id"], "subject": due["external_user_id"],
        "user_id": due["user_id"], "cause": cause, "visits": json.dumps({"wait": 1}),
        "since": timer["due_at"] - rule["after_seconds"] * 1000, "due_at": timer["due_at"],
    })  # fmt: skip


def _flow(rule: Mapping[str, Any]) -> dict[str, Any]:
    unless, action = json.loads(rule["unless"]), json.loads(rule["action"])
    text = str(action.get("text", "")).replace("{channel}", "")
    act: dict[str, Any] = {"kind": "task", "name": rule["name"], "text": text}
    if action["kind"] == "tag":
        act = {"kind": "tag", "add": action.get("tags", [])}
    elif action["kind"] == "alert":
        act["to"] = "lead"
    nodes = {"wait": {"kind": "wait", "for": f"PT{rule['after_seconds']}S", "next": "act"}, "act": act}
    if unless.get("tags"):
        nodes["wait"]["next"] = "needless"
        tagged = {"name": "tagged", "if": {"tag": unless["tags"]}}
        nodes["needless"] = {"kind": "branch", "cases": [tagged], "next": "act"}
    entry = {"kind": "event", "event": "added", "again": "always", "channels": json.loads(rule["channels"])}
    return {
        "name": f"{rule['name']} #{rule['id']}",
        "entries": [entry],
        "exits": {"replied": bool(unless.get("replied"))},
        "start": "wait",
        "nodes": nodes,
    }
