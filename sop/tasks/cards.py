"""The cards of tasks: with buttons for who is to do them, and what these become when they are pressed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sop.intents import Button, Fact, Prompt, UpdateCard
from sop.prompts import Voice
from sop.tasks import Status, Task
from sop.texts import clean

Action = Literal["done", "hour", "morning"]

MOST_CARDS = 5  # to one member at a time; where there are more, one message tells of all of them
NAMED = 3  # of these
MORNING = 9  # o'clock, when "tomorrow" begins
_TEXT = 110  # characters that a card shows of a text
_TITLE = 34
_NAMES = 80
_ACTIONS: tuple[Action, ...] = ("done", "hour", "morning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A task with the names of those it is about, and where everything about it can be read."""

    task: Task
    customer: str = ""
    staff: str = ""
    url: str

    def title(self, voice: Voice) -> str:
        """What the task is called."""
        name = clean(self.customer) or voice.say("somebody")
        return _cut(clean(self.task.title or self.task.text) or voice.say("task.unnamed", customer=name), _TITLE)


@dataclass(frozen=True, slots=True)
class Press:
    """Which task a button is about, and what it asks for."""

    task_id: int
    action: Action


def buttons(task_id: int, voice: Voice, *, url: str, lead: bool = False) -> tuple[Button, ...]:
    """Done, later, tomorrow and open; a lead does it or opens it."""
    offered = _ACTIONS[:1] if lead else _ACTIONS
    keys = (Button(text=voice.say(f"task.{action}"), key=f"task:{task_id}:{action}") for action in offered)
    return (*keys, Button(text=voice.say("task.open"), url=url))


def read(key: str) -> Press | None:
    """What the key of a button says; None for one that is no task's."""
    subject, _, rest = key.partition(":")
    number, _, wanted = rest.partition(":")
    action = next((each for each in _ACTIONS if each == wanted), None)
    if subject != "task" or action is None or not (number.isascii() and number.isdecimal() and len(number) < 20):  # noqa: PLR2004 - no id of ours has so many digits
        return None
    return Press(int(number), action)


def until(action: Action, voice: Voice, *, now: datetime) -> datetime:
    """When a task comes back that was put off: in an hour, or tomorrow morning on the corp's clocks."""
    if action == "hour":
        return now + timedelta(hours=1)
    tomorrow = now.astimezone(voice.zone) + timedelta(days=1)
    return tomorrow.replace(hour=MORNING, minute=0, second=0, microsecond=0)


def brief(moment: datetime, voice: Voice) -> str:
    """A moment by the corp's clocks, without the year."""
    return f"{moment.astimezone(voice.zone):%m-%d %H:%M}"


def again(scene: Scene, voice: Voice, *, cause: str) -> Prompt:
    """The card once more, for who has asked for it."""
    late = scene.task.status in (Status.OVERDUE, Status.ESCALATED)
    return replace(remind(scene, voice) if late else show(scene, voice), cause=f"{cause}:{scene.task.id}")


def show(scene: Scene, voice: Voice) -> Prompt:
    """The card for who is to do it."""
    return _card(scene, voice, users=(scene.task.user_id,), title=scene.title(voice))


def remind(scene: Scene, voice: Voice) -> Prompt:
    """The same, once it is overdue."""
    title = voice.say("task.overdue", title=scene.title(voice))
    return _card(scene, voice, users=(scene.task.user_id,), title=title)


def escalate(scene: Scene, voice: Voice, *, users: tuple[str, ...], gone: bool) -> Prompt:
    """The card for who has to see to it, as the member has not, or has left."""
    who = clean(scene.staff) or scene.task.user_id
    title = voice.say("task.orphaned" if gone else "task.escalated", staff=who, title=scene.title(voice))
    card = _card(scene, voice, users=users, title=title)
    lead = buttons(scene.task.id, voice, url=scene.url, lead=True)
    return replace(card, buttons=lead, facts=(*card.facts, voice.fact("staff", who)))


def bundle(scenes: Sequence[Scene], voice: Voice, *, phrase: str, users: tuple[str, ...], url: str) -> Prompt:
    """One message for many tasks; whose they are can have the cards for the asking."""
    first = scenes[0].task
    names = _cut(" · ".join(scene.title(voice) for scene in scenes[:NAMED]), _NAMES)
    return Prompt(
        users=users,
        title=voice.say(phrase, count=len(scenes)),
        text=voice.say("task.many.text", tasks=names) if users == (first.user_id,) else names,
        facts=(voice.fact("count", str(len(scenes))),),
        url=url,
        cause=f"tasks:{first.id}:{first.cards}:{len(scenes)}:{users[0]}",
    )


def settle(scene: Scene, voice: Voice, state: str, *, users: tuple[str, ...], response_code: str) -> UpdateCard:
    """The card after a press: how things stand, and no buttons any more."""
    return UpdateCard(
        users=users,
        response_code=response_code,
        title=scene.title(voice),
        text=state,
        facts=_facts(scene, voice),
        url=scene.url,
    )


def state(task: Task, voice: Voice, *, presser: str, names: dict[str, str], reason: str = "") -> str:
    """How a task stands, in a sentence for who has pressed a button; `names` of members by user id."""
    if task.status is Status.DONE:
        time = brief(task.ended_at or task.due_at, voice)
        if task.ended_by in ("", presser):
            return voice.say("task.is.done", time=time)
        return voice.say("task.is.done.by", who=names.get(task.ended_by) or task.ended_by, time=time)
    if task.status is Status.CANCELLED:
        return voice.say("task.is.cancelled", reason=reason)
    if task.status is Status.POSTPONED:
        return voice.say("task.is.postponed", time=brief(task.look_at or task.due_at, voice))
    return voice.say("task.is.moved", who=names.get(task.user_id) or task.user_id)


def _card(scene: Scene, voice: Voice, *, users: tuple[str, ...], title: str) -> Prompt:
    task = scene.task
    return Prompt(
        users=users,
        title=title,
        text=_cut(task.text, _TEXT),
        facts=_facts(scene, voice),
        url=scene.url,
        buttons=buttons(task.id, voice, url=scene.url),
        cause=f"task:{task.id}:{task.cards}",
    )


def _facts(scene: Scene, voice: Voice) -> tuple[Fact, ...]:
    due = voice.fact("due", brief(scene.task.due_at, voice))
    return (
        (voice.fact("customer", clean(scene.customer) or voice.say("somebody")), due)
        if (scene.task.external_user_id)
        else (due,)
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
