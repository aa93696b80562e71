"""What is so at WeCom and what we hold, in the same words: compared without asking the service's own comparison."""

from typing import Any

from simulator.world.corp import Corp
from storage.database import Database
from storage.engine.sql import Statement

_CUSTOMERS = Statement("""
    SELECT DISTINCT c.external_user_id, c.name FROM customers AS c
    JOIN relations AS r ON r.corp_id = c.corp_id AND r.external_user_id = c.external_user_id
    JOIN staff AS s ON s.corp_id = r.corp_id AND s.user_id = r.user_id AND s.active
    WHERE r.status IN ('active', 'lost')
""")
_RELATIONS = Statement("""
    SELECT r.user_id, r.external_user_id, r.remark, r.description FROM relations AS r
    JOIN staff AS s ON s.corp_id = r.corp_id AND s.user_id = r.user_id AND s.active
    WHERE r.status IN ('active', 'lost')
""")
_BINDINGS = Statement("""
    SELECT b.user_id, b.external_user_id, b.tag_id FROM bindings AS b
    JOIN relations AS r ON r.corp_id = b.corp_id AND r.user_id = b.user_id AND r.external_user_id = b.external_user_id
    JOIN staff AS s ON s.corp_id = r.corp_id AND s.user_id = r.user_id AND s.active
    WHERE r.status IN ('active', 'lost')
""")
_TAGS = Statement("""
    SELECT t.id, t.name, g.name AS group_name FROM tags AS t
    JOIN tag_groups AS g ON g.corp_id = t.corp_id AND g.id = t.group_id WHERE NOT t.deleted AND NOT g.deleted
""")
_GROUPS = Statement("SELECT chat_id, name, owner, notice FROM customer_groups WHERE dismissed_at IS NULL")
_INSIDE = Statement("""
    SELECT m.chat_id, m.member_id, m.state FROM group_members AS m
    JOIN customer_groups AS g ON g.corp_id = m.corp_id AND g.chat_id = m.chat_id
    WHERE m.left_at IS NULL AND g.dismissed_at IS NULL
""")
_STAFF = Statement("SELECT user_id, name FROM staff WHERE active")
Picture = dict[str, set[tuple[Any, ...]]]


def theirs(corp: Corp) -> Picture:
    """How things are at WeCom."""
    seen = [one for one in corp.contacts if one.visible and corp.directory.find(one.userid)]
    people = {one.external_userid for one in seen}
    alive = [(one.chat_id, one.now) for one in corp.groups.by_id.values() if not one.now.dismissed]
    return {
        "customers": {(one, corp.contacts.customers[one].name) for one in people},
        "relations": {
            (one.userid, one.external_userid, one.remark or corp.contacts.customers[one.external_userid].name,
             one.description)
            for one in seen
        },
        "bindings": {(one.userid, one.external_userid, tag) for one in seen for tag in one.tags},
        "tags": {(tag.id, tag.name, group.name) for group in corp.tags.groups.values() for tag in group.tags.values()},
        "groups": {(chat_id, now.name, now.owner, now.notice) for chat_id, now in alive},
        "members": {(chat_id, one.id, one.state) for chat_id, now in alive for one in now.members.values()},
        "staff": {(one.userid, one.name) for one in corp.directory if one.status in (1, 4)},
    }  # fmt: skip


async def ours(database: Database) -> Picture:
    """How we think that they are."""
    statements = {
        "customers": _CUSTOMERS,
        "relations": _RELATIONS,
        "bindings": _BINDINGS,
        "tags": _TAGS,
        "groups": _GROUPS,
        "members": _INSIDE,
        "staff": _STAFF,
    }
    return {name: {tuple(row) for row in await database.fetch(each)} for name, each in statements.items()}


def differences(here: Picture, there: Picture) -> dict[str, Any]:
    """What is missing on either side, by subject; empty when both are the same."""
    found = {}
    for name in there:
        here_only, there_only = here[name] - there[name], there[name] - here[name]
        if here_only or there_only:
            found[name] = {"here only": sorted(here_only)[:5], "there only": sorted(there_only)[:5]}
    return found
