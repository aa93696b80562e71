"""What the service counts, for Prometheus; and one log line when something breaks, one when it recovers."""

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import structlog
from prometheus_client import Counter, Gauge, Histogram

from sop.jobs import Job

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)

CALLBACKS = Counter("siyu_callbacks_total", "Callbacks by app and what became of them", ("app", "outcome"))
EVENTS = Counter("siyu_events_total", "Events remembered, by kind", ("kind",))
UNKNOWN = Counter("siyu_unknown_events_total", "Callbacks of a kind we don't know yet", ("event", "change"))
EVENT_SECONDS = Histogram("siyu_event_seconds", "From receipt to the end of all reactions", buckets=_QUICK)
HANDLING = Histogram("siyu_handler_seconds", "Time inside a handler", ("handler",), buckets=_QUICK)
REACTIONS = Counter("siyu_reactions_failed_total", "Handlers that failed an event", ("handler", "status"))
INTENTS = Counter("siyu_intents_total", "Intents by kind and how an attempt ended", ("kind", "outcome"))
INTENT_SECONDS = Histogram("siyu_intent_seconds", "From intending to the end", ("kind",), buckets=_QUICK)
OPEN_EVENTS = Gauge("siyu_events_open", "Events not finished yet")
OPEN_INTENTS = Gauge("siyu_intents_open", "Intents not finished yet")
OLDEST_EVENT = Gauge("siyu_events_oldest_seconds", "Age of the oldest open event")
OLDEST_INTENT = Gauge("siyu_intents_oldest_seconds", "How long the most overdue intent is due")
TIMERS = Gauge("siyu_timers_parked", "Timers waiting for their time, counted every five minutes")
LEADS = Gauge("siyu_clock_leads", "1 where this process has the clock that leads")
OVERDUE = Gauge("siyu_overdue", "What is due and not begun, counted up to 10,000", ("kind",))
MOST_OVERDUE = Gauge("siyu_overdue_seconds", "How long what is most overdue is due", ("kind",))
LATENESS = Histogram(
    "siyu_lateness_seconds", "From due to begun", ("kind",), buckets=(0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600, 86400)
)
SUPPRESSED = Counter("siyu_suppressed_total", "Messages that were not sent, by origin and reason", ("origin", "reason"))
FLOW_ENTERED = Gauge("siyu_flow_entered", "How many ever entered a flow", ("flow",))
FLOW_PARKED = Gauge("siyu_flow_parked", "How many are in a flow", ("flow",))
FLOW_ENDED = Gauge("siyu_flow_ended", "How many came to the end of a flow or left it", ("flow",))
FLOW_DRIFT = Gauge("siyu_flow_drift", "Entered, but neither inside nor out: anything but 0 is an alert", ("flow",))
MAILINGS = Gauge("siyu_mailings", "Tasks of mass messages on their way, counted every five minutes", ("status",))
OLDEST_MAILING = Gauge("siyu_mailings_oldest_seconds", "Age of the oldest of these", ("status",))
JOBS = Gauge("siyu_jobs_unfinished", "Jobs by kind and status", ("kind", "status"))
JOB_DONE = Gauge("siyu_job_done", "What unfinished jobs of a kind have behind them", ("kind",))
JOB_TOTAL = Gauge("siyu_job_total", "What unfinished jobs of a kind have to do, as far as it is known", ("kind",))
JOB_SHARE = Gauge(
    "siyu_job_share", "How much is behind the unfinished job of a kind that is least far, 0 to 1", ("kind",)
)
JOB_LEFT = Gauge("siyu_job_left_seconds", "How long the jobs of a kind will take at their pace, at most", ("kind",))
TROUBLE = Gauge("siyu_trouble", "1 while a loop cannot work", ("loop",))

log = structlog.get_logger()
Metric = TypeVar("Metric", Counter, Histogram)
_broken: set[str] = set()


@functools.cache
def of(metric: Metric, *labels: str) -> Metric:
    """The child of a metric with these few labels, kept: the library looks each up under a lock."""
    return metric.labels(*labels)


def count(jobs: Sequence[Job], now: datetime) -> None:
    """Tell how far unfinished jobs have come; what has ended, or nobody knows, is not told."""
    for gauge in (JOBS, JOB_DONE, JOB_TOTAL, JOB_SHARE, JOB_LEFT):
        gauge.clear()
    left: dict[str, float] = {}
    for job in sorted(jobs, key=lambda job: -(job.share or 0)):
        JOBS.labels(job.kind, job.status).inc()
        JOB_DONE.labels(job.kind).inc(job.done)
        JOB_TOTAL.labels(job.kind).inc(job.total or 0)
        if job.share is not None:
            JOB_SHARE.labels(job.kind).set(job.share)
        if end := job.ends(now):
            left[job.kind] = max(left.get(job.kind, 0), (end - now).total_seconds())
    for kind, seconds in left.items():
        JOB_LEFT.labels(kind).set(seconds)


def trouble(loop: str, error: Exception) -> None:
    """A loop cannot work now; logged once until it recovers."""
    if loop not in _broken:
        _broken.add(loop)
        log.error("loop_broken", loop=loop, error=type(error).__name__, detail=str(error)[:200])
    TROUBLE.labels(loop).set(1)


def recovered(loop: str) -> None:
    """A loop works (again)."""
    if loop in _broken:
        _broken.discard(loop)
        log.info("loop_recovered", loop=loop)
        TROUBLE.labels(loop).set(0)
