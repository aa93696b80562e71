"""Buttons of tasks' cards: whoever presses one changes the task and sees on the card how it stands now."""

from datetime import timedelta

from handlers.links import Links
from handlers.router import Router
from handlers.tasks.due import watch
from sop import tasks
from sop.intents import Prompt
from sop.prompts import Voice
from sop.reasons import explain
from sop.tasks import Status, Task, cards
from sop.tasks.cards import Action, Scene
from storage.store import Store
from wecom.events import CardClicked

router = Router()
CODE_LIFETIME = timedelta(hours=72)  # of the response code: it updates the card once


@router.on(CardClicked)
async def press(event: CardClicked, store: Store, links: Links) -> None:
    """Done, or put off, if the task is the presser's or of their team; else the card says whose it is."""
    button = cards.read(event.event_key)
    if button is None:
        return  # of somebody else's card
    voice = await store.settings.voice()
    task = await store.tasks.get(button.task_id)
    if task is None:
        _say(event, store, voice.say("task.is.gone"))
        return
    leads = await watch(store, task.user_id)
    about = {"user_id": event.user_id, "external_user_id": task.external_user_id, "rule": f"task:{task.id}"}
    if task.ended:
        store.decide("task", "skipped", tasks.ENDED_BEFORE, **about)
    elif event.user_id not in (task.user_id, *leads):
        store.decide("task", "skipped", tasks.NOT_THEIRS, **about)
    else:
        hindrance = _hindrance(task, button.action, store, voice)
        if hindrance:
            store.decide("task", "skipped", tasks.POSTPONED_OUT, **about)
            _say(event, store, voice.say("task.kept", why=hindrance))
            return
        task = _change(task, button.action, event, store, voice=voice)
        store.decide("task", task.status.value, tasks.PRESSED, action=button.action, **about)
    mine = event.user_id == task.user_id
    await _answer(event, task, store, voice, url=links.of_task(task), users=(event.user_id,) if mine else leads)


def _hindrance(task: Task, action: Action, store: Store, voice: Voice) -> str:
    """What is against putting a task off, in the language of the corp; nothing for one that is put off already."""
    if action == "done" or task.status is Status.POSTPONED:
        return ""
    found = tasks.hindrance(task, cards.until(action, voice, now=store.now), now=store.now)
    if found is None:
        return ""
    return found.message_en if voice.language == "en" else found.message_zh


def _change(task: Task, action: Action, event: CardClicked, store: Store, *, voice: Voice) -> Task:
    if action == "done":
        changed = tasks.finish(task, event.user_id, now=store.now)
    elif task.status is Status.POSTPONED:
        return task  # pressed twice
    else:
        changed = tasks.postpone(task, cards.until(action, voice, now=store.now), now=store.now)
    store.tasks.change(changed)
    return changed


async def _answer(
    event: CardClicked, task: Task, store: Store, voice: Voice, *, url: str, users: tuple[str, ...]
) -> None:
    """The card as it is now; without a code to update it with, a message says the same."""
    customer = await store.customers.find(task.external_user_id) if task.external_user_id else None
    scene = Scene(task=task, customer=customer.name if customer else "", url=url)
    members = [await store.staff.find(user_id) for user_id in (task.user_id, task.ended_by)]
    names = {member.user_id: member.name for member in members if member}
    why = explain(task.reason) if task.reason else None
    reason = (why.en if voice.language == "en" else why.zh) if why else ""
    state = cards.state(task, voice, presser=event.user_id, names=names, reason=reason)
    if not event.response_code:
        _say(event, store, state)
        return
    receivers = users if event.user_id in users else (event.user_id,)
    update = cards.settle(scene, voice, state, users=receivers, response_code=event.response_code)
    store.intend(update, deadline=event.at + CODE_LIFETIME)


def _say(event: CardClicked, store: Store, text: str) -> None:
    cause = f"press:{event.task_id}:{event.event_key}:{event.user_id}:{int(event.at.timestamp())}"
    store.intend(Prompt(users=(event.user_id,), text=text, cause=cause))
