"""How a job's progress is shown: a bar that fills while one watches."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.cli.runtime import say
from sop.jobs import Job

_WIDTH = 30  # characters
_LOOK = 0.5  # seconds between two looks
_ENDED = ("done", "partial", "cancelled", "paused")


def bar(job: Job) -> str:
    """One line: how far a job has come, as a bar where it is known how much there is to do."""
    counted = f"{job.done:,}" + (f" / {job.total:,}" if job.total else "")
    failed = f" · {job.failed:,} failed / 失败" if job.failed else ""
    parts = f" · {job.parts_done}/{job.parts} parts / 部分" if job.parts > 1 else ""
    share = job.share
    if share is None:
        return f"{job.kind} {job.status} · {counted}{failed}{parts}"
    filled = int(share * _WIDTH)
    return f"{job.kind} {'█' * filled}{'░' * (_WIDTH - filled)} {share:4.0%} {counted}{failed}{parts} · {job.status}"


async def follow(look: Callable[[], Awaitable[Job | None]]) -> Job | None:
    """Show a job until it ends, halts or is paused; how it then stands.

    On a terminal the bar stays on its line; elsewhere a line is written whenever something has changed.
    """
    alive, last = sys.stderr.isatty(), ""
    while (job := await look()) is not None:
        line = bar(job) + _forecast(job, datetime.now(UTC))
        if alive:
            print(f"\r\x1b[2K{line}", end="", file=sys.stderr, flush=True)
        elif bar(job) != last:
            say(line)
        last = bar(job)
        if job.status in _ENDED:
            break
        await asyncio.sleep(_LOOK)
    if alive:
        say("")
    return job


def _forecast(job: Job, now: datetime) -> str:
    """How fast it goes and how long it will take at that pace, once there is something to judge by."""
    pace, ends_at = job.pace(now), job.ends(now)
    if pace is None or ends_at is None:
        return ""
    rate = pace * job.done / job.passed
    return f" · {rate:,.0f}/s · {(ends_at - now).total_seconds():,.0f} s left / 剩余"
