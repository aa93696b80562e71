"""What a member's day holds: told in the morning to who wants it, and at any time to who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sop.intents import Prompt
from sop.prompts import Voice
from sop.reasons import define
from sop.tasks import Status, Task
from sop.tasks.cards import brief
from sop.texts import clean

JOB = "digest"  # the kind of the job that tells everybody
HOUR = 9  # on the corp's clocks, unless set otherwise
LATEST = 3  # hours after which a morning is over: who was not told by then is not told that day
SHOWN = 8  # tasks that are named
ENABLED, AT = "digest.enabled", "digest.hour"  # settings
_NAME = 40  # characters of a task
_PHRASES = {
    Status.OVERDUE: "agenda.overdue",
    Status.ESCALATED: "agenda.overdue",
    Status.POSTPONED: "agenda.later",
}
TOLD = define("digest_told", "每日待办晨报", "The morning's message: tasks, and yesterday's new customers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What waits until the end of a day, how much of it is late, the first of it; and yesterday's new customers."""

    pending: int = 0
    late: int = 0
    tasks: Sequence[Task] = ()
    newcomers: int = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to be told."""
        return not self.pending and not self.newcomers


def due(now: datetime, voice: Voice, *, hour: int) -> date | None:
    """The day whose morning it is, from the hour on and for as long as a morning lasts."""
    local = now.astimezone(voice.zone)
    return local.date() if hour <= local.hour < hour + LATEST else None


def begins(moment: datetime, voice: Voice) -> datetime:
    """When a day began on the corp's clocks."""
    return moment.astimezone(voice.zone).replace(hour=0, minute=0, second=0, microsecond=0)


def ends(moment: datetime, voice: Voice) -> datetime:
    """When it ends: it may have 23 to 25 hours."""
    return begins(begins(moment, voice) + timedelta(hours=36), voice)


def lines(agenda: Agenda, voice: Voice, *, url: str) -> list[str]:
    """The day in lines of text, the most pressing task first."""
    found = [voice.say("agenda.newcomers", count=agenda.newcomers)] if agenda.newcomers else []
    found.append(voice.say("agenda.late" if agenda.late else "agenda.tasks", count=agenda.pending, late=agenda.late))
    found += [_line(task, voice) for task in agenda.tasks[:SHOWN]]
    if agenda.pending > len(agenda.tasks[:SHOWN]):
        found.append(voice.say("more.tasks", count=agenda.pending - len(agenda.tasks[:SHOWN])))
    if agenda.pending:
        found.append(voice.say("agenda.open", url=url))
    return found


def digest(user_id: str, agenda: Agenda, voice: Voice, *, day: date, url: str) -> Prompt:
    """The message of a morning; once a day, whatever happens."""
    head = voice.say("agenda.morning", date=f"{day:%m-%d}")
    text = "\n".join([head, *lines(agenda, voice, url=url)])
    return Prompt(users=(user_id,), text=text, cause=f"digest:{day.isoformat()}:{user_id}")


def _line(task: Task, voice: Voice) -> str:
    phrase = _PHRASES.get(task.status, "agenda.task")
    name = clean(task.title or task.text)[:_NAME].replace("<", "＜").replace(">", "＞")  # opens no link of its own
    moment = task.look_at if task.status is Status.POSTPONED else None
    return voice.say(phrase, name=name or task.what, time=brief(moment or task.due_at, voice))
