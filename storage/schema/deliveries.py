"""Messages to customers and groups: what they say, whom they are for, and the tasks at WeCom that carry them."""

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint, text

from storage.schema.base import document, flag, key, maybe, metadata, moment, number, serial, words

_PLANNED = text("status = 'planned'")
_CARRIED = text("mailing_id IS NOT NULL")
_TRANSACTIONAL = text("transactional")
_FILLING = text("status = 'filling'")
_OPEN = text("status IN ('making', 'unknown', 'made')")
_MADE = text("msg_id <> ''")
_UNCONFIRMED = text("open")

contents = Table(
    "contents",
    metadata,
    serial(),
    words("corp_id"),
    words("digest"),  # of the body: what is said to many is kept once
    document("body"),
    UniqueConstraint("corp_id", "digest", name="uq_contents_digest"),
)

deliveries = Table(
    "deliveries",
    metadata,
    serial(),
    words("corp_id"),
    words("kind"),  # single, group
    words("subject"),  # the customer, or the group
    maybe("ordinal"),  # which message of the subject this is; none of what was skipped
    words("user_id"),  # who sends it; '': WeCom picks who chatted last
    maybe("content_id"),
    words("origin"),  # flow, broadcast
    maybe("origin_id"),
    words("node"),
    number("version"),
    maybe("enrolment_id"),
    words("arm"),
    words("topic"),
    words("effect"),
    words("status"),  # planned, tasked, sent, failed, unsent, cancelled, skipped
    words("reason"),
    flag("transactional", default=False),
    maybe("mailing_id"),
    moment("due_at"),
    moment("at"),  # when it was judged
    maybe("ended_at"),
    UniqueConstraint("corp_id", "effect", name="uq_deliveries_effect"),
    # Two that judged the same subject at once meet here, so that no cap is ever exceeded.
    Index("ix_deliveries_subject", "corp_id", "subject", "ordinal", unique=True),
    Index("ix_deliveries_origin", "corp_id", "origin", "origin_id", "id"),
    Index(
        "ix_deliveries_due",
        "corp_id",
        "origin",
        "origin_id",
        "due_at",
        sqlite_where=_PLANNED,
        postgresql_where=_PLANNED,
    ),
    Index("ix_deliveries_transactional", "corp_id", "id", sqlite_where=_TRANSACTIONAL, postgresql_where=_TRANSACTIONAL),
    Index("ix_deliveries_mailing", "mailing_id", sqlite_where=_CARRIED, postgresql_where=_CARRIED),
)

delivery_origins = Table(
    "delivery_origins",
    metadata,
    key("corp_id"),
    key("origin"),
    Column("origin_id", BigInteger, primary_key=True, autoincrement=False),
    flag("held", default=False),  # paused: what is planned waits
    maybe("stopped_at"),  # while what was planned until then is called off
    moment("at"),  # when something was last planned, to the hour
)

mailings = Table(
    "mailings",
    metadata,
    serial(),
    words("corp_id"),
    words("app"),
    words("kind"),
    words("user_id"),
    maybe("content_id"),
    words("origin"),
    maybe("origin_id"),
    number("count"),  # of the deliveries in it
    words("status"),  # filling, making, unknown, made, ended, cancelled, refused
    words("ending"),  # how it is to end, once that is wanted: unsent, cancelled
    words("msg_id"),
    number("failed"),  # those that WeCom refused at once
    number("tries"),  # how often it was tried anew
    number("looks"),  # how often its results were read
    number("code"),
    words("reason"),
    number("reminders"),
    maybe("reminded_at"),
    maybe("escalated_at"),
    moment("created_at"),
    moment("asked_at"),  # when the latest try may have reached WeCom, at the latest
    maybe("made_at"),
    maybe("polled_at"),
    maybe("poll_at"),
    maybe("ended_at"),
    Index("ix_mailings_origin", "corp_id", "origin", "origin_id", "id"),
    Index(
        "ix_mailings_filling",
        "corp_id",
        "origin",
        "origin_id",
        "content_id",
        "user_id",
        sqlite_where=_FILLING,
        postgresql_where=_FILLING,
    ),
    Index("ix_mailings_open", "corp_id", "poll_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("uq_mailings_msg", "corp_id", "msg_id", unique=True, sqlite_where=_MADE, postgresql_where=_MADE),
)

mailing_members = Table(
    "mailing_members",
    metadata,
    Column("mailing_id", BigInteger, primary_key=True, autoincrement=False),
    key("user_id"),
    words("corp_id"),
    flag("open", default=True),  # until the mailing has ended, or all of this member's are known
    maybe("confirmed_at"),
    Index("ix_mailing_members_open", "corp_id", "user_id", sqlite_where=_UNCONFIRMED, postgresql_where=_UNCONFIRMED),
)
