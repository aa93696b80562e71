"""The contact policy as it was written, version by version, and what customers want to hear."""

from sqlalchemy import BigInteger, Column, Index, Table

from storage.schema.base import document, flag, key, metadata, moment, words

policies = Table(
    "policies",
    metadata,
    key("corp_id"),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    document("body"),
    words("by"),
    moment("at"),
)

consents = Table(
    "consents",
    metadata,
    key("corp_id"),
    key("external_user_id"),
    key("topic"),  # "*": any contact at all
    flag("given", default=False),
    words("by"),  # who noted it
    words("why"),
    moment("since"),
    Index("ix_consents_since", "corp_id", "since"),
    Index("ix_consents_topic", "corp_id", "topic", "since", "external_user_id"),
)

zones = Table(  # of customers who do not live by the corp's clocks
    "zones",
    metadata,
    key("corp_id"),
    key("external_user_id"),
    words("zone"),
    moment("changed_at"),
)
