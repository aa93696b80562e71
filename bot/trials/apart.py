"""A trial in a process of its own, so that the service goes on undisturbed; one at a time."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

Attempt = Callable[[Mapping[str, Any]], Awaitable[Any]]
PATIENCE = 300.0  # seconds


class TrialFailed(Exception):
    """The process of a trial ended without a report."""


def apart(source: str) -> Attempt:
    """How trials with data of this database are run: takes the fields of a `Spec`, gives the report as plain values."""
    gate = asyncio.Lock()

    async def attempt(wanted: Mapping[str, Any]) -> Any:
        async with gate:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot.trials", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
            try:
                async with asyncio.timeout(PATIENCE):
                    said, _ = await child.communicate(msgspec.json.encode({**wanted, "source": source}))
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
        if child.returncode:
            raise TrialFailed(f"exit code {child.returncode}")
        return msgspec.json.decode(said)

    return attempt
