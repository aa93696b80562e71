"""The machine: which core serves and which one asks, how fast its disk is, what a process has used."""

import contextlib
import os
import platform
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

CORES = sorted(os.sched_getaffinity(0))
SERVER = CORES[0]
OTHERS = set(CORES[1:]) or {SERVER}


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used so far."""

    cpu: float  # seconds, user and system
    peak: int  # bytes of resident memory, at most


def usage(pid: int) -> Usage:
    times = psutil.Process(pid).cpu_times()
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (peak,) = (int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return Usage(times.user + times.system, peak)


def spent(pid: int) -> float:
    """Seconds of CPU, user and system, of a process and of all that it has begun."""
    total = 0.0
    for process in (root := psutil.Process(pid), *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def syncs(folder: Path, seconds: float = 1.0) -> float:
    """How many times a second the disk takes 4 KB and says that it has them."""
    with tempfile.TemporaryFile(dir=folder) as file:
        count, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
    return count / seconds


def speed() -> float:
    """Millions of turns of an empty Python loop in a second of CPU, best of five: to compare machines by."""

    def turn() -> float:
        began = time.process_time()
        for _ in range(1_000_000):
            pass
        return 1.0 / (time.process_time() - began)

    return max(turn() for _ in range(5))


def describe(folder: Path) -> list[str]:
    """The limits that stand beside every number."""
    model = next((line.split(":")[1].strip() for line in _cpu() if line.startswith("model name")), platform.machine())
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    python = f"Python {platform.python_version()}, {platform.system()} {platform.release()}"
    return [
        f"{len(CORES)} cores ({model}), load average {load} before the start",
        f"{python}, an empty loop turns {speed():.0f} million times a second",
        f"the disk syncs {syncs(folder):,.0f} times a second (4 KB, fdatasync)",
        f"the service runs on core {SERVER}; load, virtual WeCom and PostgreSQL on {sorted(OTHERS)}",
    ]


def _cpu() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
