"""Segments: conditions with their members, and who came and went in each run."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from storage.schema.base import big, document, flag, key, maybe, metadata, moment, number, serial, words


def _segment() -> Column[int]:
    return Column("segment_id", BigInteger, primary_key=True, autoincrement=False)


segments = Table(
    "segments",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    document("condition"),
    number("hours", 24),  # between two refreshes
    flag("enabled", default=True),
    flag("deleted", default=False),  # its members are being taken away
    number("version", 1),
    big("count"),  # members
    number("run"),  # of the last refresh that was begun
    big("job_id"),  # of the refresh that is under way, 0 when none is
    maybe("refreshed_at"),  # when the last refresh was begun that has ended
    moment("created_at"),
    moment("changed_at"),
    Index("ix_segments_corp", "corp_id", "id"),
)

segment_members = Table(
    "segment_members",
    metadata,
    key("corp_id"),
    _segment(),
    key("external_user_id"),
    moment("entered_at"),
)

segment_moves = Table(
    "segment_moves",
    metadata,
    key("corp_id"),
    _segment(),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("entered", Integer, primary_key=True, autoincrement=False),  # 1 entered, 0 left
    key("external_user_id"),
    moment("at"),
    Index("ix_segment_moves_customer", "corp_id", "external_user_id", "at"),
    Index("ix_segment_moves_age", "at"),
)

segment_runs = Table(
    "segment_runs",
    metadata,
    key("corp_id"),
    _segment(),
    Column("run", Integer, primary_key=True, autoincrement=False),
    number("version"),  # of the condition
    big("job_id"),
    big("count"),  # members at the end
    big("entered"),
    big("left_count"),
    words("status"),  # running, done, partial, cancelled
    moment("begun_at"),
    maybe("ended_at"),
)
