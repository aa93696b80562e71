"""What operators set up: channels, welcome rules, follow-ups, materials, and who may call the API."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, UniqueConstraint

from storage.schema.base import big, document, flag, key, maybe, metadata, moment, number, serial, words

channels = Table(
    "channels",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    words("state"),  # comes back in the callback of a scan
    document("staff", "[]"),
    document("departments", "[]"),
    document("tags", "[]"),
    words("remark"),  # template, such as {channel}-{customer}
    words("description"),  # template
    flag("skip_verify", default=True),
    document("accept", "[]"),  # windows outside of which nobody is accepted automatically
    Column("strategy", Text, nullable=False, server_default="any"),
    number("cap"),  # adds in a day, 0 for any number
    number("member_cap"),
    document("roster", "[]"),  # weight and cap of single members
    document("rota", "[]"),  # shifts
    document("backup", "[]"),  # user ids
    maybe("folder_id"),
    flag("exclusive", default=False),
    number("temporary"),  # seconds that WeCom lets the code live, 0 for ever
    number("session"),  # seconds that a chat lives which began by a temporary code, 0 for a day
    document("conclusion", "null"),  # what is said at its end
    maybe("expires_at"),  # when we take it away
    number("version", 1),  # of what we want
    number("seen", 0),  # the version that WeCom has
    number("asked", 0),  # the version that is on its way to WeCom, 0 when none is
    words("status"),  # pending, live, refused, deleting, deleted
    words("reason"),
    words("config_id"),
    words("qr_code"),
    number("turn"),  # counts the calls
    words("wanted"),  # the view that should be at WeCom now
    words("shown"),  # the view that is
    words("tried"),  # the view that was refused last
    words("mode"),  # staff, backup, last
    document("crew", "[]"),  # user ids among whom the adds are kept in proportion …
    big("balanced_at"),  # … counted since then
    moment("created_at"),
    moment("changed_at"),
    UniqueConstraint("corp_id", "state", name="uq_channels_state"),
    Index("ix_channels_corp", "corp_id", "id"),
    Index("ix_channels_way", "corp_id", "config_id"),
    Index("ix_channels_folder", "corp_id", "folder_id", "id"),
    Index("ix_channels_name", "corp_id", "name"),
)

welcomes = Table(
    "welcomes",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    words("scope_kind"),  # channel, staff, department, corp
    words("scope_id"),
    words("text"),
    document("attachments", "[]"),
    document("slots", "[]"),
    flag("enabled", default=True),
    number("version", 1),
    moment("created_at"),
    moment("changed_at"),
    Index("ix_welcomes_scope", "corp_id", "scope_kind", "scope_id"),
)

materials = Table(
    "materials",
    metadata,
    serial(),
    words("corp_id"),
    words("kind"),  # image, video, file, voice
    words("filename"),
    words("digest"),
    big("size"),
    words("media_id"),
    maybe("uploaded_at"),
    maybe("expires_at"),
    maybe("asked_at"),  # when the upload was last asked for, while it has not succeeded
    moment("created_at"),
    Column("content", LargeBinary, nullable=False),  # last, so that the columns before it are read without it
    UniqueConstraint("corp_id", "kind", "digest", name="uq_materials_digest"),
    Index("ix_materials_expiry", "corp_id", "expires_at"),
)

tokens = Table(
    "tokens",
    metadata,
    serial(),
    words("name"),
    words("role"),  # admin, operator, reviewer, rep, leader
    words("user_id"),  # the member of staff that a rep's or leader's token speaks for
    words("corp_id"),  # whose member that is: other corps may have another of the same id
    words("digest", unique=True),  # SHA-256 of the token; the token itself is shown once and kept nowhere
    moment("created_at"),
    maybe("used_at"),
    maybe("revoked_at"),
)

replies = Table(
    "replies",
    metadata,
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    key("idempotency_key"),
    words("request"),  # SHA-256 of method, path and body
    number("status"),
    document("body"),
    moment("at"),
    Index("ix_replies_at", "at"),
)

settings = Table(
    "settings",
    metadata,
    key("corp_id"),
    key("name"),
    document("value", "null"),
    moment("changed_at"),
)
