"""Acquisition links (获客助手): whom they lead to, who came by them, and the quota that this uses up (page 97297)."""

from dataclasses import dataclass, field

from simulator.world.mint import Mint

LOW = 20  # customers left, below which the corp is warned
KEY_LIFE = 1800.0  # seconds that a chat_key lives
FIRST_QUOTA = 1000
MOST_LINKS = 10_000  # the platform's number is not public


@dataclass(slots=True)
class Link:
    """A link; only the app that made it sees it."""

    link_id: str
    agent_id: int
    created_at: float
    name: str = ""
    users: list[str] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
    skip_verify: bool = True
    mark_source: bool = True
    priority: dict[str, object] = field(default_factory=dict)
    opens: int = 0
    clicks: list[float] = field(default_factory=list)
    unavailable: bool = False  # and its app was told

    @property
    def url(self) -> str:
        """The address, without a channel."""
        return f"https://work.weixin.qq.com/ca/{self.link_id}"


@dataclass(slots=True)
class Visit:
    """Somebody who came by a link; `messages` were received by the member."""

    external_userid: str
    userid: str
    link_id: str
    state: str
    at: float
    messages: int = 0


@dataclass(slots=True)
class Purchase:
    """A part of the quota."""

    expires_at: float
    balance: int


@dataclass(slots=True)
class Acquisition:
    """All links of a corp, their customers, and the quota; what expires first is used first."""

    mint: Mint
    links: dict[str, Link] = field(default_factory=dict)
    visits: dict[tuple[str, str], Visit] = field(default_factory=dict)  # by userid and external_userid
    keys: dict[str, tuple[Visit, float]] = field(default_factory=dict)  # chat_key: whose, since when
    purchases: list[Purchase] = field(default_factory=list)
    total: int = FIRST_QUOTA
    most_links: int = MOST_LINKS
    prioritises: bool = True  # whether the business category allows priority_option
    _given: int = FIRST_QUOTA  # the part that never expires

    @property
    def balance(self) -> int:
        """How many customers may still come."""
        return self._given + sum(one.balance for one in self.purchases)

    def set_balance(self, left: int) -> None:
        """Let so much of the part that never expires be left."""
        self._given = left

    def buy(self, purchase: Purchase) -> None:
        """Add to the quota."""
        self.purchases.append(purchase)
        self.purchases.sort(key=lambda one: one.expires_at)
        self.total += purchase.balance

    def use(self) -> None:
        """Take one customer off the quota."""
        part = next((one for one in self.purchases if one.balance), None)
        if part is not None:
            part.balance -= 1
        else:
            self._given -= 1

    def made_by(self, agent_id: int) -> list[Link]:
        """The links that an app sees, oldest first."""
        return [link for link in self.links.values() if link.agent_id == agent_id]

    def of(self, link_id: str) -> list[Visit]:
        """Who came by a link, oldest first."""
        return [visit for visit in self.visits.values() if visit.link_id == link_id]

    def issue(self, visit: Visit, *, now: float) -> str:
        """Make a chat_key."""
        key = self.mint.text("CK_", 20)
        self.keys[key] = (visit, now)
        return key

    def look(self, chat_key: str, *, now: float) -> Visit | None:
        """Whose key it is, None when it is not ours or dead."""
        visit, since = self.keys.get(chat_key, (None, 0.0))
        return visit if now < since + KEY_LIFE else None
