"""Add → join: the welcome offers the right group; customers with a tag become tasks of their members."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from handlers.jobs import walk
from handlers.links import Links
from handlers.router import Router
from sop.events import StepDue
from sop.greeting import Choice, Scene
from sop.groups import codes as groupcodes
from sop.groups import invitations
from sop.groups.invitations import Arrival, Door, Offer, Rule
from sop.intents import Prompt
from sop.jobs import Job, Part, Progress
from sop.reasons import Skip
from sop.tasks import Give
from storage.groups.codes import GroupCode
from storage.store import Store
from wecom.events.customers import ContactEvent

router = Router()
BATCH = 200  # customers in one step
TIME = timedelta(days=1)  # to invite them


async def offer(event: ContactEvent, scene: Scene, choice: Choice, store: Store, *, links: Links) -> Choice:
    """The welcome with a link to a group, where an invitation applies; WeCom is asked nothing for it."""
    rules = await store.invitations.enabled()
    if not rules:
        return choice
    arrival = await _arrive(event, scene, rules, store)
    doors = await _doors([rule for rule in rules if invitations.concerns(rule, arrival)], event, store)
    found = invitations.choose(rules, arrival, doors)
    about = {"user_id": event.user_id, "external_user_id": event.external_user_id}
    if isinstance(found, Offer):
        about["rule"] = f"invitation:{found.rule.id}"
        extended = invitations.extend(choice, found, links.group(found.door.state))
        if not isinstance(extended, Skip):
            facts = {"code": found.door.code_id, "seats": found.door.seats, "city": arrival.city}
            store.decide("invitation", "sent", found.reason, version=found.rule.version, **facts, **about)
            return extended
        found = extended
    store.decide("invitation", "skipped", found.reason, city=arrival.city, **about)
    return choice


class _Place(msgspec.Struct, frozen=True):
    """Where a job stands: the last member and customer, and how many of this member's are among them."""

    user_id: str = ""
    customer: str = ""
    count: int = 0


@router.on(StepDue, of=invitations.JOB)
async def step(event: StepDue, store: Store, links: Links) -> None:
    """Give out the next tasks; each member is told once, of all their customers together."""

    async def turn(job: Job, part: Part) -> Progress:
        place = msgspec.json.decode(part.cursor, type=_Place) if part.cursor else _Place()
        code = await store.groupcodes.get(int(part.body["code"]))
        if code is None or code.ended:
            return Progress(cursor=part.cursor, reason=groupcodes.CODE_DELETED)
        found = await store.invitations.tagged(
            part.body["tags"], groups=code.groups, after=(place.user_id, place.customer), most=BATCH
        )
        text, tasks = await _word(code, store, links), list[Give]()
        for user_id, customer in found:
            if user_id != place.user_id:
                await _tell(job, place, code, store, links=links)
                place = _Place(user_id=user_id)
            tasks.append(_task(job, user_id, customer, due_at=store.now + TIME, text=text))
            place = _Place(user_id=user_id, customer=customer, count=place.count + 1)
        store.tasks.give_all(tasks)
        if len(found) < BATCH:
            await _tell(job, place, code, store, links=links)
            return Progress(cursor=None, done=len(found))
        return Progress(cursor=msgspec.json.encode(place).decode(), done=len(found))

    await walk(event, store, turn)


async def _arrive(event: ContactEvent, scene: Scene, rules: Sequence[Rule], store: Store) -> Arrival:
    """What the rules want to know of an add, and no more."""
    tags: set[str] = set()
    if any(rule.tags for rule in rules):
        channel = await store.channels.get(scene.channel_id) if scene.channel_id is not None else None
        bindings = await store.tags.bindings(event.external_user_id, event.user_id)
        tags = {*(channel.tags if channel else ()), *(binding.tag_id for binding in bindings)}
    city = ""
    if any(rule.by_city for rule in rules):
        cities = await store.settings.get(invitations.CITIES, dict[str, str]())
        departments = scene.departments or await _departments(event.user_id, store)
        city = invitations.city_of(cities, channel_id=scene.channel_id, departments=departments)
    return Arrival(channel_id=scene.channel_id, tags=frozenset(tags), city=city)


async def _departments(user_id: str, store: Store) -> tuple[int, ...]:
    """A member's departments, then those above them."""
    member, tree = await store.staff.find(user_id), await store.staff.departments()
    line = dict.fromkeys(member.departments if member else ())
    for number in list(line):
        above = tree.get(number)
        while above and above.parent_id in tree and above.parent_id not in line:
            line[above.parent_id] = None
            above = tree[above.parent_id]
    return tuple(line)


async def _doors(rules: Sequence[Rule], event: ContactEvent, store: Store) -> dict[int, Door]:
    """The codes of these rules that WeCom has, with the seats behind them; none to a group that the customer is in."""
    codes = await store.groupcodes.some(sorted({code for rule in rules for code in rule.codes}))
    inside = {chat_id for chat_id, _ in await store.groups.of_member(event.external_user_id)} if codes else set()
    usable = [code for code in codes.values() if code.config_id and not code.ended and inside.isdisjoint(code.groups)]
    rooms = await store.groupcodes.rooms([chat_id for code in usable for chat_id in code.shown]) if usable else {}
    return {
        code.id: Door(
            code_id=code.id,
            name=code.name,
            state=code.state,
            city=code.city,
            seats=groupcodes.free_seats(code, rooms, code.shown),
        )
        for code in usable
    }


def _task(job: Job, user_id: str, customer: str, *, due_at: datetime, text: str) -> Give:
    effect = f"invite:{job.id}:{user_id}:{customer}"
    return Give(
        user_id=user_id,
        external_user_id=customer,
        what="invite",
        text=text,
        effect=effect,
        due_at=due_at,
        carded=True,
    )


async def _word(code: GroupCode, store: Store, links: Links) -> str:
    return (await store.settings.voice()).say("invite.task", name=code.name, url=links.group(code.state))


async def _tell(job: Job, place: _Place, code: GroupCode, store: Store, *, links: Links) -> None:
    """Tell a member how many customers are to be invited."""
    if not place.count:
        return
    voice = await store.settings.voice()
    prompt = Prompt(
        users=(place.user_id,),
        title=voice.say("invite.title", name=code.name),
        text=voice.say("invite.text", count=place.count, name=code.name),
        facts=(voice.fact("count", str(place.count)),),
        url=links.group(code.state),
        cause=f"invite:{job.id}:{place.user_id}",
    )
    intent_id = store.intend(prompt)
    about = {"user_id": place.user_id, "rule": f"group_code:{code.id}", "intent_id": intent_id}
    store.decide("invitation", "sent", invitations.INVITED_TAGGED, count=place.count, **about)
