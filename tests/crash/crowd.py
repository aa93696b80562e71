"""The customers of a crash test: they come while the service dies, and each must have been served once."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from xml.etree.ElementTree import fromstring

from simulator.transcript import CALLBACK
from simulator.world.contacts import Relation
from storage.engine.sql import Statement
from storage.inspect import EventFilter, IntentFilter
from tests.stage import GREETING, MANY, MARKING, REMARKING, SENDING, Kind, Stage

A_SECOND = 5  # customers; with more, members get over thirty messages a minute, which WeCom drops without a word
PATIENT = 0.8  # of those who find the door closed; callbacks about the others WeCom gives up
ADDED = "change_external_contact/add_external_contact"
FOLLOWUP = "回访"
FLOW = {
    "name": FOLLOWUP,
    "entries": [{"kind": "event", "event": "added"}],
    "start": "wait",
    "nodes": {"wait": {"kind": "wait", "for": "PT2S", "next": "greet"}, "greet": {"kind": "task", "name": FOLLOWUP}},
}
TAGS = ("门店", "新客")


_GIVEN = Statement("SELECT COUNT(*) AS count FROM tasks WHERE external_user_id = :customer AND title = :title")


class Crowd:
    """Customers who scan one channel, and what became of them."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self._stage = stage
        self._chance = chance
        self._came: dict[str, Relation] = {}
        self._channel: dict[str, str] = {}
        self._tags = {stage.tag_id(name) for name in TAGS}

    async def invite(self) -> None:
        """Set up what they will meet: a welcome, tags, a remark, and a flow with a task after two seconds."""
        stage = self._stage
        members = [member.userid for member in stage.company.members]
        self._channel = await stage.channel(
            staff=members, tags=sorted(self._tags), remark="{channel}-{customer}", welcome={"text": "{customer}，你好"}
        )
        flow = await stage.post("flows", {"document": FLOW})
        await stage.post(f"flows/{flow['id']}/publish", {"mode": "follow", "edition": flow["edition"]})
        await stage.until(stage.idle)

    def misfortune(self) -> None:
        """WeCom and the network have a bad day."""
        for path in (GREETING, MARKING, REMARKING, SENDING):
            self._stage.fail(Kind.REFUSE, path, code=-1, probability=0.05)
            self._stage.fail(Kind.RESET_AFTER, path, probability=0.05)
            self._stage.fail(Kind.RESET_BEFORE, path, probability=0.02)
            self._stage.fail(Kind.SILENCE, path, probability=0.02)
        self._stage.fail(Kind.DUPLICATE, ADDED, probability=0.2)
        self._stage.fail(Kind.REORDER, ADDED, probability=0.1, seconds=1.0)

    async def come(self, opened: Callable[[], bool]) -> None:
        """Scan, one after another and sometimes many at once, until cancelled; mostly while the door is open."""
        while True:
            if not opened() and self._chance.random() < PATIENT:
                await asyncio.sleep(0.05)
                continue
            for _ in range(self._chance.choice((1, 1, 1, 1, 6))):
                relation = self._stage.scan(self._channel)
                self._came[relation.external_userid] = relation
            await asyncio.sleep(self._chance.expovariate(A_SECOND / 2))

    def acknowledged(self) -> dict[str, Relation]:
        """Those of whom the service said that it knows."""
        entries = self._stage.simulator.transcript.find(kind=CALLBACK, path=ADDED)
        told = {fromstring(entry.sent).findtext("ExternalUserID") for entry in entries if entry.code == 200}
        return {external: relation for external, relation in self._came.items() if external in told}

    async def check(self) -> tuple[int, int]:
        """Each acknowledged customer has been served, nobody twice. How many, and how many welcomes were too late."""
        late, doubtful = await self._late()
        served = self.acknowledged()
        for external, relation in served.items():
            greetings = len(self._stage.greetings(relation))
            if external not in doubtful:
                assert greetings == (external not in late), f"{external} was greeted {greetings} times"
            assert set(relation.tags) == self._tags, f"{external} has the tags {relation.tags}"
            assert relation.remark.startswith("上海门店-"), f"{external} has the remark {relation.remark}"
            cards = self._cards(relation)
            shown = cards.pop(FOLLOWUP, 0)  # of many tasks at once the member is told in one message
            wanted = {"新客户": 1} | ({"请手动问候": 1} if external in late else {})
            assert cards == wanted, f"{relation.userid} was prompted: {cards}\n{await self._tell(external)}"
            given = await self._stage.database.fetch(_GIVEN, customer=external, title=FOLLOWUP)
            assert (given[0]["count"], shown) in ((1, 0), (1, 1)), f"{external}: {given[0]['count']} tasks"
        for external, relation in self._came.items():
            assert len(self._stage.greetings(relation)) <= 1
            assert max(self._cards(relation).values(), default=0) <= 1, f"{external}: {self._cards(relation)}"
        return len(served), len(late & served.keys())

    async def _tell(self, external: str) -> str:
        """What the service knows of a customer, for the report of a failure."""
        inspect = self._stage.inspect
        lines = [
            f"{intent.finished_at} {intent.kind} {intent.status} {intent.code} tries {intent.attempt}"
            for intent in await inspect.intents(IntentFilter(customer=external))
        ]
        for event in await inspect.events(EventFilter(customer=external)):
            fates = [f"{one.handler}={one.status}" for one in await inspect.reactions(event.id)]
            lines.append(f"{event.received_at} {event.kind} {event.state}: {', '.join(fates)}")
        return "\n".join(lines)

    def _cards(self, relation: Relation) -> Counter[str]:
        """The prompts of a member about a customer, by what they begin with."""
        return Counter(
            card["main_title"]["title"].split("：")[0]
            for card in self._stage.inbox(relation.userid)
            if card["card_action"]["url"].endswith(relation.external_userid)
        )

    async def _late(self) -> tuple[set[str], set[str]]:
        """Customers whose welcome was parked, and of these whom an unheard try may have greeted."""
        decisions = await self._stage.decisions("welcome", "late")
        assert {decision.reason for decision in decisions} <= {"too_late"}
        intents = await self._stage.inspect.intents(IntentFilter(kind="send_welcome"), limit=MANY)
        assert {intent.status for intent in intents} <= {"done", "late"}
        doubtful = {intent.id for intent in intents if intent.doubtful}
        late = {decision.external_user_id: decision.intent_id for decision in decisions}
        return set(late), {external for external, intent_id in late.items() if intent_id in doubtful}
