"""Long work in parts: what is to be done, how far each part has come, and why one halted."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, text

from storage.schema.base import big, document, maybe, metadata, moment, number, serial, words

_ALONE = text("alone <> ''")

jobs = Table(
    "jobs",
    metadata,
    serial(),
    words("corp_id"),
    words("app"),
    words("kind"),
    words("name"),
    document("body"),
    words("status"),  # running, paused, partial, done, cancelled
    words("alone"),  # its kind while no other of its kind may be open, else empty
    number("width", 1),  # how many parts go on side by side
    moment("created_at"),
    moment("changed_at"),
    maybe("finished_at"),
    big("passed_then"),  # how much was behind it when its status last changed: its pace is measured from there
    Index("ix_jobs_corp", "corp_id", "id"),
    Index("ix_jobs_kind", "corp_id", "kind", "id"),
    Index("uq_jobs_alone", "corp_id", "alone", unique=True, sqlite_where=_ALONE, postgresql_where=_ALONE),
)

job_parts = Table(
    "job_parts",
    metadata,
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    words("name"),
    document("body"),
    words("cursor"),  # where it goes on
    words("status"),  # open, done, partial
    number("round"),  # moves with every write: a step that finds another one is a leftover
    number("tries"),
    maybe("total"),
    big("size"),  # how large it is in what its steps pass, where the total is not known
    big("passed"),
    big("done"),
    big("failed"),
    number("code"),  # of what halted or postponed it
    words("reason"),
    moment("changed_at"),
)
