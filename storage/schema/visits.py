"""How often the pages of codes were looked at, and the pictures that they show."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table

from storage.schema.base import big, key, metadata, moment, words

visits = Table(
    "visits",
    metadata,
    key("corp_id"),
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    key("day"),  # of the corp, as 2026-05-04
    Column("writer", BigInteger, primary_key=True, autoincrement=False),  # the process that counts, anew at each start
    big("visits"),
    big("visitors"),
)

pictures = Table(
    "pictures",
    metadata,
    key("corp_id"),
    key("url"),  # where WeCom shows it
    words("media_type"),
    moment("fetched_at"),
    Column("content", LargeBinary, nullable=False),
)
