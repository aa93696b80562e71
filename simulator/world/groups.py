"""Customer groups (客户群): who is in them, and what the API shows of them two seconds later (page 92122)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from types import MappingProxyType

from simulator.world.contacts import Received
from simulator.world.mint import Mint

LAG = 2.0  # virtual seconds until the API shows a change
SEATS = 500
SCAN_SEATS = 200  # beyond so many nobody comes in by a code
STAFF, CUSTOMER = 1, 2


class JoinScene(IntEnum):
    """How somebody came into a group, on the scale of the API."""

    DIRECT = 1
    LINK = 2
    CODE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Somebody's stay in a group."""

    id: str  # a userid or an external_userid
    kind: int
    joined_at: float
    scene: JoinScene = JoinScene.DIRECT
    state: str = ""
    inviter: str = ""
    nickname: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A group at a moment."""

    at: float
    name: str
    owner: str
    notice: str = ""
    admins: tuple[str, ...] = ()
    members: Mapping[str, Membership] = field(default_factory=dict)
    version: str
    dismissed: bool = False


@dataclass(slots=True)
class Group:
    """A group with its newest state, and as much of its past as the API still shows."""

    chat_id: str
    created_at: float
    past: list[Snapshot]
    internal: bool = False  # without customers: no customer group
    joined: list[float] = field(default_factory=list)  # when customers came, for the statistics
    received: list[Received] = field(default_factory=list)  # mass messages

    @property
    def now(self) -> Snapshot:
        """The newest state, as its members see it."""
        return self.past[-1]

    def seen(self, now: float) -> Snapshot | None:
        """The state that the API shows, None while it does not know the group yet."""
        return next((one for one in reversed(self.past) if one.at <= now - LAG), None)

    def change(self, at: float, **values: object) -> Snapshot:
        """Make the next state."""
        shown = self.seen(at)
        if shown is not None:
            del self.past[: self.past.index(shown)]
        self.past.append(replace(self.now, at=at, **values))  # type: ignore[arg-type]
        return self.now


@dataclass(slots=True)
class JoinWay:
    """A join way (加入群聊): whoever scans it comes into the first of its groups that has a seat."""

    config_id: str
    agent_id: int
    pictures: str = ""  # where its picture is
    scene: int = 2
    chat_ids: list[str] = field(default_factory=list)
    state: str = ""
    remark: str = ""
    auto_create: bool = True
    base_name: str = ""
    base_number: int = 0

    @property
    def qr_code(self) -> str:
        """The address of the picture; it stays the same when the groups change."""
        return f"{self.pictures}/wwpic/{self.config_id}/0"


@dataclass(slots=True)
class GroupWelcome:
    """A material (入群欢迎语素材) that group owners may put to use."""

    template_id: str
    agent_id: int
    content: dict[str, object]
    notified: bool


@dataclass(slots=True)
class Groups:
    """The groups, join ways and group welcomes of a corp."""

    mint: Mint
    by_id: dict[str, Group] = field(default_factory=dict)
    ways: dict[str, JoinWay] = field(default_factory=dict)
    welcomes: dict[str, GroupWelcome] = field(default_factory=dict)

    def found(self, owner: str, *, name: str, members: Mapping[str, Membership], at: float) -> Group:
        """Create a group."""
        first = Snapshot(at=at, name=name, owner=owner, members=MappingProxyType({**members}), version=self.version())
        group = Group(self.mint.text("wr", 30), at, [first])
        group.joined += [at for one in members.values() if one.kind == CUSTOMER]
        self.by_id[group.chat_id] = group
        return group

    def seat(self, group: Group, members: Mapping[str, Membership], *, at: float) -> tuple[str, str]:
        """Have people come in; the version of the members before and after."""
        group.joined += [at for one in members.values() if one.kind == CUSTOMER]
        return self._turn(group, {**group.now.members, **members}, at)

    def unseat(self, group: Group, ids: tuple[str, ...], *, at: float) -> tuple[str, str]:
        """Have people go; the version of the members before and after."""
        return self._turn(group, {one: stay for one, stay in group.now.members.items() if one not in ids}, at)

    def version(self) -> str:
        """A version that no list of members had before."""
        return self.mint.hex("member_version")

    def _turn(self, group: Group, members: dict[str, Membership], at: float) -> tuple[str, str]:
        before = group.now.version
        group.change(at, members=MappingProxyType(members), version=self.version())
        return before, group.now.version
