"""What every command stands on: an event loop, and a way to speak to people."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import TypeVar

Value = TypeVar("Value")


def run(work: Coroutine[object, object, Value]) -> Value:
    """Run to the end, on uvloop where there is one."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def say(text: str) -> None:
    """Tell people something, without disturbing what standard output is read for."""
    print(text, file=sys.stderr, flush=True)
