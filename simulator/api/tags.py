"""Endpoints of tags: the corp's, those of rule groups, and marking customers (pages 92117, 94882 and 92118)."""

from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

from simulator.api.call import Answer, Call, contact
from simulator.api.fields import MISSING, Fields
from simulator.errors import Refusal
from simulator.world.contacts import Relation
from simulator.world.tags import MOST_TAGS, Tag, TagGroup, TagLibrary

CHARS = 30
ORDERS = range(2**32)
MOST_OF_RELATION = 3000
NAME_LENGTH = 40072
T = TypeVar("T", Tag, TagGroup, Tag | TagGroup)


def list_tags(call: Call) -> Answer:
    """Answer get_corp_tag_list: all, or those of the ids, of which deleted ones are shown as such."""
    return _list(call, call.corp.tags)


def list_strategy_tags(call: Call) -> Answer:
    """Answer get_strategy_tag_list: likewise, each group with the rule group that owns it."""
    wanted = call.body.number("strategy_id")
    groups = cast(list[Answer], _list(call, call.corp.strategy_tags)["tag_group"])
    owned = {**call.corp.strategy_tags.deleted_groups, **call.corp.strategy_tags.groups}
    told = [{**group, "strategy_id": owned[str(group["group_id"])].strategy_id} for group in groups]
    return {"tag_group": [group for group in told if wanted in (0, group["strategy_id"])]}


def _list(call: Call, library: TagLibrary) -> Answer:
    group_ids, tag_ids = call.body.texts("group_id"), call.body.texts("tag_id")
    if not group_ids and not tag_ids:
        return {"tag_group": [_group(one, list(one.tags.values())) for one in library.groups.values()]}
    groups = {**library.groups, **library.deleted_groups}
    tags = {**library.tags, **library.deleted_tags}
    if group_ids:
        wanted = {groups[one].id: groups[one] for one in group_ids if one in groups}
        chosen = [tag for tag in tags.values() if tag.group_id in wanted]
    else:
        chosen = [tags[one] for one in tag_ids if one in tags]
        wanted = {tag.group_id: groups[tag.group_id] for tag in chosen}
    return {
        "tag_group": [
            {
                **_group(group, []),
                "deleted": group.id not in library.groups,
                "tag": [
                    {**_tag(tag), "deleted": tag.id not in library.tags} for tag in chosen if tag.group_id == group.id
                ],
            }
            for group in wanted.values()
        ]
    }


def add_tags(call: Call) -> Answer:
    """Answer add_corp_tag: into a group by id, by its existing name, or into a new one."""
    body, library = call.body, call.corp.tags
    _own_agent(call)
    wanted = _read_tags(body.items("tag", missing=MISSING))
    group = _target(call, wanted)
    agent = call.app.agent_id
    if group is None:
        order = body.number("order", among=ORDERS)
        group = library.found(body.text("group_name"), now=call.now, order=order, agent_id=agent)
    added = [library.add(group, name, now=call.now, order=order, agent_id=agent) for name, order in wanted.items()]
    return {"tag_group": _group(group, added)}


def edit_tag(call: Call) -> Answer:
    """Answer edit_corp_tag for a tag or a group."""
    body, library = call.body, call.corp.tags
    _own_agent(call)
    both: dict[str, Tag | TagGroup] = {**library.tags, **library.groups}
    thing = _owned(call, body.text("id", missing=40068), both)
    order = body.number("order", thing.order, among=ORDERS)
    if body.has("name"):
        library.rename(thing, body.text("name", missing=NAME_LENGTH, chars=CHARS, over=NAME_LENGTH))
    thing.order = order
    return {}


def delete_tags(call: Call) -> Answer:
    """Answer del_corp_tag for tags and groups; customers lose them too."""
    body, library = call.body, call.corp.tags
    _own_agent(call)
    tag_ids, group_ids = body.texts("tag_id"), body.texts("group_id")
    if not tag_ids and not group_ids:
        raise Refusal(MISSING, "tag_id or group_id")
    groups = [_owned(call, one, library.groups) for one in group_ids]
    tags = {one: _owned(call, one, library.tags) for one in tag_ids}
    gone = [tag for group in groups for tag in library.dissolve(group)]
    for tag in tags.values():
        if tag.id in library.tags:
            library.delete(tag)
            gone.append(tag)
    strip(call.corp.contacts, {tag.id for tag in gone})
    return {}


def mark(call: Call) -> Answer:
    """Answer mark_tag: the tags of one member's view of one customer, one call at a time (45035)."""
    body = call.body
    relation = call.relation(body.text("userid"), body.text("external_userid"))
    put, take = body.texts("add_tag"), body.texts("remove_tag")
    if not put and not take:
        raise Refusal(MISSING, "add_tag or remove_tag")
    known = call.corp.tags.tags.keys() | call.corp.strategy_tags.tags.keys()
    unknown = [one for one in put + take if one not in known]
    if unknown:
        raise Refusal(40068, ",".join(unknown))
    _check_count(relation, put, take)
    call.hold(("mark_tag", call.corp.id, relation.external_userid), code=45035)
    for one in take:
        relation.tags.pop(one, None)
    for one in put:
        relation.tags.setdefault(one, call.now)
    return {}


def strip(relations: Iterable[Relation], tag_ids: set[str]) -> None:
    """Take deleted tags off every customer."""
    for relation in relations:
        for tag_id in tag_ids & relation.tags.keys():
            del relation.tags[tag_id]


def _check_count(relation: Relation, put: list[str], take: list[str]) -> None:
    if len((relation.tags.keys() | set(put)) - set(take)) > MOST_OF_RELATION:
        raise Refusal(40144)


def _read_tags(items: list[Fields]) -> dict[str, int]:
    """Return names with orders; a name that comes twice counts once."""
    return {
        item.text("name", missing=NAME_LENGTH, chars=CHARS, over=NAME_LENGTH): item.number("order", among=ORDERS)
        for item in items
    }


def _target(call: Call, wanted: dict[str, int]) -> TagGroup | None:
    """Return the group to add to, None for a new one, once it is sure that all of it will go in."""
    body, library = call.body, call.corp.tags
    group_id = body.text("group_id")
    if group_id and group_id not in library.groups:
        raise Refusal(40068, group_id)
    if not group_id:
        name = body.text("group_name", missing=MISSING, chars=CHARS, over=NAME_LENGTH)
    group = library.groups[group_id] if group_id else library.named(name)
    repeated = [name for name in wanted if group and group.named(name)]
    if repeated:
        raise Refusal(40071, ",".join(repeated))
    if len(library.tags) + len(call.corp.strategy_tags.tags) + len(wanted) > MOST_TAGS:
        raise Refusal(40126)
    return group


def _own_agent(call: Call) -> None:
    if call.body.has("agentid") and call.body.number("agentid") != call.app.agent_id:
        raise Refusal(301002)


def _owned(call: Call, wanted: str, things: Mapping[str, T]) -> T:
    """Return a tag or group: 40068 unknown, 81011 when another app or the console made it."""
    thing = things.get(wanted)
    if thing is None:
        raise Refusal(40068, wanted)
    if thing.agent_id != call.app.agent_id:
        raise Refusal(81011, wanted)
    return thing


def _tag(tag: Tag) -> Answer:
    return {"id": tag.id, "name": tag.name, "create_time": tag.create_time, "order": tag.order}


def _group(group: TagGroup, tags: list[Tag]) -> Answer:
    return {
        "group_id": group.id,
        "group_name": group.name,
        "create_time": group.create_time,
        "order": group.order,
        "tag": [_tag(tag) for tag in tags],
    }


ROUTES = {
    "externalcontact/get_corp_tag_list": contact(list_tags),
    "externalcontact/add_corp_tag": contact(add_tags),
    "externalcontact/edit_corp_tag": contact(edit_tag),
    "externalcontact/del_corp_tag": contact(delete_tags),
    "externalcontact/get_strategy_tag_list": contact(list_strategy_tags),
    "externalcontact/mark_tag": contact(mark),
}
