"""A service that serves a virtual WeCom over real HTTP, with its company read and nothing left to do."""

from collections.abc import AsyncIterator

import pytest

from tests.stage import Stage, raised


@pytest.fixture
async def siyu(migrated_url: str) -> AsyncIterator[Stage]:
    """A day on which everything is set up and nobody has come yet."""
    async with raised(migrated_url) as stage:
        await stage.serve(wired=True)
        await stage.settled()
        yield stage
