"""Customer groups: the ledger, what callbacks said of it, labels and alarms, codes, welcomes, invitations."""

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint, text

from storage.schema.base import big, document, flag, key, maybe, metadata, moment, number, serial, twin, words

_INSIDE = text("left_at IS NULL")
_BY_CODE = text("state <> ''")

customer_groups = Table(
    "customer_groups",
    metadata,
    key("corp_id"),
    key("chat_id"),
    words("name"),
    words("owner"),  # user id
    words("notice"),
    document("admins", "[]"),  # user ids
    words("city"),  # ours, to find the group for a customer
    words("status"),  # normal, resigned (the owner has left), transferring, transferred, dismissed
    words("member_version"),
    number("members"),  # how many are in it, of whom
    number("customers"),
    moment("created_at"),
    maybe("dismissed_at"),
    moment("seen_at"),  # when WeCom was last asked
    moment("changed_at"),
    big("revision", 1),  # moves with every write: who compared with another one compares anew
    Index("ix_customer_groups_corp", "corp_id", "created_at", "chat_id"),
    Index("ix_customer_groups_owner", "corp_id", "owner"),
)

group_members = Table(
    "group_members",
    metadata,
    key("corp_id"),
    key("chat_id"),
    key("member_id"),  # a user id or an external user id
    Column("joined_at", BigInteger, primary_key=True, autoincrement=False),  # who comes again has another stay
    words("kind"),  # staff, customer
    words("name"),
    words("scene"),  # direct, link, code, other
    words("inviter"),  # user id
    words("state"),  # of the group code
    maybe("left_at"),
    words("parting"),  # left, removed, dismissed, unknown
    Index("ix_group_members_member", "corp_id", "member_id", sqlite_where=_INSIDE, postgresql_where=_INSIDE),
    Index("ix_group_members_joined", "corp_id", "chat_id", "joined_at"),
    Index("ix_group_members_left", "corp_id", "chat_id", "left_at"),
    Index("ix_group_members_state", "corp_id", "state", "joined_at", sqlite_where=_BY_CODE, postgresql_where=_BY_CODE),
)

group_days = Table(  # what WeCom counts of an owner's groups, day by day
    "group_days",
    metadata,
    key("corp_id"),
    key("owner"),  # user id
    key("day"),  # 2026-05-04, in China
    number("new_groups"),
    number("groups"),
    number("talking_groups"),
    number("new_members"),
    number("members"),
    number("talking_members"),
    big("messages"),
    Index("ix_group_days_day", "corp_id", "day"),
)

group_turns = Table(  # what callbacks said, until WeCom shows it
    "group_turns",
    metadata,
    serial(),
    words("corp_id"),
    words("chat_id"),
    words("what"),  # joined, left, changed, dismissed
    words("scene"),
    document("members", "[]"),
    words("last_version"),
    words("version"),
    moment("at"),
    Index("ix_group_turns_group", "corp_id", "chat_id", "at"),
)

group_tags = Table(
    "group_tags",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    moment("created_at"),
    UniqueConstraint("corp_id", "name", name="uq_group_tags_name"),
)

group_bindings = Table(
    "group_bindings",
    metadata,
    key("corp_id"),
    Column("tag_id", BigInteger, primary_key=True, autoincrement=False),
    key("chat_id"),
    moment("at"),
    Index("ix_group_bindings_group", "corp_id", "chat_id"),
)

group_alarms = Table(  # the last of each kind about each group, member of a group, or owner
    "group_alarms",
    metadata,
    key("corp_id"),
    key("kind"),  # near_scan, near_full, leaving, joining, many, owner_left
    key("subject"),
    moment("at"),
)

join_ways = Table(  # our group codes
    "join_ways",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    words("state"),  # comes back with who joined by it
    words("city"),
    document("groups", "[]"),  # chat ids in the order in which they are filled
    words("spare"),  # chat id of the group that takes in who finds all others full
    number("threshold", 200),  # a group with so many people is full
    flag("auto_create", default=False),
    words("base_name"),
    number("base_number", 1),
    document("shown", "[]"),  # chat ids that the code is to lead to now
    words("config_id"),
    words("qr_code"),
    *twin(),
    UniqueConstraint("corp_id", "state", name="uq_join_ways_state"),
    Index("ix_join_ways_corp", "corp_id", "id"),
)

join_way_groups = Table(  # which codes a group belongs to
    "join_way_groups",
    metadata,
    key("corp_id"),
    key("chat_id"),
    Column("code_id", BigInteger, primary_key=True, autoincrement=False),
)

group_welcomes = Table(
    "group_welcomes",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    words("text"),
    document("attachment", "null"),
    flag("notify", default=True),
    words("template_id"),
    *twin(),
    Index("ix_group_welcomes_corp", "corp_id", "id"),
)

group_invitations = Table(
    "group_invitations",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    document("codes", "[]"),  # ids of group codes, the preferred first
    document("channels", "[]"),  # ids; empty means every add
    document("tags", "[]"),  # one of them is carried or about to be; empty means no matter
    flag("by_city", default=False),  # only codes of the customer's city
    number("least_seats", 1),
    words("title"),
    words("description"),
    flag("enabled", default=True),
    number("version", 1),
    moment("created_at"),
    moment("changed_at"),
    Index("ix_group_invitations_corp", "corp_id", "id"),
)
