"""Fresh databases with our tables on a real disk, where a sync is a sync."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage import migrations
from tests import services

KINDS = ("sqlite", "postgresql")


class Stores:
    """Makes databases; PostgreSQL is started when it is first asked for by `open`."""

    def __init__(self, folder: Path, kinds: tuple[str, ...], server: services.Postgres | None) -> None:
        self.folder = folder
        self.kinds = kinds
        self._server = server
        self._count = 0

    @property
    def pid(self) -> int | None:
        """The process of PostgreSQL, if it runs."""
        return self._server.pid if self._server else None

    async def fresh(self, kind: str) -> str:
        """The URL of a migrated, empty database."""
        self._count += 1
        file = self.folder / f"bench{self._count}.db"
        url = f"sqlite:///{file}" if kind == "sqlite" else self._server.fresh()
        await migrations.migrate(url)
        return url


@contextmanager
def stores(base: Path, *, kinds: tuple[str, ...]) -> Iterator[Stores]:
    """Databases below a folder of `base`, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=base))
    folder.chmod(0o755)
    try:
        if "postgresql" not in kinds:
            yield Stores(folder, kinds, None)
            return
        with services.postgres(own=True, base=folder) as server:
            yield Stores(folder, kinds, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
