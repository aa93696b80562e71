"""What every test may ask for: databases on both stores, a Redis, a port.

    async def test_a_scan_is_greeted(migrated_url): ...    # runs twice: on SQLite and on PostgreSQL

`database_url` is an empty database, `migrated_url` one with our tables; both are the test's own.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import migrations
from tests import services


@pytest.fixture(scope="session")
def migrate() -> Callable[[str], None]:
    """Bring the database at a URL to the newest schema, synchronously. Runs once per store and session."""
    return lambda url: asyncio.run(migrations.migrate(url)) and None


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """The store a test runs on; parametrise it indirectly to choose one."""
    return request.param


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """An empty database, `sqlite:////…` or `postgresql://…`."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'siyu.db'}"
    return request.getfixturevalue("fresh_postgres_url")


@pytest.fixture
def migrated_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database with our tables, copied from one that was migrated once."""
    if backend == "sqlite":
        copy = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "siyu.db")
        return f"sqlite:///{copy}"
    return request.getfixturevalue("migrated_postgres_url")


@pytest.fixture(scope="session")
def sqlite_template(migrate: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file that `migrated_url` copies."""
    path = tmp_path_factory.mktemp("template") / "siyu.db"
    path.touch()
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[services.Postgres]:
    """The PostgreSQL of this session (of this worker, under xdist). Do not stop it: start one of your own."""
    with services.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: services.Postgres) -> str:
    """The administrator's URL of the session's PostgreSQL."""
    return postgres.url


@pytest.fixture(scope="session")
def postgres_template(postgres: services.Postgres, migrate: Callable[[str], None]) -> Iterator[str]:
    """The name of the database that `migrated_postgres_url` copies."""
    name = postgres.template(migrate)
    yield name
    postgres.drop(name)


@pytest.fixture
def fresh_postgres_url(postgres: services.Postgres) -> Iterator[str]:
    """An empty PostgreSQL database, dropped after the test."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


@pytest.fixture
def migrated_postgres_url(postgres: services.Postgres, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database with our tables, dropped after the test."""
    url = postgres.fresh(template=postgres_template)
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def redis(worker_id: str) -> Iterator[services.Redis]:
    """The Redis of this session; in a given server each xdist worker takes the next database."""
    with services.redis(offset=int(worker_id.removeprefix("gw")) if worker_id != "master" else 0) as server:
        yield server


@pytest.fixture
def redis_url(redis: services.Redis) -> str:
    """A Redis that holds nothing."""
    redis.flush()
    return redis.url


@pytest.fixture
def free_port() -> int:
    """A loopback port nobody listens on."""
    return services.free_port()
