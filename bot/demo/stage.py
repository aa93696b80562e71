"""The stage of the demo: a folder, two ports, the virtual company, and a config file as a real one would be."""

import asyncio
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from bot.config import Config, load
from bot.demo import plan
from bot.demo.town import PAST, populate
from simulator import Company, Running, run
from simulator.world.groups import LAG

FOLDER = Path(".demo")
PORTS = (8080, 8081)
SPEED = 1.0
SEED = 297  # a life in which something of every kind happens within the first minute
_CONFIG = """# Written by `siyu demo`; the company is virtual, so are its secrets.
[server]
host = "127.0.0.1"
port = {port}
public_url = "http://127.0.0.1:{port}"

[database]
url = "sqlite:///{database}"

[wecom]
api_base = "{api_base}"

[[corps]]
id = "{corp_id}"
name = "{corp_name}"

  [[corps.apps]]
  name = "{app}"
  agent_id = {agent_id}
  secret = "{secret}"
  token = "{token}"
  encoding_aes_key = "{encoding_aes_key}"
"""


@dataclass(slots=True)
class Stage:
    """What stands before the service starts."""

    folder: Path
    config: Config
    wecom: Running
    company: Company

    @property
    def config_file(self) -> Path:
        """For looking at events and intents from another terminal."""
        return self.folder / "config.toml"


async def build(folder: Path = FOLDER, *, begin: float | None = None) -> Stage:
    """Start the virtual WeCom, found the company, write the config; an earlier demo's data is removed.

    `begin` is the Unix time at which the service begins in the virtual world, on any free port; by default now.
    """
    ports = PORTS if begin is None else (0, 0)
    await asyncio.to_thread(_clear, folder)
    port = _free(ports[0])
    start = (time.time() if begin is None else begin) - PAST - LAG
    wecom = await run(port=_free(ports[1]), seed=SEED, start=start, speed=SPEED, lanes=8)
    company = wecom.simulator.found_company()
    company.app.contact_events = True  # as if it were the contacts assistant too: it hears of who joins and leaves
    populate(wecom.simulator, company, (*plan.GROUPS, plan.SPARE))
    text = _CONFIG.format(
        port=port,
        database=(folder / "siyu.db").absolute(),
        api_base=wecom.url,
        corp_id=company.corp.id,
        corp_name=company.corp.name,
        app=company.app.name,
        agent_id=company.app.agent_id,
        secret=company.app.secret,
        token=company.token,
        encoding_aes_key=company.encoding_aes_key,
    )
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return Stage(folder, load(folder / "config.toml"), wecom, company)


def _clear(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.glob("siyu.db*"):
        old.unlink()


def open_callbacks(stage: Stage) -> None:
    """What an administrator does in WeCom's console: tell it the callback URL, token and key."""
    corp, app = stage.company.corp, stage.company.app
    url = f"{stage.config.server.public_url}/callback/{corp.id}/{app.name}"
    corp.receive(app.agent_id, url=url, token=stage.company.token, encoding_aes_key=stage.company.encoding_aes_key)


def _free(wanted: int) -> int:
    """The wanted loopback port, or any other when it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: an earlier demo has just ended
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")
