"""The real service in a process of its own; only the platform's rates, which no corp has raised so far, are lifted."""

import contextlib
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bench.child import Answer, obey
from bot.app import Service, spare_collector
from bot.cli.runtime import run
from bot.config import load
from storage.tokens import Tokens
from tests.services import free_port
from wecom.budget import MemoryBudget

_CONFIG = """
[server]
port = {port}
public_url = "http://127.0.0.1:{port}"
[database]
url = "{database}"
[wecom]
api_base = "{api_base}"
[[corps]]
id = "{corp_id}"
name = "bench"
  [[corps.apps]]
  name = "{app}"
  agent_id = {agent_id}
  secret = "{secret}"
  token = "{token}"
  encoding_aes_key = "{encoding_aes_key}"
"""


class Unhindered(Service):
    """A service whose corp has a higher quota than WeCom gives to anybody."""

    def _tools(self, tokens, _budget):
        return super()._tools(tokens, MemoryBudget(share=1000.0))


def configure(order: Answer) -> tuple[int, Path]:
    """Write the config for an order; the port it names, and the file."""
    port = free_port()
    file = Path(order["folder"]) / f"service{port}.toml"
    file.write_text(_CONFIG.format(port=port, **order), encoding="utf-8")
    return port, file


async def start(order: Answer):
    """Start as the order says: a role, a database, a virtual WeCom and its company."""
    port, file = configure(order)
    kind = Service if order.get("limits") == "documented" else Unhindered
    service = kind(load(file), order["role"])
    await service.start()
    spare_collector()
    token = await Tokens(service.database).create("admin", name="bench", now=datetime.now(UTC))

    async def tell(_: Answer) -> Answer:
        return {}

    return {"port": port, "token": token}, tell, service.stop


def main() -> None:
    logging.disable(logging.CRITICAL)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    if os.environ.get("SIYU_BENCH_PROFILE"):
        _profile(os.environ["SIYU_BENCH_PROFILE"])
    else:
        run(obey(start))


def _profile(path: str) -> None:
    """Run under cProfile and leave the numbers in a file: `python -m pstats FILE` reads them."""
    import cProfile  # noqa: PLC0415 - nobody else pays for it

    profile = cProfile.Profile()
    with contextlib.suppress(KeyboardInterrupt):
        profile.runcall(run, obey(start))
    profile.dump_stats(f"{path}.{os.getpid()}")


if __name__ == "__main__":
    main()
