"""Customer groups: who came and went between two looks, whether a look was too early, and where two ledgers differ.

The truth is what WeCom shows when it is asked. A callback only says that something has changed, and how somebody left;
asked too soon, WeCom still shows what was before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sop.reasons import define

Kind = Literal["staff", "customer"]
Scene = Literal["direct", "link", "code", "other"]
Parting = Literal["left", "removed", "dismissed", "unknown"]
Status = Literal["normal", "resigned", "transferring", "transferred", "dismissed"]

LAG = timedelta(seconds=3)  # WeCom shows a change about two seconds later, and tells its moment in whole seconds
PAUSES = (2, 5, 15, 60, 300)  # seconds until we look again at what is still old

GROUP_READ = define("group_read", "群资料已更新", "The group was read anew")
GROUP_KNOWN = define("group_known", "群成员版本已是最新", "This version of the members is known already")
GROUP_OLD = define(
    "group_old", "企业微信仍显示旧数据，稍后再查", "WeCom still shows what was before; looked at again later"
)
GROUP_STUCK = define(
    "group_stuck", "企业微信多次仍显示旧数据，以其为准", "WeCom goes on showing this, so it counts as it is"
)
GROUP_DISMISSED = define("group_dismissed", "客户群已解散", "The group is dismissed")
GROUP_HIDDEN = define("group_hidden", "应用看不到这个群", "The app may not see this group")
GROUP_UNSEEN = define("group_unseen", "企业微信里没有这个群", "WeCom knows no such group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Somebody in a group, since when and how they came; who comes again has another stay."""

    member_id: str
    kind: Kind
    joined_at: datetime
    name: str = ""
    scene: Scene = "other"
    inviter: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group as WeCom shows it, or as we hold it; `stays` are of those who are in it."""

    chat_id: str
    name: str = ""
    owner: str = ""
    notice: str = ""
    admins: tuple[str, ...] = ()
    created_at: datetime
    version: str = ""
    stays: tuple[Stay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a callback said: that people joined or left, which made version `last` into `version`, or something else."""

    what: Literal["joined", "left", "changed", "dismissed"]
    at: datetime
    scene: str = ""
    members: tuple[str, ...] = ()
    last: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """The end of a stay; `at` is the callback's moment, or else that of the look which noticed it."""

    stay: Stay
    at: datetime
    parting: Parting


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one look found: who came, who went, and of whom something else is told now."""

    came: tuple[Stay, ...] = ()
    went: tuple[Departure, ...] = ()
    told: tuple[Stay, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.came or self.went or self.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where our ledger and WeCom's differ: a group, a member of it, or one of its facts."""

    kind: Literal["missing_here", "missing_there", "different"]
    chat_id: str
    what: str = ""  # "" for the group itself, member:…, or the name of a fact
    ours: str = ""
    theirs: str = ""


def settle(ours: Iterable[Stay], theirs: Iterable[Stay], turns: Sequence[Turn], *, at: datetime) -> Changes:
    """What has happened between what we hold and what WeCom shows at a moment; `turns` only say how people left."""
    held, shown = _by_stay(ours), _by_stay(theirs)
    went = tuple(_depart(stay, turns, at) for one, stay in held.items() if one not in shown)
    return Changes(
        came=tuple(stay for one, stay in shown.items() if one not in held),
        went=went,
        told=tuple(stay for one, stay in shown.items() if one in held and held[one] != stay),
    )


def apply(ours: Iterable[Stay], changes: Changes) -> tuple[Stay, ...]:
    """Who is in the group after the changes."""
    held = _by_stay(ours)
    for departure in changes.went:
        held.pop(_key(departure.stay), None)
    held.update((_key(stay), stay) for stay in (*changes.came, *changes.told))
    return tuple(held.values())


def is_old(version: str, turns: Iterable[Turn]) -> bool:
    """Whether WeCom still shows a list of members that callbacks have told to be replaced.

    Versions are opaque; callbacks chain them, in any order. A list is old when a callback begins with it, unless it is
    an end of the chain as well.
    """
    chained = [turn for turn in turns if turn.version]
    begun = {turn.last for turn in chained}
    ends = {turn.version for turn in chained} - begun
    return version in begun and bool(ends) and version not in ends


def is_known(version: str, turn: Turn) -> bool:
    """Whether what a callback says is in the version that we hold, so that nobody need be asked."""
    return bool(turn.version) and turn.version == version


def compare(ours: Group | None, theirs: Group | None) -> tuple[Difference, ...]:
    """Where our ledger and WeCom's differ about one group; None where one of them has no such group."""
    if ours is None or theirs is None:
        known = ours or theirs
        if known is None:
            return ()
        return (Difference(kind="missing_there" if ours else "missing_here", chat_id=known.chat_id),)
    found = [
        Difference(kind="different", chat_id=ours.chat_id, what=name, ours=str(mine), theirs=str(other))
        for name in ("name", "owner", "notice", "admins")
        if (mine := getattr(ours, name)) != (other := getattr(theirs, name))
    ]
    held, shown = _by_stay(ours.stays), _by_stay(theirs.stays)
    missing: tuple[tuple[Literal["missing_here", "missing_there"], set[tuple[str, datetime]]], ...] = (
        ("missing_here", shown.keys() - held.keys()),
        ("missing_there", held.keys() - shown.keys()),
    )
    for kind, keys in missing:
        found += [Difference(kind=kind, chat_id=ours.chat_id, what=f"member:{one}") for one, _ in sorted(keys)]
    return tuple(found)


def _depart(stay: Stay, turns: Sequence[Turn], at: datetime) -> Departure:
    """The last callback that told this member's leaving says when and how."""
    told = [
        turn for turn in turns if turn.what == "left" and stay.member_id in turn.members and turn.at >= stay.joined_at
    ]
    if not told:
        return Departure(stay=stay, at=at, parting="unknown")
    last = max(told, key=lambda turn: turn.at)
    parting: Parting = "removed" if last.scene == "removed" else "left" if last.scene == "left" else "unknown"
    return Departure(stay=stay, at=last.at, parting=parting)


def _by_stay(stays: Iterable[Stay]) -> dict[tuple[str, datetime], Stay]:
    return {_key(stay): stay for stay in stays}


def _key(stay: Stay) -> tuple[str, datetime]:
    return stay.member_id, stay.joined_at
