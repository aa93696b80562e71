"""What members of staff have to do."""

from sqlalchemy import Index, Table, text

from storage.schema.base import big, maybe, metadata, moment, number, serial, words

_PENDING = text("ended_at IS NULL")
_GIVEN = text("origin <> ''")
_AWAITED = text("look_at IS NOT NULL")
_ENROLLED = text("enrolment_id IS NOT NULL")

tasks = Table(
    "tasks",
    metadata,
    serial(),
    words("corp_id"),
    words("user_id"),
    words("external_user_id"),
    words("what"),  # greet, followup, invite …
    words("title"),
    words("text"),  # what is to be said or known
    words("status"),  # open, postponed, overdue, escalated, done, cancelled
    words("reason"),  # why it was cancelled
    words("effect", unique=True),
    words("origin"),  # who gave it and hears of its end: flow …
    big("origin_id"),
    words("node"),
    maybe("enrolment_id"),
    maybe("event_id"),
    moment("due_at"),
    maybe("escalate_after"),  # milliseconds from due_at until the lead is told
    maybe("shown_at"),  # when the member was told of it
    maybe("look_at"),  # when something is next to be done about it
    number("postponed"),  # how often
    number("cards"),  # how many have gone out
    number("moves"),  # how often it was changed: who changes it names the number they have read
    moment("created_at"),
    maybe("ended_at"),
    words("ended_by"),
    Index("ix_tasks_staff", "corp_id", "user_id", "due_at", "id"),
    Index("ix_tasks_pending", "corp_id", "user_id", "due_at", "id", sqlite_where=_PENDING, postgresql_where=_PENDING),
    Index("ix_tasks_corp", "corp_id", "due_at", "id"),
    Index("ix_tasks_waiting", "corp_id", "due_at", "id", sqlite_where=_PENDING, postgresql_where=_PENDING),
    Index("ix_tasks_status", "corp_id", "status", "due_at", "id"),
    Index("ix_tasks_customer", "corp_id", "external_user_id", "due_at", "id"),
    Index(
        "ix_tasks_origin",
        "corp_id",
        "origin",
        "origin_id",
        "due_at",
        "id",
        sqlite_where=_GIVEN,
        postgresql_where=_GIVEN,
    ),
    Index("ix_tasks_look", "look_at", "id", sqlite_where=_AWAITED, postgresql_where=_AWAITED),
    Index("ix_tasks_enrolment", "enrolment_id", sqlite_where=_ENROLLED, postgresql_where=_ENROLLED),
)
