"""The virtual WeCom in a process of its own: a big company, 50 ms for every answer, and a stopwatch on every add."""

import asyncio
import time

import msgspec

from bench.child import Answer, obey
from bot.cli.runtime import run
from simulator import run as simulate
from simulator.actions import customers
from simulator.limits import MINUTE, Quota
from simulator.transcript import CALL, CALLBACK
from simulator.world.people import Member

LATENCY = 0.05  # seconds that every API call takes
LANES = 64  # callbacks under way at once
STAFF = 1000  # each may get 30 prompts a minute
TICK = 0.01
DEPARTMENT = 5
WRITES = ("externalcontact/send_welcome_msg", "externalcontact/mark_tag", "externalcontact/remark", "message/send")
_FREE = (Quota(10**9, MINUTE),)


class Company:
    """The world, and when each of its customers came, was told of, and was welcomed."""

    def __init__(self, running) -> None:
        self.running = running
        self.simulator = running.simulator
        self.simulator.platform.latency = LATENCY
        self.simulator.limits.per_path = self.simulator.limits.per_ip = _FREE
        self.company = self.simulator.found_company()
        self.corp = self.company.corp
        self.staff = [f"bench.{number:04d}" for number in range(STAFF)]
        for number, userid in enumerate(self.staff):
            self.corp.directory.add(Member(userid, f"顾问{number}", [DEPARTMENT], "顾问"))
        self._post = self.simulator.delivery.sender
        self.simulator.delivery.sender = self._deliver
        self._begin()

    @property
    def hello(self) -> Answer:
        """What a config and an operator need to know."""
        return {
            "api_base": self.running.url,
            "corp_id": self.corp.id,
            "app": self.company.app.name,
            "agent_id": self.company.app.agent_id,
            "secret": self.company.app.secret,
            "token": self.company.token,
            "encoding_aes_key": self.company.encoding_aes_key,
            "staff": self.staff,
        }

    async def tell(self, order: Answer) -> Answer:
        """Do one of `open`, `ways`, `add` and `look`."""
        match order.pop("do"):
            case "open":
                keys = {"token": self.company.token, "encoding_aes_key": self.company.encoding_aes_key}
                self.corp.receive(self.company.app.agent_id, url=order["url"], **keys)
            case "ways":
                return {"count": len(self.corp.ways)}
            case "add":
                return {"seconds": await self._add(**order)}
            case "look":
                return self._look()
        return {}

    def _begin(self) -> None:
        self._came: dict[str, float] = {}
        self._told: dict[str, float] = {}
        self.simulator.transcript.clear()
        self._counts = dict(self.simulator.transcript.counts)

    async def _add(self, count: int, rate: float) -> float:
        """Let so many customers scan, at a steady rate or (0) all at once; the seconds it took."""
        self._begin()
        ways, start = list(self.corp.ways), time.monotonic()
        done = 0
        while done < count:
            wanted = min(count, int((time.monotonic() - start) * rate) + 1) if rate else count
            for number in range(done, wanted):
                relation = customers.scan(self.simulator.world, self.corp, config_id=ways[number % len(ways)])
                self._came[relation.external_userid] = self.simulator.clock.now()
            done = wanted
            await asyncio.sleep(TICK)
        return time.monotonic() - start

    async def _deliver(self, callback):
        """Note when a callback goes out for the first time."""
        customer = _customer(callback.plain)
        if customer:
            self._told.setdefault(customer, self.simulator.clock.now())
        return await self._post(callback)

    def _look(self) -> Answer:
        """How far it is: calls by path and code, and for every customer welcomed the seconds since come and told."""
        counts = self.simulator.transcript.counts
        fresh = {
            f"{path} {code}": count - self._counts.get((kind, path, code), 0)
            for (kind, path, code), count in counts.items()
            if kind in (CALL, CALLBACK) and count > self._counts.get((kind, path, code), 0)
        }
        return {"counts": fresh, "waiting": self.simulator.delivery.waiting}

    def waits(self) -> Answer:
        """Seconds from add and from callback to the accepted welcome."""
        codes = {code: one.relation.external_userid for code, one in self.corp.welcomes.codes.items()}
        accepted = {
            codes.get(msgspec.json.decode(entry.sent)["welcome_code"]): entry.at
            for entry in self.simulator.transcript.find(kind=CALL, path=WRITES[0])
            if entry.code == 0
        }
        return {
            "since_add": [accepted[one] - at for one, at in self._came.items() if one in accepted],
            "since_callback": [accepted[one] - at for one, at in self._told.items() if one in accepted],
        }


def _customer(plain: bytes) -> str:
    _, mark, rest = plain.partition(b"<ExternalUserID><![CDATA[")
    return rest.partition(b"]")[0].decode() if mark else ""


async def start(_: Answer):
    running = await simulate(seed=11, speed=1.0, lanes=LANES, kept=1_000_000)
    company = Company(running)

    async def tell(order: Answer) -> Answer:
        return company.waits() if order["do"] == "waits" else await company.tell(order)

    return company.hello, tell, running.stop


if __name__ == "__main__":
    run(obey(start))
