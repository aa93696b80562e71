"""Messages: members ask the bot, the bot answers."""

from dataclasses import replace

from handlers.channels import duty
from handlers.links import Links
from handlers.router import Router
from handlers.tasks import digests
from sop import commands, reasons, sources
from sop.commands import Find, Help, Switch, Today, Todo
from sop.intents import Prompt
from sop.prompts import Voice
from sop.tasks import Task, agenda, cards
from sop.tasks.cards import Scene
from sop.texts import clean
from storage.relations import Match
from storage.store import Store
from storage.tasks.lists import TaskFilter
from wecom.events import TextReceived

router = Router()
MATCHES = 5  # a text message takes 2048 bytes
WORDS = 40  # of an unknown question that are repeated


@router.on(TextReceived)
async def answer(event: TextReceived, store: Store, links: Links) -> None:
    """Answer a member, in the language of the question if it tells."""
    request = commands.parse(event.content)
    voice = await store.settings.voice()
    if request.language:
        voice = replace(voice, language=request.language)
    member = await store.staff.find(event.user_id)
    if member is None or not member.active:
        text = voice.say("stranger")
    else:
        match request.command:
            case Help():
                text = voice.say("help")
            case Today():
                text = await _today(event, store, voice, links=links)
            case Todo():
                text = await _todo(event, store, voice, links=links)
            case Find(words):
                text = await _find(event, words, store, voice=voice, links=links)
            case Switch(on):
                text = await duty.switch(event.user_id, store, voice, on=on)
            case unclear:
                text = voice.say("unclear", words=clean(unclear.words)[:WORDS], help=voice.say("help"))
    moment = f"{event.at.astimezone(voice.zone):%H:%M:%S}"  # WeCom drops a second message with the same words
    intent_id = store.intend(Prompt(users=(event.user_id,), text=f"{text}\n· {moment}", cause=f"reply:{_key(event)}"))
    store.decide("reply", "sent", reasons.ANSWERED, intent_id=intent_id, user_id=event.user_id)


async def _today(event: TextReceived, store: Store, voice: Voice, *, links: Links) -> str:
    """How the day goes, and what the morning's message would say."""
    begin = agenda.begins(event.at, voice)
    tally = await store.history.tally(event.user_id, since=begin)
    head = voice.say("today", date=f"{begin:%m-%d}", added=tally.added, lost=tally.lost, removed=tally.removed)
    found = await digests.look(store, [event.user_id], event.at, voice)
    return "\n".join([head, *agenda.lines(found[event.user_id], voice, url=links.tasks())])


async def _todo(event: TextReceived, store: Store, voice: Voice, *, links: Links) -> str:
    """The most pressing tasks as cards, with buttons that work; then what has come to a lead."""
    own = await store.tasks.open(event.user_id, most=cards.MOST_CARDS)
    for task in own:
        store.intend(cards.again(await _scene(task, store, links), voice, cause=f"todo:{_key(event)}"))
    lines = [voice.say("agenda.cards", count=await store.tasks.count(event.user_id), shown=len(own))] if own else []
    team = await store.staff.team(event.user_id) - {event.user_id}
    which = TaskFilter(staff=team, status="escalated")
    late = await store.tasks.page(which, most=cards.MOST_CARDS) if team else []
    for task in late:
        card = cards.escalate(await _scene(task, store, links), voice, users=(event.user_id,), gone=False)
        store.intend(replace(card, cause=f"todo:{_key(event)}:{task.id}"))
    if late:
        lines.append(voice.say("agenda.team", shown=len(late)))
    return "\n".join(lines) or voice.say("agenda.none")


async def _scene(task: Task, store: Store, links: Links) -> Scene:
    """A task with its names."""
    customer, member = await store.customers.find(task.external_user_id), await store.staff.find(task.user_id)
    return Scene(
        task=task,
        customer=customer.name if customer else "",
        staff=member.name if member else "",
        url=links.of_task(task),
    )


async def _find(event: TextReceived, words: str, store: Store, *, voice: Voice, links: Links) -> str:
    """Only the member's own customers: those of others are nobody's business here."""
    if not words:
        return voice.say("which")
    found = await store.relations.search(event.user_id, words, most=MATCHES + 1)
    lines = [await _line(match, store, voice, links=links) for match in found[:MATCHES]]
    if not lines:
        return voice.say("nobody", words=clean(words)[:WORDS])
    if len(found) > MATCHES:
        lines.append(voice.say("more"))
    return "\n".join(lines)


async def _line(match: Match, store: Store, voice: Voice, *, links: Links) -> str:
    relation = match.relation
    channel = await store.channels.get(relation.channel_id) if relation.channel_id else None
    names = dict.fromkeys(filter(None, (clean(match.name), clean(relation.remark))))
    return voice.say(
        "match",
        customer=_plain("/".join(names)) or voice.say("somebody"),
        status=voice.say(relation.status),
        source=_plain(sources.describe(channel.name if channel else "", relation.add_way, voice.language)),
        date=f"{relation.added_at.astimezone(voice.zone):%Y-%m-%d}",
        url=links.customer(relation.external_user_id),
    )


def _key(event: TextReceived) -> str:
    """What tells a question from any other."""
    return event.msg_id or f"{event.user_id}:{int(event.at.timestamp())}"


def _plain(text: str) -> str:
    """A text that opens no link of its own."""
    return text.replace("<", "＜").replace(">", "＞")
