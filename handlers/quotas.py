"""Quotas: noted once a day and when WeCom tells; whoever has to act hears of each level once."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from handlers.alerts import alert
from handlers.jobs import renew, walk
from handlers.reader import Reader
from handlers.router import Router
from sop import alerts, quotas
from sop.events import DayQuotasDue, QuotasDue, StepDue, UpkeepDue
from sop.jobs import Job, Part, Plan, Progress
from sop.prompts import Voice
from sop.quotas import ACQUISITION, RELATION_TAGS, WARN_SHARE, Level, Reading, Verdict, judge
from sop.tags import MOST_OF_RELATION
from storage.store import Store
from wecom.errors import Refused
from wecom.events import QuotaExhausted, QuotaExpiring, QuotaIncreased, QuotaLow

TAGS = "count_tags"  # the job
RELATIONS = 2000  # customers of members in a step
router = Router()
Told = QuotasDue | QuotaLow | QuotaExhausted | QuotaIncreased


class _Seen(msgspec.Struct, frozen=True):
    """How far the tags are counted: the last customer of a member, the fullest, and how many come near the limit."""

    last: tuple[str, str] = ("", "")
    fullest: tuple[str, str] = ("", "")
    most: int = 0
    near: int = 0

    def add(self, rows: Iterable[tuple[str, str, int]]) -> "_Seen":
        """With more of them."""
        last, fullest, most, near = self.last, self.fullest, self.most, self.near
        for external_user_id, user_id, tags in rows:
            last = (external_user_id, user_id)
            near += tags >= WARN_SHARE * MOST_OF_RELATION
            if tags > most:
                fullest, most = last, tags
        return _Seen(last, fullest, most, near)


@router.on(QuotasDue)
async def look(_: QuotasDue, store: Store) -> None:
    """Note what our own tables say."""
    voice = await store.settings.voice()
    for reading in await store.quotas.read(_midnight(store.now, voice)):
        await _note(reading, store, voice)


@router.on(DayQuotasDue)
async def watch(_: DayQuotasDue, store: Store) -> None:
    """Note, hour by hour, what may be used up before the day is over."""
    voice = await store.settings.voice()
    for reading in await store.quotas.today(_midnight(store.now, voice)):
        await _note(reading, store, voice)


@router.on(UpkeepDue)
async def begin(_: UpkeepDue, store: Store) -> None:
    """Let the tags on every customer be counted."""
    await renew(store, TAGS, [Plan(name=TAGS)])


@router.on(StepDue, of=TAGS)
async def count(event: StepDue, store: Store) -> None:
    """Count the tags on the next customers; at the end, note the most."""

    async def turn(_: Job, part: Part) -> Progress:
        seen = msgspec.json.decode(part.cursor, type=_Seen) if part.cursor else _Seen()
        rows = await store.quotas.tagged(seen.last, most=RELATIONS)
        seen = seen.add(rows)
        if len(rows) < RELATIONS:
            facts = {"external_user_id": seen.fullest[0], "user_id": seen.fullest[1], "near": seen.near}
            reading = Reading(
                name=RELATION_TAGS,
                used=seen.most,
                most=MOST_OF_RELATION,
                at=store.now,
                facts=facts if seen.most else {"near": 0},
            )
            await _note(reading, store, await store.settings.voice())
            return Progress(cursor=None, done=len(rows))
        return Progress(cursor=msgspec.json.encode(seen).decode(), done=len(rows))

    await walk(event, store, turn)


@router.on(QuotasDue, QuotaLow, QuotaExhausted, QuotaIncreased)
async def ask(_: Told, store: Store, reader: Reader) -> None:
    """Note what WeCom says of the quota of acquisition links, which not every app may read."""
    try:
        told = await reader.link_quota()
    except Refused as error:
        store.decide("quota", "skipped", quotas.QUOTA_UNREADABLE, code=error.code, said=error.message)
        return
    parts = [{"at": part.at.isoformat(), "balance": part.balance} for part in told.parts]
    reading = Reading(
        name=ACQUISITION,
        used=told.total - told.balance,
        most=told.total,
        source="wecom",
        at=store.now,
        facts={"expiring": parts},
    )
    await _note(reading, store, await store.settings.voice())


@router.on(QuotaExpiring)
async def expire(event: QuotaExpiring, store: Store) -> None:
    """Say which part of the quota is lost when; WeCom tells several times, each is a reminder."""
    voice = await store.settings.voice()
    date = voice.time(event.expires)[:10]
    cause = f"quota:expiring:{date}:{event.amount}:{(event.expires - event.at).days}"
    await alert(quotas.EXPIRING, store, cause=cause, reason=quotas.QUOTA_EXPIRING, count=event.amount, date=date)


async def _note(reading: Reading, store: Store, voice: Voice) -> None:
    """Keep a reading as the day's; where it is more pressing than the one before, tell."""
    verdict = judge(reading, await store.quotas.samples(reading.key))
    day = voice.time(reading.at)[:10]
    before = await store.quotas.level(reading, day=day)
    store.quotas.note(reading, verdict, day=day)
    if verdict.level <= before:
        return
    cause = f"quota:{reading.key}:{verdict.level.name.lower()}:{day}"
    told = await alert(
        quotas.LOW,
        store,
        cause=cause,
        reason=quotas.QUOTA_LOW,
        staff=filter(None, [reading.user_id]),
        name=" · ".join(filter(None, [alerts.word(quotas.NAMES[reading.name], voice), reading.whose])),
        used=reading.used,
        most=reading.most,
        forecast=_forecast(verdict, voice),
    )
    if not told:
        quiet = Verdict(verdict.pace, verdict.runs_out, before)
        store.quotas.note(reading, quiet, day=day)  # to be told as soon as there is somebody


def _forecast(verdict: Verdict, voice: Voice) -> str:
    if verdict.runs_out is None or verdict.level is Level.OK:
        return ""
    return alerts.word(quotas.FORECAST, voice, date=voice.time(verdict.runs_out)[:10])


def _midnight(now: datetime, voice: Voice) -> datetime:
    return now.astimezone(voice.zone).replace(hour=0, minute=0, second=0, microsecond=0)
