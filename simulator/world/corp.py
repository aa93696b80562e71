"""A corp with its apps: who may call what, and where callbacks go."""

from dataclasses import dataclass, field

from simulator.world.acquisition import Acquisition
from simulator.world.broadcasts import Broadcasts
from simulator.world.contacts import Contacts
from simulator.world.groups import Groups
from simulator.world.inbox import Mailroom
from simulator.world.intercepts import Intercepts
from simulator.world.media import MediaStore
from simulator.world.mint import Mint
from simulator.world.moments import Moments
from simulator.world.people import Directory, Member, Scope
from simulator.world.strategies import Strategy
from simulator.world.tags import TagLibrary
from simulator.world.transfers import Transfers
from simulator.world.ways import ContactWay
from simulator.world.welcomes import Welcomes
from wecom.crypto import Cipher


@dataclass(frozen=True, slots=True)
class Receiver:
    """An app's callback settings (接收消息)."""

    url: str
    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)
    cipher: Cipher = field(repr=False)


@dataclass(slots=True)
class App:
    """A self-built app (自建应用)."""

    agent_id: int
    name: str
    secret: str = field(repr=False)
    scope: Scope = field(default_factory=Scope)
    customer_contact: bool = True  # on the list of apps that may call customer contact
    contact_events: bool = False  # gets change_contact, as 代开发 apps and the contacts assistant do
    trusted_ips: frozenset[str] | None = None  # None: every address may call
    enabled: bool = True
    mini_programs: frozenset[str] = frozenset()
    receiver: Receiver | None = None


@dataclass(slots=True)
class Corp:
    """Everything one corp has."""

    id: str
    name: str
    mint: Mint
    account_cap: int = 1000
    apps: dict[int, App] = field(default_factory=dict)
    directory: Directory = field(default_factory=Directory)
    contacts: Contacts = field(default_factory=Contacts)
    ways: dict[str, ContactWay] = field(default_factory=dict)
    transfers: Transfers = field(default_factory=Transfers)
    blocked_words: frozenset[str] = frozenset()  # what the platform lets nobody send to many
    strategies: dict[int, Strategy] = field(default_factory=dict)
    tags: TagLibrary = field(init=False)
    strategy_tags: TagLibrary = field(init=False)  # of rule groups (规则组)
    welcomes: Welcomes = field(init=False)
    media: MediaStore = field(init=False)
    broadcasts: Broadcasts = field(init=False)
    moments: Moments = field(init=False)
    mail: Mailroom = field(init=False)
    groups: Groups = field(init=False)
    acquisition: Acquisition = field(init=False)
    intercepts: Intercepts = field(init=False)

    def __post_init__(self) -> None:
        self.tags = TagLibrary(self.mint)
        self.strategy_tags = TagLibrary(self.mint, "st")
        self.welcomes = Welcomes(self.mint)
        self.media = MediaStore(self.mint)
        self.broadcasts = Broadcasts(self.mint)
        self.moments = Moments(self.mint)
        self.mail = Mailroom(self.mint)
        self.groups = Groups(self.mint)
        self.acquisition = Acquisition(self.mint)
        self.intercepts = Intercepts(self.mint)

    def receive(self, agent_id: int, *, url: str, token: str, encoding_aes_key: str) -> Receiver:
        """Set where an app's callbacks go, without asking the address (see `Delivery.verify`)."""
        receiver = Receiver(url, token, encoding_aes_key, Cipher(token, encoding_aes_key, self.id))
        self.apps[agent_id].receiver = receiver
        return receiver

    def app(self, name: str) -> App:
        """Return the app of that name; KeyError when there is none."""
        for app in self.apps.values():
            if app.name == name:
                return app
        raise KeyError(name)

    def expand(self, way: ContactWay) -> list[Member]:
        """Return the members of a contact way, its departments expanded, who can add customers."""
        members = [member for userid in way.users if (member := self.directory.find(userid))]
        for number in way.departments:
            members += self.directory.staff(number, deep=True)
        return list({member.userid: member for member in members if member.serves}.values())
