"""Alarms about customer groups, each given once per fact: full, left by many, joined by many, one customer in many."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from handlers.removals import RECEIVERS
from handlers.router import Router
from sop import reasons
from sop.events import GroupMoved
from sop.groups import alarms as groupalarms
from sop.groups.alarms import Thresholds
from sop.intents import Prompt
from sop.removals import Notice
from storage.groups import Entry
from storage.groups.alarms import GroupAlarms
from storage.groups.numbers import GroupNumbers
from storage.store import Store
from wecom.events import StaffDeleted

router = Router()


@router.on(GroupMoved)
async def fill(event: GroupMoved, store: Store) -> None:
    """The group is near one of its limits: once, until it has become emptier."""
    group, alarms = await _concerned(event, store), GroupAlarms(store.scope)
    if group is None:
        return
    thresholds = await alarms.thresholds(store.settings)
    for kind in groupalarms.relieved(group.members, thresholds):
        alarms.clear(kind, group.chat_id)
    for kind, most in groupalarms.near(group.members, thresholds).items():
        if await alarms.given(kind, group.chat_id) is None:
            notice = await _notice(group, store, kind=kind)
            prompt = groupalarms.tell_full(group.name, group.members, most, await store.settings.voice(), notice=notice)
            _give(prompt, store, kind=kind, subject=group.chat_id, reason=groupalarms.ALARM_FULL)


@router.on(GroupMoved)
async def rush(event: GroupMoved, store: Store) -> None:
    """Many left or joined in a short time: once in that time."""
    group, alarms = await _concerned(event, store), GroupAlarms(store.scope)
    if group is None:
        return
    for kind, what, most, within in _watches(event, await alarms.thresholds(store.settings)):
        span = {"since": event.at - 2 * within, "until": event.at}
        moments = await GroupNumbers(store.scope).moments(group.chat_id, what, **span)
        number = groupalarms.rush(moments, most=most, within=within)
        given = await alarms.given(kind, group.chat_id)
        if not number:
            continue
        if given is not None and given > event.at - within:
            store.decide("alert", "skipped", reasons.ALERTED_BEFORE, rule=f"group:{group.chat_id}", count=number)
            continue
        notice, voice = await _notice(group, store, kind=kind), await store.settings.voice()
        prompt = groupalarms.tell_rush(kind, group.name, number, within, voice, notice=notice)
        reason = groupalarms.ALARM_LEAVING if kind == "leaving" else groupalarms.ALARM_JOINING
        _give(prompt, store, kind=kind, subject=group.chat_id, reason=reason)


@router.on(GroupMoved)
async def spread(event: GroupMoved, store: Store) -> None:
    """A customer who joins is in more groups than is usual: once for each."""
    group, alarms = await _concerned(event, store), GroupAlarms(store.scope)
    most = (await alarms.thresholds(store.settings)).groups
    for member_id in event.came if group else ():
        inside = await store.groups.of_member(member_id)
        if group is None or len(inside) <= most or await alarms.given("many", member_id) is not None:
            continue
        customer = await store.customers.find(member_id)
        notice = await _notice(group, store, kind="many", subject=member_id)
        names = [name for _, name in inside]
        voice = await store.settings.voice()
        prompt = groupalarms.tell_many(customer.name if customer else "", names, voice, notice=notice)
        about = {"external_user_id": member_id, "reason": groupalarms.ALARM_MANY}
        _give(prompt, store, kind="many", subject=member_id, **about)


@router.on(GroupMoved)
async def orphan(event: GroupMoved, store: Store) -> None:
    """WeCom's list says that the owner has resigned."""
    group = await store.groups.get(event.chat_id)
    if group is not None and group.status == "resigned":
        await _mourn(group.owner, store)


@router.on(StaffDeleted)
async def part(event: StaffDeleted, store: Store) -> None:
    """A member who has left may have owned groups."""
    await _mourn(event.user_id, store)


async def _mourn(owner: str, store: Store) -> None:
    """Tell the leads of who has left that the groups need another owner, once."""
    alarms = GroupAlarms(store.scope)
    count = await alarms.owned(owner)
    if not count or await alarms.given("owner_left", owner) is not None:
        return
    users = await _receivers(owner, store, owner=False)
    if not users:
        store.decide("alert", "skipped", reasons.NO_LEAD, user_id=owner)
        return
    notice = Notice(users=users, cause=f"group:owner_left:{owner}:{store.now:%Y-%m-%d}")
    member = await store.staff.find(owner)
    name = member.name if member else owner
    prompt = groupalarms.tell_owner(name, count, await store.settings.voice(), notice=notice)
    _give(prompt, store, kind="owner_left", subject=owner, reason=groupalarms.ALARM_OWNER, user_id=owner)


def _watches(event: GroupMoved, thresholds: Thresholds) -> list[tuple[str, str, int, timedelta]]:
    """What to count: the alarm, what moves, how many, in what time."""
    watches = []
    if event.went:
        within = timedelta(minutes=thresholds.leave_minutes)
        watches.append(("leaving", "left", thresholds.leaves, within))
    if event.came:
        within = timedelta(seconds=thresholds.join_seconds)
        watches.append(("joining", "joined", thresholds.joins, within))
    return watches


async def _concerned(event: GroupMoved, store: Store) -> Entry | None:
    """The group, unless it is gone or we see it for the first time, when nothing has happened just now."""
    group = None if event.first else await store.groups.get(event.chat_id)
    return group if group is not None and group.dismissed_at is None else None


async def _notice(group: Entry, store: Store, *, kind: str, subject: str = "") -> Notice:
    users = await _receivers(group.owner, store)
    at = f"{store.now:%Y-%m-%d}" if subject else int(store.now.timestamp())
    return Notice(users=users, cause=f"group:{kind}:{subject or group.chat_id}:{at}")


async def _receivers(user_id: str, store: Store, *, owner: bool = True) -> tuple[str, ...]:
    """The owner unless gone, the leads, and those who hear all alarms."""
    own: Sequence[str] = (user_id,) if owner else ()
    others = await store.settings.get(RECEIVERS, list[str]())
    return tuple(dict.fromkeys((*own, *await store.staff.leads(user_id), *others)))


def _give(prompt: Prompt, store: Store, *, kind: str, subject: str, reason: str, **about: Any) -> None:
    intent_id = store.intend(prompt)
    GroupAlarms(store.scope).give(kind, subject)
    store.decide("alert", "sent", reason, intent_id=intent_id, rule=f"alarm:{kind}", subject=subject, **about)
