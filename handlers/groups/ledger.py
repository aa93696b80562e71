"""Customer groups follow WeCom: a callback is a reason to look a little later, and what WeCom shows then counts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from handlers.reader import Reader
from handlers.router import Router
from sop import groups
from sop.events import GroupMoved, GroupStirred
from sop.groups import LAG, Changes, Group, Kind, Scene, Status, Stay, Turn
from storage.groups import Entry
from storage.store import Store
from wecom import groups as wecom
from wecom.errors import Refused
from wecom.events import (
    GroupChanged,
    GroupCreated,
    GroupDismissed,
    GroupJoined,
    GroupLeft,
    GroupNoticeChanged,
    GroupOwnerChanged,
    GroupRenamed,
)
from wecom.events.groups import GroupEvent, MembershipEvent
from wecom.ids import ChatId

router = Router()
DISSOLVED = 49008
UNKNOWN = frozenset({40050, 86003, 90501})  # no such group, or none with customers
HIDDEN = frozenset({60011, 60021, 60030})  # outside what the app may see
_KINDS: Mapping[int, Kind] = {wecom.STAFF: "staff"}
_SCENES: Mapping[int, Scene] = {1: "direct", 2: "link", 3: "code"}


@router.on(
    GroupCreated, GroupChanged, GroupJoined, GroupLeft, GroupOwnerChanged, GroupRenamed, GroupNoticeChanged,
    GroupDismissed,
)  # fmt: skip
async def stir(event: GroupEvent, store: Store) -> None:
    """Keep what the callback says, and have the group read once WeCom shows it: once for all changes of the moment."""
    turn = _turn(event)
    if turn.what == "left":
        store.groups.explain(event.chat_id, turn)
    known = await store.groups.get(event.chat_id)
    if known and groups.is_known(known.version, turn):
        store.decide("group", "skipped", groups.GROUP_KNOWN, rule=f"group:{event.chat_id}")
        return
    store.groups.note(event.chat_id, turn)
    _look_later(store, event.chat_id, after=max(event.at + LAG - store.now, timedelta()))


@router.on(GroupStirred)
async def look(event: GroupStirred, store: Store, reader: Reader) -> None:
    """Read the group and write down who came and who went."""
    await observe(event.chat_id, store, reader, tries=event.tries)


async def observe(chat_id: str, store: Store, reader: Reader, *, tries: int = 0, status: Status | None = None) -> bool:
    """Make the ledger of one group what WeCom shows; whether WeCom shows the group.

    What we hold is read before WeCom is asked: whoever writes the group meanwhile undoes this look. `status` is what
    the list of groups says of the owner. Raises `TryLater`, and `Refused` where it is not about this group.
    """
    known, turns = await store.groups.get(chat_id), await store.groups.turns(chat_id)
    held = await store.groups.inside(chat_id) if known else ()
    settled = [turn for turn in turns if turn.at <= store.now - LAG]
    again = tries < len(groups.PAUSES)
    about: dict[str, Any] = {"rule": f"group:{chat_id}", "tries": tries}
    try:
        told = await reader.group(ChatId(chat_id))
    except Refused as refused:
        return await _miss(refused, known, store, chat_id=chat_id, turns=settled, again=again, about=about)
    shown = translate(told, store)
    if settled and (groups.is_old(shown.version, settled) or any(turn.what == "dismissed" for turn in settled)):
        if again:
            store.decide("group", "delayed", groups.GROUP_OLD, **about)
            _look_later(store, chat_id, after=timedelta(seconds=groups.PAUSES[tries]), tries=tries + 1)
            return True
        store.decide("group", "done", groups.GROUP_STUCK, **about)
    changes = groups.settle(held, shown.stays, settled, at=store.now)
    _write(known, shown, changes, store, status=status or _guess(known, shown))
    _go_on(store, chat_id, turns)
    return True


def translate(told: wecom.Group, store: Store) -> Group:
    """A group in our words; a moment that WeCom does not tell is now."""
    return Group(
        chat_id=told.chat_id,
        name=told.name,
        owner=told.owner,
        notice=told.notice,
        admins=tuple(each.user_id for each in told.admins),
        created_at=told.created_at or store.now,
        version=told.version,
        stays=tuple(
            Stay(
                member_id=each.id,
                kind=_KINDS.get(each.kind, "customer"),
                joined_at=each.joined_at or told.created_at or store.now,
                name=each.name,
                scene=_SCENES.get(each.scene, "other"),
                inviter=each.inviter.user_id,
                state=each.state,
            )
            for each in told.members
        ),
    )


async def _miss(
    refused: Refused,
    known: Entry | None,
    store: Store,
    *,
    chat_id: str,
    turns: list[Turn],
    again: bool,
    about: dict[str, Any],
) -> bool:
    """WeCom shows no such group: it is dissolved, not there yet, never was, or out of the app's sight."""
    if refused.code in UNKNOWN and known is None and turns and again:
        store.decide("group", "delayed", groups.GROUP_OLD, code=refused.code, **about)
        tries = about["tries"]
        _look_later(store, chat_id, after=timedelta(seconds=groups.PAUSES[tries]), tries=tries + 1)
        return False
    if refused.code not in {DISSOLVED, *UNKNOWN, *HIDDEN}:
        raise refused
    if known and known.dismissed_at is None and refused.code not in HIDDEN:
        told = [turn.at for turn in turns if turn.what == "dismissed"]
        store.groups.dismiss(chat_id, at=max(told, default=store.now))
        store.announce(_moved(store, chat_id, went=known.members))
    reason = groups.GROUP_HIDDEN if refused.code in HIDDEN else groups.GROUP_DISMISSED if known else groups.GROUP_UNSEEN
    store.decide("group", "done" if known else "skipped", reason, code=refused.code, **about)
    store.groups.forget(chat_id, until=store.now - LAG)
    return False


def _write(known: Entry | None, shown: Group, changes: Changes, store: Store, *, status: Status) -> None:
    """Write what a look has found, tell each customer's story, and let others see what follows from it."""
    first = known is None
    store.groups.put(known, shown, changes, status=status)
    came = tuple(one for one in changes.came if one.kind == "customer")
    if not first:
        _tell(shown, changes, store)
    stands = known is not None and (known.owner, known.status) == (shown.owner, status)
    if not stands or came or changes.went:
        moved = _moved(store, shown.chat_id, came=tuple(one.member_id for one in came), went=len(changes.went))
        store.announce(replace(moved, first=first))
        facts = {"came": len(changes.came), "went": len(changes.went), "first": first}
        store.decide("group", "done", groups.GROUP_READ, rule=f"group:{shown.chat_id}", **facts)


def _tell(shown: Group, changes: Changes, store: Store) -> None:
    """The customers' own stories; of a group that we see for the first time nobody knows what is news."""
    for one in changes.came:
        if one.kind == "customer":
            about = {"group": shown.chat_id, "scene": one.scene, "state": one.state}
            who = {"external_user_id": one.member_id, "user_id": one.inviter or shown.owner}
            store.history.append("group_joined", **who, at=one.joined_at, effect=_effect("in", shown, one), **about)
    for departure in changes.went:
        one = departure.stay
        if one.kind == "customer":
            about = {"group": shown.chat_id, "parting": departure.parting}
            who = {"external_user_id": one.member_id, "user_id": shown.owner}
            store.history.append("group_left", **who, at=departure.at, effect=_effect("out", shown, one), **about)


def _effect(what: str, shown: Group, one: Stay) -> str:
    return f"group:{what}:{shown.chat_id}:{one.member_id}:{int(one.joined_at.timestamp())}"


def _go_on(store: Store, chat_id: str, turns: tuple[Turn, ...]) -> None:
    """What was told too shortly before this look is looked for again."""
    store.groups.forget(chat_id, until=store.now - LAG)
    later = [turn.at for turn in turns if turn.at > store.now - LAG]
    if later:
        _look_later(store, chat_id, after=max(later) + LAG - store.now)


def _look_later(store: Store, chat_id: str, *, after: timedelta, tries: int = 0) -> None:
    due = store.now + after
    stirred = GroupStirred(corp_id=store.scope.corp_id, at=due, chat_id=chat_id, tries=tries)
    again = ":again" if tries else ""  # what waits longer never holds up what is new
    store.schedule(stirred, name=f"group:{chat_id}{again}", due_at=due)


def _moved(store: Store, chat_id: str, *, came: tuple[str, ...] = (), went: int = 0) -> GroupMoved:
    return GroupMoved(corp_id=store.scope.corp_id, at=store.now, chat_id=chat_id, came=came, went=went)


def _guess(known: Entry | None, shown: Group) -> Status:
    """How the owner stands where no list has told: as before, while it is the same owner."""
    if known is None or known.status == "dismissed" or known.owner != shown.owner:
        return "normal"
    return known.status


def _turn(event: GroupEvent) -> Turn:
    match event:
        case GroupJoined():
            return _change("joined", event)
        case GroupLeft():
            return _change("left", event, scene=event.scene)
        case GroupDismissed():
            return Turn(what="dismissed", at=event.at)
        case _:
            return Turn(what="changed", at=event.at)


def _change(what: Literal["joined", "left"], event: MembershipEvent, *, scene: str = "") -> Turn:
    versions = {"last": event.last_version, "version": event.version}
    return Turn(what=what, at=event.at, scene=scene, members=event.members, **versions)
