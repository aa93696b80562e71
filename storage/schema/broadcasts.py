"""Broadcasts: what they say, who did what with them, their runs, and for whom each of these is."""

from sqlalchemy import BigInteger, Column, Index, Table, text

from storage.schema.base import document, key, maybe, metadata, moment, number, serial, words

_DUE = text("due_at IS NOT NULL")

broadcasts = Table(
    "broadcasts",
    metadata,
    serial(),
    words("corp_id"),
    words("app"),
    words("name"),
    words("kind"),  # customers, groups
    words("status"),  # draft, waiting, approved, rejected, scheduled, running, paused, done, cancelled
    number("edition", 1),  # counts its changes: what was approved is an edition
    document("body"),
    words("author"),  # who wrote it last
    maybe("size"),  # of its audience when that was last counted
    number("approvers"),  # how many have to approve it
    number("runs"),  # how many there have been
    maybe("next_at"),  # when the next one goes out
    words("next_wall"),  # what the clocks of customers show then, where it goes by theirs
    maybe("due_at"),  # when the clock is to ring for it
    moment("created_at"),
    moment("changed_at"),
    Index("ix_broadcasts_corp", "corp_id", "id"),
    Index("ix_broadcasts_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
)

broadcast_acts = Table(
    "broadcast_acts",
    metadata,
    serial(),
    words("corp_id"),
    Column("broadcast_id", BigInteger, nullable=False),
    words("what"),  # created, edited, copied, submitted, approved, rejected, started, paused, resumed …
    words("who"),  # user id, or the token
    words("note"),
    number("edition"),
    moment("at"),
    Index("ix_broadcast_acts", "corp_id", "broadcast_id", "id"),
)

broadcast_runs = Table(
    "broadcast_runs",
    metadata,
    serial(),
    words("corp_id"),
    Column("broadcast_id", BigInteger, nullable=False),
    number("number"),
    document("body"),  # what it says, whatever becomes of the broadcast
    words("status"),  # freezing, planning, trying, sending, done, cancelled, skipped
    words("reason"),
    maybe("job_id"),  # that plans it
    words("phase"),  # all, sample, rest
    words("winner"),  # which variant the rest gets
    words("won_by"),  # why that one
    moment("due_at"),
    words("wall"),
    number("size"),  # how many it is for
    number("pages"),
    maybe("decide_at"),
    maybe("expires_at"),
    moment("created_at"),
    maybe("ended_at"),
    Index("ix_broadcast_runs", "corp_id", "broadcast_id", "number", unique=True),
)

broadcast_pages = Table(
    "broadcast_pages",
    metadata,
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    document("subjects", "[]"),  # some thousands of those it is for
)

broadcast_loads = Table(
    "broadcast_loads",
    metadata,
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    key("user_id"),
    number("open"),  # what they had to confirm already when the run came to them
    number("count"),  # of its messages that are theirs
)
