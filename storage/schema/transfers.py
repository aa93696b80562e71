"""Who is handed over to whom, how each of them stands, and whose customers are nobody's."""

from sqlalchemy import BigInteger, Column, Index, Table, text

from storage.schema.base import document, flag, key, maybe, metadata, moment, number, serial, words

_OPEN = text("state IN ('asked', 'waiting')")
_FULL = text("state = 'limit'")
_MOVED = text("state = 'done'")
_GROUPS = text("what = 'groups'")
_UNPLACED = text("placed_at IS NULL")

transfers = Table(
    "transfers",
    metadata,
    serial(),
    words("corp_id"),
    words("what"),  # customers, groups
    words("handover"),
    flag("resigned", default=False),
    document("takers", "[]"),
    words("mode"),  # even, weighted, capacity
    document("which"),  # the filter
    words("message"),
    maybe("source_id"),  # the transfer whose misses are offered again
    maybe("job_id"),
    moment("created_at"),
    Index("ix_transfers_corp", "corp_id", "id"),
)

transfer_rows = Table(
    "transfer_rows",
    metadata,
    Column("transfer_id", BigInteger, primary_key=True, autoincrement=False),
    key("subject"),  # the customer, or the group
    words("corp_id"),
    words("what"),
    words("handover"),
    words("taker"),
    flag("resigned", default=False),
    words("state"),  # left_out, planned, asked, waiting, expired, failed, limit, refused, done
    number("rank"),  # of the state: a less certain one never overwrites
    words("reason"),  # why it was left out
    number("code"),  # WeCom's, of a failure
    maybe("asked_at"),
    maybe("ended_at"),
    moment("changed_at"),
    Index("ix_transfer_rows_subject", "corp_id", "subject"),
    Index("ix_transfer_rows_asked", "corp_id", "handover", "asked_at"),
    Index("ix_transfer_rows_open", "corp_id", "handover", "taker", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_transfer_rows_full", "corp_id", "taker", "ended_at", sqlite_where=_FULL, postgresql_where=_FULL),
    Index("ix_transfer_rows_moved", "corp_id", "ended_at", sqlite_where=_MOVED, postgresql_where=_MOVED),
    Index("ix_transfer_rows_groups", "corp_id", "asked_at", sqlite_where=_GROUPS, postgresql_where=_GROUPS),
)

unassigned = Table(
    "unassigned",
    metadata,
    key("corp_id"),
    key("handover"),
    key("external_user_id"),
    moment("left_at"),
    moment("seen_at"),  # the latest look that found it
    maybe("placed_at"),  # of the first look that did not
    Index(
        "ix_unassigned_open",
        "corp_id",
        "handover",
        "external_user_id",
        sqlite_where=_UNPLACED,
        postgresql_where=_UNPLACED,
    ),
)
