"""Flows, their versions, how far everybody in them has come, what each step decided, and who got which arm."""

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint, text

from storage.schema.base import big, document, key, maybe, metadata, moment, number, serial, words

_PARKED = text("status = 'parked'")
_CAUSED = text("cause <> ''")
_LISTENING = text("status = 'running'")

flows = Table(
    "flows",
    metadata,
    serial(),
    words("corp_id"),
    words("app"),  # whose events its steps are
    words("name"),  # unique per corp: files name a flow by it
    words("subject"),  # customer, group
    words("status"),  # draft, running, paused, ended
    number("version"),  # the newest that is published, 0 for none
    number("edition"),  # counts the changes of the draft
    document("draft"),
    moment("created_at"),
    moment("changed_at"),
    UniqueConstraint("corp_id", "name", name="uq_flows_name"),
    Index("ix_flows_running", "id", sqlite_where=_LISTENING, postgresql_where=_LISTENING),
)

flow_versions = Table(
    "flow_versions",
    metadata,
    Column("flow_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    words("corp_id"),
    document("body"),
    words("digest"),  # SHA-256 of the body
    words("mode"),  # what happened to those inside when it was published: follow, finish
    words("by"),
    moment("published_at"),
)

flow_ears = Table(
    "flow_ears",
    metadata,
    key("corp_id"),
    key("name"),  # of an event that an entry, a wait, a goal or an exit of a running flow is about
    Column("flow_id", BigInteger, primary_key=True, autoincrement=False),
)

enrolments = Table(
    "enrolments",
    metadata,
    serial(),
    words("corp_id"),
    Column("flow_id", BigInteger, nullable=False),
    number("version"),
    words("subject"),  # external user id or chat id
    words("user_id"),  # the member in whose relation it is; of a group its owner
    words("key"),  # tells apart what may run at once for one subject: an order, say
    words("cause"),  # the fact that it began with: told twice, it begins once
    words("status"),  # parked, done (came to the end), exited
    words("node"),  # where the subject is
    number("visit"),  # for the how manieth time
    document("visits"),  # of all nodes
    document("context"),  # the data of the event it began with
    document("signal", "null"),  # the event that has woken it
    number("woken"),  # counts the wakings
    big("fence"),  # counts the moves
    moment("entered_at"),
    moment("node_at"),  # when it came to the node
    moment("due_at"),  # when the node is to be performed
    words("reason"),  # of its end
    maybe("ended_at"),
    Index("ix_enrolments_due", "flow_id", "due_at", "id", sqlite_where=_PARKED, postgresql_where=_PARKED),
    Index(
        "ix_enrolments_open", "corp_id", "subject", "flow_id", "key",
        unique=True, sqlite_where=_PARKED, postgresql_where=_PARKED,
    ),
    Index("ix_enrolments_cause", "flow_id", "cause", unique=True, sqlite_where=_CAUSED, postgresql_where=_CAUSED),
    Index("ix_enrolments_subject", "corp_id", "subject", "id"),
    Index("ix_enrolments_flow", "flow_id", "id"),
)  # fmt: skip

flow_steps = Table(
    "flow_steps",
    metadata,
    Column("enrolment_id", BigInteger, primary_key=True, autoincrement=False),
    key("node"),
    Column("visit", BigInteger, primary_key=True, autoincrement=False),  # the same visit of a node is never made twice
    words("verdict"),  # done, skipped, exited
    words("reason"),
    words("port"),  # where it led: next, an arm, a case
    document("facts"),
    moment("at"),
    sqlite_with_rowid=False,
)

exposures = Table(
    "exposures",
    metadata,
    words("corp_id"),
    Column("flow_id", BigInteger, primary_key=True, autoincrement=False),
    key("node"),  # of the split
    key("subject"),
    words("arm"),
    moment("at"),
    maybe("converted_at"),
    sqlite_with_rowid=False,
)
