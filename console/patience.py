"""Waiting for WeCom: what is wanted is stored at once and made a moment later, and a caller may wait for that."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from pydantic import Field

from console.api.shapes import Answer, Query
from storage.errors import Unavailable

A = TypeVar("A", bound=Answer)
_LOOK_SECONDS = 0.1  # between two looks


class Patience(Query):
    """How many seconds to wait for WeCom to have made it before answering; by default the answer is immediate."""

    wait: float = Field(default=0, ge=0, le=10)


def patiently(
    patience: Patience, shown: A, look: Callable[[], Awaitable[A | None]]
) -> Callable[[], Awaitable[A]] | None:
    """What is answered after the commit: what `look` finds once WeCom has made or refused it, else what was shown.

    Until then `look` gives None.
    """

    async def wait() -> A:
        with suppress(Unavailable):  # it is stored: that we cannot see more of it now is no failure
            for _ in range(int(patience.wait / _LOOK_SECONDS)):
                await asyncio.sleep(_LOOK_SECONDS)
                if (found := await look()) is not None:
                    return found
        return shown

    return wait if patience.wait else None
