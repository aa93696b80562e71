"""The corp's library of customer tags, and the tags on customers."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import field

from wecom import limits
from wecom.answers import Status
from wecom.caller import Caller
from wecom.ids import ExternalUserId, TagGroupId, TagId, UserId


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag; a larger order stands first."""

    id: TagId
    name: str = ""
    created_at: datetime | None = field(default=None, name="create_time")
    order: int = 0
    deleted: bool = False


class TagGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group of tags; it lives as long as it has one."""

    id: TagGroupId = field(name="group_id")
    name: str = field(default="", name="group_name")
    created_at: datetime | None = field(default=None, name="create_time")
    order: int = 0
    deleted: bool = False
    strategy_id: int = 0  # the rule group that owns it, if one does
    tags: tuple[Tag, ...] = field(default=(), name="tag")


class NewTag(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tag to be made."""

    name: str
    order: int | None = None


class _Library(Status):
    tag_group: tuple[TagGroup, ...] = ()


class _Group(Status):
    tag_group: TagGroup | None = None


class Tags:
    """The APIs of tags."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def library(
        self, tag_ids: Sequence[TagId] = (), *, group_ids: Sequence[TagGroupId] = ()
    ) -> tuple[TagGroup, ...]:
        """Page 92117: the groups with their tags; everything, or these (groups win), deleted ones marked."""
        body = {"tag_id": tag_ids, "group_id": group_ids}
        body = {name: ids for name, ids in body.items() if ids}
        return (await self._caller.ask("externalcontact/get_corp_tag_list", body, _Library)).tag_group

    async def strategy(
        self, tag_ids: Sequence[TagId] = (), *, group_ids: Sequence[TagGroupId] = (), strategy_id: int = 0
    ) -> tuple[TagGroup, ...]:
        """Page 94882: the tags of rule groups, to be changed by their managers; all, of one rule group, or these."""
        body: dict[str, object] = {"strategy_id": strategy_id, "tag_id": tag_ids, "group_id": group_ids}
        body = {name: value for name, value in body.items() if value}
        return (await self._caller.ask("externalcontact/get_strategy_tag_list", body, _Library)).tag_group

    async def add(
        self,
        tags: Sequence[NewTag],
        *,
        group_id: TagGroupId = TagGroupId(""),  # noqa: B008 - a NewType is its argument
        group_name: str = "",
        order: int | None = None,
    ) -> TagGroup:
        """Page 92117: new tags in a group, given by id, or by a name that is made if it is new."""
        limits.require("group_id / group_name", group_id, group_name)
        limits.require("tag", tags)
        limits.TAG_GROUP_NAME.check(group_name)
        for tag in tags:
            limits.TAG_NAME.check(tag.name)
        group = {"group_id": group_id} if group_id else _given(group_name=group_name, order=order)
        answer = await self._caller.tell("externalcontact/add_corp_tag", {**group, "tag": tags}, _Group)
        return answer.tag_group or TagGroup(id=group_id, name=group_name)

    async def edit(self, id: TagId | TagGroupId, *, name: str | None = None, order: int | None = None) -> None:  # noqa: A002
        """Page 92117: rename or move a tag or a group."""
        limits.TAG_GROUP_NAME.check(name)
        limits.require("name / order", name is not None, order is not None)
        body = {"id": id, **_given(name=name, order=order)}
        await self._caller.tell("externalcontact/edit_corp_tag", body, Status)

    async def delete(self, tag_ids: Sequence[TagId] = (), *, group_ids: Sequence[TagGroupId] = ()) -> None:
        """Page 92117: delete tags and whole groups; a group goes with its last tag."""
        limits.require("tag_id / group_id", tag_ids, group_ids)
        body = _given(tag_id=tag_ids or None, group_id=group_ids or None)
        await self._caller.tell("externalcontact/del_corp_tag", body, Status)

    async def mark(
        self,
        user_id: UserId,
        external_user_id: ExternalUserId,
        *,
        add: Sequence[TagId] = (),
        remove: Sequence[TagId] = (),
    ) -> None:
        """Page 92118: tag a customer as one member sees them; no callback follows.

        At the same customer one call at a time, else TryLater (45035).
        """
        limits.require("add_tag / remove_tag", add, remove)
        ids = {"userid": user_id, "external_userid": external_user_id}
        body = {**ids, **_given(add_tag=add or None, remove_tag=remove or None)}
        await self._caller.tell("externalcontact/mark_tag", body, Status)


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
