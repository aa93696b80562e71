"""A stage on both stores for the tests of the running program."""

from collections.abc import AsyncIterator

import pytest

from tests.stage import Stage, raised


@pytest.fixture
async def stage(migrated_url: str) -> AsyncIterator[Stage]:
    """A virtual WeCom with a company, before which nothing runs yet."""
    async with raised(migrated_url) as stage:
        yield stage


@pytest.fixture
async def living(stage: Stage) -> Stage:
    """A stage with one service that has read staff and tags."""
    await stage.serve()
    await stage.settled()
    return stage
