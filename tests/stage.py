"""The whole program on a stage: a virtual WeCom over real HTTP, services before it, and what can be seen of both.

    async with raised(migrated_url) as stage:
        await stage.serve()
        channel = await stage.channel(staff=["chen.yu"], welcome={"text": "hello"})
        customer = stage.scan(channel)
        await stage.until(lambda: stage.greetings(customer))

The service lives in the time of the virtual WeCom, which passes like ours and can be pushed forward.
"""

import asyncio
import inspect
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from prometheus_client import REGISTRY

from bot.app import Service
from bot.config import App, Config, Corp, Database, Keys, Server, Wecom
from simulator import Kind, Running, run
from simulator.actions import customers, staff
from simulator.transcript import CALL, Entry
from simulator.world.contacts import Relation
from sop.events import Own
from sop.intents import Intent
from sop.rounds import ROUNDS
from sop.sync import KINDS
from storage.database import connect
from storage.engine.sql import Statement, Unit
from storage.inspect import Decision, DecisionFilter, EventFilter, Inspect, IntentFilter, SeenEvent, SeenIntent
from storage.scope import Scope
from storage.store import Store
from storage.tokens import Tokens
from tests.services import free_port
from wecom.crypto import Cipher

PATIENCE = 15.0  # seconds until something must have happened
MANY = 5000
GREETING = "externalcontact/send_welcome_msg"
MARKING = "externalcontact/mark_tag"
REMARKING = "externalcontact/remark"
SENDING = "message/send"
MAKING = "externalcontact/add_contact_way"
_OPEN = Statement("""
    SELECT (SELECT COUNT(*) FROM events WHERE open) + (SELECT COUNT(*) FROM intents WHERE open) AS count,
           (SELECT COUNT(*) FROM events) AS arrived
""")
_RUNNING = Statement("""
    SELECT COUNT(*) AS begun, COUNT(CASE WHEN status = 'running' THEN 1 END) AS running FROM jobs
""")
_LEFT = Statement("""
    SELECT (SELECT COUNT(*) FROM events WHERE open) + (SELECT COUNT(*) FROM intents WHERE open)
         + (SELECT COUNT(*) FROM timers) + (SELECT COUNT(*) FROM enrolments WHERE status = 'parked') AS count
""")
_LEASED = Statement("""
    SELECT (SELECT COUNT(*) FROM events WHERE open AND lease_until > :now)
         + (SELECT COUNT(*) FROM intents WHERE open AND lease_until > :now) AS count
""")


class Stage:
    """A company in a virtual WeCom, the services that work for it, and an operator's client."""

    def __init__(self, wecom: Running, url: str) -> None:
        self.wecom = wecom
        self.simulator = wecom.simulator
        self.company = wecom.simulator.found_company()
        self.corp, self.app = self.company.corp, self.company.app
        self.url = url
        self.services: list[Service] = []
        self.base = ""
        self.database = connect(url)
        self.inspect = Inspect(self.database)
        self.api = httpx.AsyncClient(trust_env=False, timeout=30)

    def now(self) -> datetime:
        """The moment in the virtual world."""
        return datetime.fromtimestamp(self.simulator.clock.now(), UTC)

    def push(self, seconds: float) -> None:
        """Let time pass at once, for WeCom and the services alike."""
        self.simulator.clock.advance(seconds)
        for service in self.services:
            service.bells.ring()

    def config(self, port: int, *keys: Keys) -> Config:
        """What a real config.toml would say."""
        pair = Keys(self.company.token, self.company.encoding_aes_key)
        app = App(self.app.name, self.app.agent_id, self.app.secret, keys or (pair,))
        base = f"http://127.0.0.1:{port}"
        return Config(
            server=Server(port=port, public_url=base),
            database=Database(self.url),
            wecom=Wecom(self.wecom.url),
            corps=(Corp(self.corp.id, self.corp.name, apps=(app,)),),
        )

    def hire(self, role: str = "all", *, keys: tuple[Keys, ...] = (), wired: bool = False) -> Service:
        """A service that has not begun; `wired`: it reaches WeCom over HTTP, not inside this process."""
        transport = None if wired else self.simulator.transport()
        return Service(self.config(free_port(), *keys), role, transport=transport, now=self.now)

    async def serve(self, service: Service | None = None, role: str = "all", **how: Any) -> Service:
        """Begin a service; one that takes callbacks is told to WeCom and to the operator."""
        service = service or self.hire(role, **how)
        await service.start()
        self.services.append(service)
        if "web" in service._roles:
            self.base = service._config.server.public_url
            self.listen(self.callback)
            await self.admit()
        return service

    async def admit(self) -> None:
        """Let the operator's client in."""
        token = await Tokens(self.database).create("admin", name="stage", now=self.now())
        self.api.headers["Authorization"] = f"Bearer {token}"

    async def settled(self) -> None:
        """Wait until the service has read a corp that is new to it, and has nothing more to do."""
        await self.until(self.familiar)

    async def familiar(self) -> bool:
        """Whether every round has begun, and nothing that it began is going on any more."""
        (row,) = await self.database.fetch(_RUNNING)
        return row["running"] == 0 and row["begun"] >= len(KINDS) and await self.idle(least=len(ROUNDS))

    async def idle(self, *, least: int = 0) -> bool:
        """Whether everything that has arrived is finished, and everything wanted is done."""
        if self.simulator.delivery.waiting:  # asked first: what is delivered afterwards would be in neither answer
            return False
        (row,) = await self.database.fetch(_OPEN)
        return row["count"] == 0 and row["arrived"] >= least

    async def quiet(self) -> bool:
        """Whether nothing waits for its time either; read at one moment, as a timer becomes an event between two."""
        if self.simulator.delivery.waiting:
            return False
        (row,) = await self.database.fetch(_LEFT)
        return row["count"] == 0

    async def run(self, sql: str) -> None:
        """Change something in the database behind the service's back."""
        unit = Unit()
        unit.add(Statement(sql))
        await self.database.commit(unit)

    async def leased(self) -> int:
        """How many events and intents are in the hands of a worker."""
        (row,) = await self.database.fetch(_LEASED, now=int(self.simulator.clock.now() * 1000))
        return row["count"]

    @property
    def callback(self) -> str:
        """Where callbacks go."""
        return f"{self.base}/callback/{self.corp.id}/{self.app.name}"

    def listen(self, url: str) -> None:
        """Tell WeCom the callback URL, as an administrator does."""
        company = self.company
        self.corp.receive(self.app.agent_id, url=url, token=company.token, encoding_aes_key=company.encoding_aes_key)

    def seal(self, plain: bytes, cipher: Cipher | None = None) -> tuple[dict[str, str], bytes]:
        """Query and body of a callback, as WeCom would send it to the app."""
        cipher = cipher or self.app.receiver.cipher
        sealed = cipher.seal(plain, timestamp=str(int(self.simulator.clock.now())), nonce=secrets.token_hex(5))
        body = f"<xml><ToUserName>{self.corp.id}</ToUserName><Encrypt>{sealed.encrypted}</Encrypt></xml>"
        query = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
        return query, body.encode()

    async def knock(self, plain: bytes, cipher: Cipher | None = None) -> httpx.Response:
        """Send a callback by hand, once."""
        query, body = self.seal(plain, cipher)
        return await self.api.post(self.callback, params=query, content=body)

    async def announce(self, event: Own) -> None:
        """Let an event of our own happen."""
        store = self.store()
        store.announce(event)
        await store.commit()

    async def want(self, intent: Intent) -> None:
        """Want something done at WeCom."""
        store = self.store()
        store.intend(intent)
        await store.commit()

    def store(self) -> Store:
        """A transaction of our own."""
        return Store(Scope(database=self.database, corp_id=self.corp.id, app=self.app.name, now=self.now()))

    async def stop(self, service: Service) -> None:
        """Stop a service in order."""
        self.services.remove(service)
        await service.stop()

    async def post(self, path: str, body: dict[str, Any], **query: Any) -> dict[str, Any]:
        """Do something as an operator."""
        answer = await self.api.post(f"{self.base}/api/v1/{path}", json=body, params=query)
        assert answer.is_success, answer.text
        return answer.json()

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Look at something as an operator."""
        answer = await self.api.get(f"{self.base}/api/v1/{path}", params=query)
        assert answer.is_success, answer.text
        return answer.json()

    async def channel(self, **wanted: Any) -> dict[str, Any]:
        """A channel that customers can scan, once WeCom has made its code."""
        body = {"name": "上海门店", "staff": [self.rep], **wanted}
        channel = await self.post("channels", body, wait=10)
        assert channel["status"] == "live", channel
        return channel

    @property
    def rep(self) -> str:
        """A member of a team who is not its lead."""
        return self.company.members[8].userid

    @property
    def team(self) -> list[str]:
        """Many members: one alone may get thirty messages a minute."""
        return [member.userid for member in self.company.members[8:20]]

    @property
    def lead(self) -> str:
        """The lead of that team."""
        return self.company.members[7].userid

    def tag_id(self, name: str) -> str:
        """A corp tag by its name."""
        return next(tag.id for tag in self.corp.tags.tags.values() if tag.name == name)

    def scan(self, channel: dict[str, Any], **about: Any) -> Relation:
        """A customer scans the code of a channel."""
        return customers.scan(self.simulator.world, self.corp, state=channel["state"], **about)

    def add(self, userid: str = "", **about: Any) -> Relation:
        """A customer adds a member without any code."""
        return customers.add(self.simulator.world, self.corp, userid=userid or self.rep, **about)

    def act(self, action: Callable[..., Any], relation: Relation, **about: Any) -> Any:
        """The customer or the member of a relation does something."""
        pair = {"userid": relation.userid, "external_userid": relation.external_userid}
        return action(self.simulator.world, self.corp, **pair, **about)

    def write(self, userid: str, text: str) -> str:
        """A member writes to the app."""
        return staff.write(self.simulator.world, self.corp, userid=userid, app=self.app.name, text=text)

    def greetings(self, relation: Relation) -> list[dict[str, Any]]:
        """The welcomes that reached a customer's phone."""
        received = self.corp.contacts.customers[relation.external_userid].received
        return [one.content for one in received if one.kind == "welcome" and one.userid == relation.userid]

    def inbox(self, userid: str) -> list[dict[str, Any]]:
        """What the app has sent to a member."""
        return [message.content for message in self.corp.mail.of(userid)]

    def calls(self, path: str, *, code: int | str | None = "any") -> list[Entry]:
        """The calls of an API, in the order they were answered."""
        found = self.simulator.transcript.find(kind=CALL, path=path)
        return [entry for entry in found if code in ("any", entry.code)]

    def fail(self, kind: Kind, path: str, **settings: Any) -> Any:
        """Switch a fault on."""
        return self.simulator.fail(kind, path, **settings)

    async def events(self, kind: str = "") -> list[SeenEvent]:
        """What has arrived, oldest first."""
        return (await self.inspect.events(EventFilter(kind=kind), limit=MANY))[::-1]

    async def intents(self, kind: str = "", status: str = "") -> list[SeenIntent]:
        """What was wanted, oldest first."""
        return (await self.inspect.intents(IntentFilter(kind=kind, status=status), limit=MANY))[::-1]

    async def decisions(self, what: str, verdict: str) -> list[Decision]:
        """Decisions of one kind."""
        return await self.inspect.decisions(DecisionFilter(what=what, verdict=verdict), limit=MANY)

    async def reasons(self, what: str, relation: Relation | None = None) -> list[tuple[str, str]]:
        """Verdict and reason of decisions, oldest first."""
        which = DecisionFilter(what=what, customer=relation.external_userid if relation else "")
        return [(one.verdict, one.reason) for one in (await self.inspect.decisions(which, limit=MANY))[::-1]]

    async def until(self, sight: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Wait until something can be seen, and return it."""
        end = time.monotonic() + seconds
        while True:
            seen = sight()
            if inspect.isawaitable(seen):
                seen = await seen
            if seen:
                return seen
            assert time.monotonic() < end, f"not seen within {seconds} s: {inspect.getsource(sight).strip()}"
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """End everything."""
        for service in self.services:
            await service.stop()
        await self.api.aclose()
        await self.database.close()
        await self.wecom.stop()


@asynccontextmanager
async def raised(url: str, *, lanes: int = 8) -> AsyncIterator[Stage]:
    """A stage over a migrated database; `lanes` is how many callbacks WeCom sends side by side."""
    wecom = await run(seed=7, lanes=lanes)
    wecom.simulator.delivery.pause = 0.2
    stage = Stage(wecom, url)
    await stage.database.open()
    try:
        yield stage
    finally:
        await stage.close()


def read(entry: Entry) -> dict[str, Any]:
    """What a call said."""
    return msgspec.json.decode(entry.sent)


def counted(name: str, **labels: str) -> float:
    """What a metric of this process says now."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def contact(change: str, *, at: int, corp_id: str, customer: str = "wm1", **more: str) -> bytes:
    """The plain body of a customer event."""
    fields = {
        "ToUserName": corp_id, "FromUserName": "sys", "CreateTime": str(at), "MsgType": "event",
        "Event": "change_external_contact", "ChangeType": change, "ExternalUserID": customer, **more,
    }  # fmt: skip
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in fields.items())}</xml>".encode()
