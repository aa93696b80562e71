"""Who is on duty and who came by which code: what the assignment of a code's customers rests on."""

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint

from storage.schema.base import big, flag, key, maybe, metadata, moment, serial, words

duty = Table(
    "duty",
    metadata,
    key("corp_id"),
    key("user_id"),
    flag("present", default=True),  # on duty as the rota has it; else off until `until`, or until changed
    moment("since"),
    maybe("until"),
    words("by"),  # the member, or an operator's token
)

arrivals = Table(
    "arrivals",
    metadata,
    key("corp_id"),
    key("external_user_id"),
    key("user_id"),
    Column("at", BigInteger, primary_key=True, autoincrement=False),  # of the visit's first add
    big("channel_id"),
    Index("ix_arrivals_channel", "channel_id", "at", "user_id"),
)

channel_folders = Table(
    "channel_folders",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    moment("created_at"),
    UniqueConstraint("corp_id", "name", name="uq_channel_folders_name"),
)

channel_staff = Table(
    "channel_staff",
    metadata,
    key("corp_id"),
    key("subject"),  # user:chen or department:3
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_channel_staff_channel", "channel_id"),
)
