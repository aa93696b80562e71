"""Life: customers who arrive by themselves, and what they and their reps then do, with seeded chance."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from simulator.actions import customers, staff
from simulator.actions.errors import Impossible
from simulator.world import World
from simulator.world.contacts import Relation
from simulator.world.corp import Corp
from simulator.world.inbox import Message
from simulator.world.transfers import WAIT, Transfer

MINUTE = 60.0
QUESTIONS = ("帮助", "今日", "客户 小王", "你好")
REMEMBERED = 1000  # customers who may come back
PHRASES = ("你好，想了解一下产品", "多少钱？", "有优惠吗", "好的谢谢", "门店在哪里？")


@dataclass(slots=True)
class Habits:
    """How many come, and how probable it is that something happens after an arrival.

    `arrivals` are per virtual minute; `pace` is the mean time in virtual seconds until a person acts.
    """

    arrivals: float = 0.0
    half: float = 0.0  # not confirmed at once
    returns: float = 0.05  # somebody who is known already
    searches: float = 0.05  # finds a member without a code
    replies: float = 0.5
    leaves: float = 0.05
    removes: float = 0.01
    tags: float = 0.15
    notes: float = 0.05
    asks: float = 0.1  # the rep writes to the app
    clicks: float = 0.3  # the rep uses a card
    confirms: float = 0.5  # the rep confirms a mass message
    declines: float = 0.0  # the customer refuses to be handed over
    pace: float = 30.0


class Behaviour:
    """The people: what they do of their own accord, put on the world's agenda."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.habits = Habits()
        self._next_arrival = float("inf")
        self._known: deque[tuple[Corp, str]] = deque(maxlen=REMEMBERED)
        world.offers.append(self._consider)

    @property
    def next_at(self) -> float:
        """When something happens next, in virtual Unix seconds; infinity for never."""
        return min(self._next_arrival, self.world.agenda.next_at)

    def arrivals(self, per_minute: float) -> None:
        """Let so many customers come per virtual minute from now on; 0 stops them."""
        self.habits.arrivals = per_minute
        self._next_arrival = self.world.now() + self._wait() if per_minute else float("inf")

    def step(self) -> int:
        """Let all that is due happen; returns how many things did."""
        done = 0
        while (at := self.next_at) <= self.world.now():
            if at == self._next_arrival:
                self._next_arrival = at + self._wait()
                act: Callable[[], object] = self._arrive
            else:
                act = self.world.agenda.take()
            try:
                act()
            except Impossible:
                continue  # somebody left, or was deleted, before it came to that
            done += 1
        return done

    def _wait(self) -> float:
        return self.world.random.expovariate(self.habits.arrivals / MINUTE)

    def _happens(self, probability: float) -> bool:
        return self.world.random.random() < probability

    def _later(self, act: Callable[[], object]) -> None:
        wait = self.world.random.expovariate(1 / self.habits.pace)
        self.world.agenda.put(self.world.now() + wait, act)

    def _arrive(self) -> None:
        corps = [corp for corp in self.world.corps.values() if corp.ways]
        if not corps:
            return
        corp, external = self.world.random.choice(corps), ""
        if self._known and self._happens(self.habits.returns):
            corp, external = self.world.random.choice(self._known)
        half = self._happens(self.habits.half)
        relation = self._meet(corp, external, half=half)
        pair = {"userid": relation.userid, "external_userid": relation.external_userid}
        self._known.append((corp, relation.external_userid))
        if half:
            self._later(lambda: customers.accept(self.world, corp, **pair))
        self._plan_customer(corp, pair)
        self._plan_rep(corp, relation)

    def _meet(self, corp: Corp, external_userid: str, *, half: bool) -> Relation:
        """Come by a contact way, or now and then by search."""
        world = self.world
        if not corp.ways or self._happens(self.habits.searches):
            found = [member.userid for member in corp.directory if member.serves]
            if not found:
                raise Impossible("nobody can be found")
            userid = world.random.choice(found)
            return customers.add(world, corp, userid=userid, external_userid=external_userid, half=half)
        way = world.random.choice(list(corp.ways))
        return customers.scan(world, corp, config_id=way, external_userid=external_userid, half=half)

    def _plan_customer(self, corp: Corp, pair: dict[str, str]) -> None:
        world, habits = self.world, self.habits
        if self._happens(habits.replies):
            text = world.random.choice(PHRASES)
            self._later(lambda: customers.reply(world, corp, text=text, **pair))
        if self._happens(habits.leaves):
            self._later(lambda: customers.leave(world, corp, **pair))

    def _plan_rep(self, corp: Corp, relation: Relation) -> None:
        world, habits, userid = self.world, self.habits, relation.userid
        external = relation.external_userid
        if corp.tags.tags and self._happens(habits.tags):
            put = [world.random.choice(list(corp.tags.tags))]
            self._later(lambda: staff.tag(world, corp, userid=userid, external_userid=external, put=put))
        if self._happens(habits.notes):
            name = f"{corp.contacts.customers[external].name}-老客"[:20]
            self._later(lambda: staff.note(world, corp, userid=userid, external_userid=external, remark=name))
        if self._happens(habits.removes):
            self._later(lambda: staff.remove(world, corp, userid=userid, external_userid=external))
        if self._happens(habits.asks):
            question = world.random.choice(QUESTIONS)
            self._later(lambda: self._ask(corp, userid, question))
        if self._happens(habits.clicks):
            self._later(lambda: self._click(corp, userid))
        if self._happens(habits.confirms):
            self._later(lambda: self._confirm(corp, userid))

    def _consider(self, corp: Corp, transfer: Transfer) -> None:
        """A customer who would rather not have another rep says so before the day is over."""
        if self._happens(self.habits.declines):
            pair = {"userid": transfer.takeover, "external_userid": transfer.external_userid}
            wait = self.world.random.uniform(0, WAIT)
            self.world.agenda.put(self.world.now() + wait, lambda: customers.decline(self.world, corp, **pair))

    def _ask(self, corp: Corp, userid: str, question: str) -> None:
        for app in corp.apps.values():
            if app.receiver:
                staff.write(self.world, corp, userid=userid, app=app.name, text=question)
                return

    def _click(self, corp: Corp, userid: str) -> None:
        """Press the first button of the newest card that has one."""
        for message in reversed(list(corp.mail.of(userid))):
            keys = _button_keys(message)
            if keys and userid not in message.updates and not message.recalled:
                app = corp.apps[message.agent_id].name
                staff.click(self.world, corp, userid=userid, app=app, task_id=message.task_id, key=keys[0])
                return

    def _confirm(self, corp: Corp, userid: str) -> None:
        for broadcast in list(corp.broadcasts.by_id.values()):
            task = broadcast.tasks.get(userid)
            if task is not None and not task.confirmed_at and not broadcast.cancelled:
                staff.confirm(self.world, corp, userid=userid, msgid=broadcast.msgid)


def _button_keys(message: Message) -> list[str]:
    buttons = message.content.get("button_list")
    return [one["key"] for one in buttons if one.get("key")] if isinstance(buttons, list) else []
