"""`siyu simulate` runs a virtual WeCom, prints a configuration that fits it, and stops when asked."""

import itertools
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bot.cli.codes import Exit
from bot.config import load

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def simulate():
    """Start the command in a process of its own, which ends with the test."""
    started = []

    def simulate(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "bot", "simulate", "--port", "0", *arguments]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, encoding="utf-8"))
        return started[-1]

    yield simulate
    for process in started:
        process.kill()
        process.communicate()


def test_a_virtual_wecom_runs_with_the_configuration_it_prints(simulate, tmp_path):
    process = simulate("--seed", "7", "--service", "http://127.0.0.1:9901/")
    path = tmp_path / "config.toml"
    path.write_text("".join(itertools.takewhile(str.strip, process.stdout)), encoding="utf-8")
    config = load(path)
    (corp,) = config.corps
    (app,) = corp.apps
    assert (config.server.port, config.server.public_url) == (9901, "http://127.0.0.1:9901")

    base = config.wecom.api_base
    query = {"corpid": corp.id, "corpsecret": app.secret}
    assert httpx.get(f"{base}/cgi-bin/gettoken", params=query).json()["errcode"] == 0
    (seen,) = httpx.get(f"{base}/_sim/corps").json()["corps"]
    assert f"http://127.0.0.1:9901/callback/{corp.id}/{app.name}" in str(seen)
    assert httpx.get(f"{base}/_sim/platform").json()["seed"] == 7

    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == Exit.OK


def test_an_empty_world_can_be_had(simulate):
    process = simulate("--empty", "--speed", "60")
    base = next(word for word in process.stderr.readline().split() if word.startswith("http://"))
    assert httpx.get(f"{base}/_sim/corps").json()["corps"] == []
    assert httpx.get(f"{base}/_sim/clock").json()["speed"] == 60
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == Exit.OK
    assert process.stdout.read() == ""


def test_a_taken_port_is_unavailable(simulate):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = simulate("--port", str(taken.getsockname()[1]))
        _, said = process.communicate(timeout=20)
    assert process.returncode == Exit.UNAVAILABLE
    assert "cannot listen" in said
    assert "Traceback" not in said
