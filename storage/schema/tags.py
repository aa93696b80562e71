"""The tag library, who wants a tag on whom, the rules that decide it, and what bulk tagging has changed."""

from sqlalchemy import BigInteger, Column, Index, Table, Text, text

from storage.schema.base import big, document, flag, key, maybe, metadata, moment, number, serial, words

_EXPIRING = text("expires_at IS NOT NULL")
_NEW = text("NOT counted")


def _state() -> tuple[Column[str], Column[str], Column[int], Column[str], Column[int], Column[str]]:
    """What a group and a tag have in common: whose they are, and how a change that operators want fares."""
    return (
        Column("kind", Text, nullable=False, server_default="corp"),  # corp, strategy (a rule group's), internal
        Column("status", Text, nullable=False, server_default="live"),  # live, pending, refused, deleting
        big("asked"),  # the number of the change that is on its way to WeCom
        document("wanted"),  # what it is to be, while that is pending or was refused
        number("code"),  # of WeCom, when it refused
        words("reason"),
    )


tag_groups = Table(
    "tag_groups",
    metadata,
    key("corp_id"),
    key("id"),
    words("name"),
    big("position"),
    flag("deleted", default=False),
    moment("changed_at"),
    *_state(),
    big("strategy_id"),  # the rule group that owns it at WeCom
)

tags = Table(
    "tags",
    metadata,
    key("corp_id"),
    key("id"),
    words("group_id"),
    words("name"),
    big("position"),
    flag("deleted", default=False),
    moment("changed_at"),
    *_state(),
    Index("ix_tags_group", "corp_id", "group_id"),
)

tag_owners = Table(
    "tag_owners",
    metadata,
    key("corp_id"),
    key("external_user_id"),
    key("user_id"),
    key("tag_id"),
    key("owner"),  # staff, api, import, sync, channel:ID, flow:ID, rule:ID, job:ID
    words("source"),  # as in bindings
    words("status"),  # held; suppressed: the staff took it away; expired: its time was over
    number("version"),  # of the rule
    document("evidence"),
    maybe("event_id"),
    moment("at"),
    maybe("expires_at"),
    Index("ix_tag_owners_owner", "corp_id", "owner"),
    Index("ix_tag_owners_tag", "corp_id", "tag_id"),
    Index("ix_tag_owners_expiry", "expires_at", sqlite_where=_EXPIRING, postgresql_where=_EXPIRING),
)

tag_rules = Table(
    "tag_rules",
    metadata,
    serial(),
    words("corp_id"),
    words("name"),
    words("tag_id"),
    document("condition"),
    maybe("expires_days"),
    flag("enabled", default=True),
    number("version", 1),
    moment("created_at"),
    moment("changed_at"),
    Index("ix_tag_rules_corp", "corp_id", "id"),
)

tag_changes = Table(
    "tag_changes",
    metadata,
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    key("external_user_id"),
    key("user_id"),
    words("corp_id"),
    words("status"),  # open, done, failed, same (there was nothing to change)
    document("added", "[]"),  # what was not there before
    document("removed", "[]"),  # what was
    number("code"),
    words("reason"),
    flag("counted", default=False),  # in the progress of the job
    moment("at"),
    Index("ix_tag_changes_new", "job_id", sqlite_where=_NEW, postgresql_where=_NEW),
)
