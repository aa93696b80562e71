"""Tasks whose time has come: shown to their members, then overdue, then the lead's."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from handlers.links import Links
from handlers.router import Router
from sop import reasons, tasks
from sop.events import TasksDue
from sop.intents import Prompt
from sop.prompts import Voice
from sop.tasks import Look, Task, cards
from sop.tasks.cards import Scene
from storage.store import Store
from storage.tasks.lists import Due

router = Router()
BATCH = 200  # tasks in one look
RECEIVERS = "alarm.receivers"  # setting: user ids who see to what nobody else does


class Pile(NamedTuple):
    """What is told to the same people for the same reason."""

    look: Look
    users: tuple[str, ...]
    gone: bool  # the member has left


@router.on(TasksDue)
async def look(_: TasksDue, store: Store, links: Links) -> None:
    """Do what is due for a batch; many for the same people become one message."""
    found = await store.tasks.due(most=BATCH)
    if not found:
        return
    leads = {user_id: await watch(store, user_id) for user_id in {one.task.user_id for one in found if _late(one)}}
    piles: dict[Pile, list[Scene]] = {}
    for one in found:
        what = tasks.look(one.task, here=one.here)
        users = leads[one.task.user_id] if what is Look.ESCALATE else (one.task.user_id,)
        pile = Pile(what, users, not one.here)
        piles.setdefault(pile, []).append(_scene(one, _turn(one.task, what, store), links))
    store.tasks.change(*(scene.task for scenes in piles.values() for scene in scenes))
    voice = await store.settings.voice()
    for pile, scenes in piles.items():
        _tell(pile, scenes, store, voice, links=links)
    if len(found) == BATCH:
        store.tasks.look_again(found[-1].task)


async def watch(store: Store, user_id: str) -> tuple[str, ...]:
    """Who sees to it that a member's tasks are done: the leads, else who hears alarms."""
    return await store.staff.leads(user_id) or tuple(await store.settings.get(RECEIVERS, list[str]()))


def _late(one: Due) -> bool:
    return tasks.look(one.task, here=one.here) is Look.ESCALATE


def _turn(task: Task, what: Look, store: Store) -> Task:
    match what:
        case Look.SHOW:
            return tasks.show(task, now=store.now)
        case Look.REMIND:
            return tasks.remind(task, now=store.now)
        case Look.ESCALATE:
            return tasks.escalate(task)


def _scene(one: Due, task: Task, links: Links) -> Scene:
    return Scene(task=task, customer=one.customer, staff=one.staff, url=links.of_task(task))


def _tell(pile: Pile, scenes: Sequence[Scene], store: Store, voice: Voice, *, links: Links) -> None:
    """One card each, or one message for all of them; where nobody is to be told, it is said so."""
    reason = tasks.MEMBER_LEFT if pile.gone else _REASONS[pile.look]
    if not pile.users:
        for scene in scenes:
            _note(scene, store, "skipped", reasons.NO_LEAD, {})
        return
    if len(scenes) > cards.MOST_CARDS:
        bundle = cards.bundle(scenes, voice, phrase=_PHRASES[pile.look], users=pile.users, url=links.tasks())
        intent_id = store.intend(bundle)
        for scene in scenes:
            _note(scene, store, "sent", reason, {"intent_id": intent_id, "together": len(scenes)})
        return
    for scene in scenes:
        _note(scene, store, "sent", reason, {"intent_id": store.intend(_card(pile, scene, voice))})


def _card(pile: Pile, scene: Scene, voice: Voice) -> Prompt:
    if pile.look is Look.ESCALATE:
        return cards.escalate(scene, voice, users=pile.users, gone=pile.gone)
    return cards.remind(scene, voice) if pile.look is Look.REMIND else cards.show(scene, voice)


def _note(scene: Scene, store: Store, verdict: str, reason: str, about: Mapping[str, int]) -> None:
    task = scene.task
    store.decide(
        "task",
        verdict,
        reason,
        user_id=task.user_id,
        external_user_id=task.external_user_id,
        rule=f"task:{task.id}",
        **about,
    )


_REASONS = {Look.SHOW: tasks.SHOWN, Look.REMIND: tasks.REMINDED, Look.ESCALATE: tasks.ESCALATED}
_PHRASES = {Look.SHOW: "task.many.title", Look.REMIND: "task.many.overdue", Look.ESCALATE: "task.many.escalated"}
