"""The service as a process of its own, as `siyu serve` starts it: to be stopped, killed and started again."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx

from bot.config import Config

ROOT = Path(__file__).parent.parent
_CONFIG = """
[server]
port = {port}
public_url = "http://127.0.0.1:{port}"
[database]
url = "{database}"
[wecom]
api_base = "{api_base}"
[[corps]]
id = "{corp}"
  [[corps.apps]]
  name = "{app.name}"
  agent_id = {app.agent_id}
  secret = "{app.secret}"
  token = "{keys.token}"
  encoding_aes_key = "{keys.encoding_aes_key}"
"""


def write(config: Config, folder: Path) -> Path:
    """The config file that says this."""
    (corp,) = config.corps
    (app,) = corp.apps
    path = folder / f"{config.server.port}.toml"
    text = _CONFIG.format(
        port=config.server.port,
        database=config.database.url,
        api_base=config.wecom.api_base,
        corp=corp.id,
        app=app,
        keys=app.keys[0],
    )
    path.write_text(text, encoding="utf-8")
    return path


class Daemon:
    """One process of the service; its log is kept in a file."""

    def __init__(self, config: Config, folder: Path, role: str = "all") -> None:
        self.url, self.port = config.server.public_url, config.server.port
        self.log = folder / f"{role}-{config.server.port}.log"
        self.command = ("serve", "-c", str(write(config, folder)), "--role", role)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Begin, without waiting until it is ready."""
        python = (sys.executable, "-m", "bot")
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *python, *self.command, cwd=ROOT, stdout=log, stderr=log
            )

    async def ready(self, seconds: float = 30) -> None:
        """Wait until it can do its work."""
        async with asyncio.timeout(seconds), httpx.AsyncClient(trust_env=False) as client:
            while True:
                assert self.running, f"the service has ended:\n{self.log.read_text()[-2000:]}"
                try:
                    if (await client.get(f"{self.url}/readyz", timeout=5)).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.02)

    async def stop(self) -> int:
        """SIGTERM, and wait; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return await self._process.wait()

    async def kill(self) -> None:
        """SIGKILL: the process has no say in it."""
        if self.running:
            os.kill(self._process.pid, signal.SIGKILL)
            await self._process.wait()
