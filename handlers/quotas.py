"""Quotas: noted once a day and when WeCom tells; whoever has to act hears of each level once."""

from datetime import datetime

from handlers.alerts import alert
from handlers.reader import Reader
from handlers.router import Router
from sop import alerts, quotas
from sop.events import QuotasDue
from sop.prompts import Voice
from sop.quotas import ACQUISITION, Level, Reading, Verdict, judge
from storage.store import Store
from wecom.errors import Refused
from wecom.events import QuotaExhausted, QuotaExpiring, QuotaIncreased, QuotaLow

router = Router()
Told = QuotasDue | QuotaLow | QuotaExhausted | QuotaIncreased


@router.on(QuotasDue)
async def look(_: QuotasDue, store: Store) -> None:
    """Note what our own tables say."""
    voice = await store.settings.voice()
    for reading in await store.quotas.read(_midnight(store.now, voice)):
        await _note(reading, store, voice)


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
    verdict = judge(reading, await store.quotas.samples(reading.name))
    day = voice.time(reading.at)[:10]
    before = await store.quotas.level(reading.name)
    store.quotas.note(reading, verdict, day=day)
    if verdict.level <= before:
        return
    cause = f"quota:{reading.name}:{verdict.level.name.lower()}:{day}"
    told = await alert(
        quotas.LOW,
        store,
        cause=cause,
        reason=quotas.QUOTA_LOW,
        name=alerts.word(quotas.NAMES[reading.name], voice),
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
