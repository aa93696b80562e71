"""Moments, the part of each member in them, and what customers make of them."""

from sqlalchemy import BigInteger, Column, Index, Table, text

from storage.schema.base import document, flag, key, maybe, metadata, moment, number, serial, words

_NAMED = text("effect <> ''")
_MADE = text("moment_id <> ''")

moments = Table(
    "moments",
    metadata,
    serial(),
    words("corp_id"),
    words("effect"),  # of one that a flow wants, unique: the same one wanted twice is one
    words("name"),
    words("status"),  # see sop.moments.Status
    words("text"),
    document("attachments", "[]"),
    document("departments", "[]"),
    document("tags", "[]"),
    maybe("due_at"),
    words("author"),
    words("approver"),
    number("version", 1),
    number("attempt"),  # of posting it
    words("job_id"),  # WeCom's, of making it
    words("moment_id"),  # WeCom's
    number("code"),
    words("reason"),
    words("said"),
    document("invalid"),  # members, departments and tags that WeCom left out
    flag("cancelling", default=False),
    maybe("asked_at"),
    maybe("posted_at"),
    maybe("looked_at"),
    maybe("look_id"),  # the job that looked last
    number("reminders"),
    moment("created_at"),
    moment("changed_at"),
    maybe("ended_at"),
    Index("ix_moments_corp", "corp_id", "id"),
    Index("ix_moments_status", "corp_id", "status", "id"),
    Index("ix_moments_effect", "corp_id", "effect", unique=True, sqlite_where=_NAMED, postgresql_where=_NAMED),
    Index("ix_moments_made", "corp_id", "moment_id", unique=True, sqlite_where=_MADE, postgresql_where=_MADE),
)

moment_parts = Table(
    "moment_parts",
    metadata,
    Column("moment_id", BigInteger, primary_key=True, autoincrement=False),
    key("user_id"),
    words("corp_id"),
    words("state"),  # see sop.moments.Part
    maybe("published_at"),  # when it was first seen to be; WeCom does not tell
    maybe("audience"),  # how many customers can see it
    number("likes"),
    number("comments"),
    moment("changed_at"),
    Index("ix_moment_parts_state", "moment_id", "state", "user_id"),
    Index("ix_moment_parts_user", "corp_id", "user_id", "moment_id"),
)

moment_reactions = Table(
    "moment_reactions",
    metadata,
    Column("moment_id", BigInteger, primary_key=True, autoincrement=False),
    key("user_id"),  # who published
    key("what"),  # liked, commented
    key("by_id"),  # a customer, or a member
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    words("corp_id"),
    flag("staff", default=False),
    Index("ix_moment_reactions_at", "moment_id", "at"),
)

moment_media = Table(
    "moment_media",
    metadata,
    Column("material_id", BigInteger, primary_key=True, autoincrement=False),
    words("corp_id"),
    words("media_id"),
    maybe("expires_at"),
    maybe("asked_at"),  # while an upload is under way
)
