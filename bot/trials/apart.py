"""A trial in a process of its own, so that the service goes on undisturbed; one at a time."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from console.flows.trials import TrialFailed

Attempt = Callable[[Mapping[str, Any]], Awaitable[Any]]
PATIENCE = 300.0  # seconds


def apart(source: str, *, patience: float = PATIENCE) -> Attempt:
    """How trials with data of this database are run: takes the fields of a `Spec`, gives the report as plain values.

    Raises `TrialFailed` where its process ends without a report, or none comes within `patience` seconds.
    """
    gate = asyncio.Lock()

    async def attempt(wanted: Mapping[str, Any]) -> Any:
        try:
            async with asyncio.timeout(patience), gate:
                return await _run(wanted)
        except TimeoutError as error:
            raise TrialFailed("took too long") from error

    async def _run(wanted: Mapping[str, Any]) -> Any:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.trials", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            said, _ = await child.communicate(msgspec.json.encode({**wanted, "source": source}))
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode:
            raise TrialFailed(f"exit code {child.returncode}")
        return msgspec.json.decode(said)

    return attempt
