"""The client of one (corp, app): every API by its subject."""

import httpx

from wecom.acquisition import Acquisition
from wecom.broadcasts import Broadcasts
from wecom.budget import Budget
from wecom.caller import Caller
from wecom.calls import PROMPT, App, Pace
from wecom.contactways import ContactWays
from wecom.customers import Customers
from wecom.exchange import connect
from wecom.groups import Groups
from wecom.groupwelcomes import GroupWelcomes
from wecom.ids import CorpId
from wecom.intercepts import Intercepts
from wecom.joinways import JoinWays
from wecom.line import Line
from wecom.media import Media
from wecom.messages import Messages
from wecom.moments import Moments
from wecom.staff import Staff
from wecom.strategies import Strategies
from wecom.tags import Tags
from wecom.tokens import Clock, TokenStore, now
from wecom.transfers import Transfers
from wecom.welcomes import Welcomes

API_BASE = "https://qyapi.weixin.qq.com"


class Apis:
    """The APIs by subject, all called at one pace."""

    def __init__(self, caller: Caller) -> None:
        self.staff = Staff(caller)
        self.customers = Customers(caller)
        self.contactways = ContactWays(caller)
        self.tags = Tags(caller)
        self.welcomes = Welcomes(caller)
        self.messages = Messages(caller)
        self.media = Media(caller)
        self.broadcasts = Broadcasts(caller)
        self.moments = Moments(caller)
        self.transfers = Transfers(caller)
        self.groups = Groups(caller)
        self.joinways = JoinWays(caller)
        self.groupwelcomes = GroupWelcomes(caller)
        self.acquisition = Acquisition(caller)
        self.intercepts = Intercepts(caller)
        self.strategies = Strategies(caller)


class Client(Apis):
    """An app of a corp calling the platform.

    A call returns the parsed answer once the platform says it is done. Else it raises `Refused`,
    `TryLater`, `NoAnswer`, or, before anything is sent, `OverLimit`: see `wecom.errors`. The transport,
    the token store and the budget are shared by the clients of a process, and closed by their owner.
    """

    def __init__(
        self,
        corp_id: CorpId,
        app: App,
        *,
        transport: httpx.AsyncBaseTransport,
        tokens: TokenStore,
        budget: Budget,
        api_base: str = API_BASE,
        clock: Clock = now,
    ) -> None:
        exchange = connect(transport, api_base)
        self._line = Line(corp_id, app, exchange=exchange, tokens=tokens, budget=budget, clock=clock)
        self.corp_id = corp_id
        self.app = app
        super().__init__(Caller(self._line, PROMPT))

    def at(self, pace: Pace) -> Apis:
        """The same APIs for a caller who waits differently, such as at `BACKGROUND`."""
        return Apis(Caller(self._line, pace))

    async def aclose(self) -> None:
        """Stop what runs beside the calls."""
        await self._line.aclose()
