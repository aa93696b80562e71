"""Staff and departments, customers, who looks after whom, their tags, and what happened between them."""

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint, text

from storage.schema.base import big, document, flag, key, maybe, metadata, moment, number, serial, words

_BY_CODE = text("channel_id IS NOT NULL")
_UNION = text("unionid <> ''")

staff = Table(
    "staff",
    metadata,
    key("corp_id"),
    key("user_id"),
    words("name"),
    document("departments", "[]"),  # ids
    document("leads", "[]"),  # ids of the departments this member leads
    words("leader"),  # user id of the direct leader, if WeCom names one
    flag("active", default=True),
    flag("contactable", default=False),  # has the customer-contact function
    moment("changed_at"),
)

departments = Table(
    "departments",
    metadata,
    key("corp_id"),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    words("name"),
    big("parent_id"),
    document("leaders", "[]"),  # user ids
    moment("changed_at"),
)

customers = Table(
    "customers",
    metadata,
    key("corp_id"),
    key("external_user_id"),
    words("name"),
    words("avatar"),
    number("type"),  # 1 WeChat, 2 WeCom
    number("gender"),
    words("unionid"),
    words("corp_name"),
    moment("created_at"),
    moment("changed_at"),
    Index("ix_customers_corp", "corp_id", "created_at", "external_user_id"),
    Index("ix_customers_unionid", "corp_id", "unionid", sqlite_where=_UNION, postgresql_where=_UNION),
)

relations = Table(
    "relations",
    metadata,
    key("corp_id"),
    key("external_user_id"),
    key("user_id"),
    words("status"),  # active, half, lost (the customer left), removed (the staff did), moved (transferred)
    words("remark"),
    words("description"),
    number("add_way"),
    words("state"),
    maybe("channel_id"),
    number("adds"),  # how many times added; more than one is a return
    moment("first_added_at"),
    moment("added_at"),  # the latest
    maybe("ended_at"),
    maybe("replied_at"),  # the customer's last known message
    moment("changed_at"),  # of the fact that set the status: an older fact never overwrites a newer
    big("tags_at"),  # when its tags were last read at WeCom
    maybe("found_at"),  # since when it was there, where a reading found it and no callback told of it
    big("told_at"),  # of the newest reading, or change of ours, that the remark, the description and the tags are from
    big("seen_at"),  # of the newest reading that showed it
    Index("ix_relations_staff", "corp_id", "user_id", "added_at"),
    Index("ix_relations_channel", "channel_id", "added_at", sqlite_where=_BY_CODE, postgresql_where=_BY_CODE),
)

bindings = Table(
    "bindings",
    metadata,
    key("corp_id"),
    key("external_user_id"),
    key("user_id"),
    key("tag_id"),
    words("source"),  # rule, channel, staff, import, sync, api
    words("rule"),  # which rule, with its version
    maybe("event_id"),
    moment("at"),
    Index("ix_bindings_tag", "corp_id", "tag_id", "external_user_id"),
)

history = Table(
    "history",
    metadata,
    serial(),
    words("corp_id"),
    words("external_user_id"),
    words("user_id"),
    words("what"),  # added, returned, half_added, edited, lost, removed, tagged, untagged, remarked, transfer_failed …
    words("effect"),  # the fact itself: told twice, it is one row
    document("facts"),
    maybe("event_id"),
    moment("at"),
    maybe("channel_id"),  # by which the customer came
    UniqueConstraint("corp_id", "effect", name="uq_history_effect"),
    Index("ix_history_channel", "channel_id", "at", sqlite_where=_BY_CODE, postgresql_where=_BY_CODE),
    Index("ix_history_customer", "corp_id", "external_user_id", "user_id", "at"),
    Index("ix_history_corp", "corp_id", "at"),
    Index("ix_history_what", "corp_id", "what", "external_user_id", "at"),
    Index("ix_history_lately", "corp_id", "what", "at", "external_user_id"),
    Index("ix_history_staff", "corp_id", "user_id", "what", "at"),
)
