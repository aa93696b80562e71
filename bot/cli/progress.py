"""How a job's progress is shown: a bar that fills while one watches."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

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
    share = share_of(job)
    if share is None:
        return f"{job.kind} {job.status} · {counted}{failed}{parts}"
    filled = int(share * _WIDTH)
    return f"{job.kind} {'█' * filled}{'░' * (_WIDTH - filled)} {share:4.0%} {counted}{failed}{parts} · {job.status}"


def share_of(job: Job) -> float | None:
    """How much of a job is behind it, from 0 to 1; None where nobody knows how much there is to do."""
    if job.status == "done":
        return 1.0
    if job.total:
        return min((job.done + job.failed) / job.total, 1.0)
    return job.parts_done / job.parts if job.parts > 1 else None


async def follow(look: Callable[[], Awaitable[Job | None]]) -> Job | None:
    """Show a job until it ends, halts or is paused; how it then stands.

    On a terminal the bar stays on its line; elsewhere a line is written whenever something has changed.
    """
    alive, last, began = sys.stderr.isatty(), "", time.monotonic()
    while (job := await look()) is not None:
        line = bar(job) + _speed(job, time.monotonic() - began)
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


def _speed(job: Job, seconds: float) -> str:
    """How long it will take if it goes on like this, once there is something to judge by."""
    if seconds < 2 or not job.done or not job.total or job.status != "running":  # noqa: PLR2004 - a first impression
        return ""
    age = (job.changed_at - job.created_at).total_seconds()
    rate = job.done / max(age, seconds)
    return f" · {rate:,.0f}/s · {max(job.total - job.done, 0) / rate:,.0f} s left / 剩余" if rate else ""
