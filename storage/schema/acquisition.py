"""Acquisition links and who came by them, intercept rules, customer strategies, and how quotas were used."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from storage.schema.base import big, document, flag, key, maybe, metadata, moment, number, serial, twin, words

acquisition_links = Table(
    "acquisition_links",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    document("staff", "[]"),
    document("departments", "[]"),
    document("tags", "[]"),
    flag("skip_verify", default=True),
    words("priority"),  # anyone, listed, or empty
    document("priority_staff", "[]"),
    words("link_id"),  # WeCom's
    words("url"),
    flag("available", default=True),  # somebody behind it can add customers
    *twin(),
    Index("ix_acquisition_links_corp", "corp_id", "id"),
    Index("ix_acquisition_links_link", "corp_id", "link_id"),
)

acquisition_customers = Table(
    "acquisition_customers",
    metadata,
    key("corp_id"),
    key("external_user_id"),
    key("user_id"),
    Column("link", BigInteger, nullable=False),  # our id of it
    words("source"),  # as named in the address
    number("chat"),  # 0 no message yet, 1 has written, 2 unknown
    number("messages"),  # as far as WeCom told
    moment("came_at"),
    maybe("wrote_at"),
    maybe("left_at"),
    Index("ix_acquisition_customers_link", "corp_id", "link", "came_at", "external_user_id", "user_id"),
)

acquisition_visits = Table(
    "acquisition_visits",
    metadata,
    key("corp_id"),
    Column("link", BigInteger, primary_key=True, autoincrement=False),  # our id of it
    key("source"),
    key("day"),  # 2026-05-04, by the corp's clocks
    number("opened"),  # a member's profile was opened by the link
    number("requested"),  # a member was asked for contact
)

acquisition_days = Table(  # what WeCom counts of a link, day by day
    "acquisition_days",
    metadata,
    key("corp_id"),
    Column("link", BigInteger, primary_key=True, autoincrement=False),  # our id of it
    key("day"),  # 2026-05-04, in China
    number("clicks"),  # customers who have opened it
    number("customers"),  # who were added by it
)

intercepts = Table(
    "intercepts",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    document("words", "[]"),
    document("semantics", "[]"),  # phone, mail, red_packet
    words("kind"),  # block, warn
    document("staff", "[]"),
    document("departments", "[]"),
    words("rule_id"),  # WeCom's
    *twin(),
    Index("ix_intercepts_corp", "corp_id", "id"),
    Index("ix_intercepts_rule", "corp_id", "rule_id"),
)

strategies = Table(
    "strategies",
    metadata,
    key("corp_id"),
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # WeCom's
    big("parent_id"),
    words("name"),
    document("admins", "[]"),
    document("privilege"),
    maybe("made_at"),
    moment("read_at"),
)

strategy_ranges = Table(
    "strategy_ranges",
    metadata,
    key("corp_id"),
    Column("strategy_id", BigInteger, primary_key=True, autoincrement=False),
    key("subject"),  # user:chen or department:3
    moment("read_at"),
)

quota_samples = Table(
    "quota_samples",
    metadata,
    key("corp_id"),
    key("name"),
    Column("day", Text, primary_key=True),  # 2026-05-04, by the corp's clocks
    big("used"),
    maybe("most"),
    Column("level", Integer, nullable=False, server_default="0"),  # 0 ok, 1 warn, 2 critical
    document("facts"),
    moment("at"),
)
