"""How to ask "why" at the end of the week: the commands as they can be typed, and what they answer for one customer."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.cli.show import aligned, mark
from bot.demo import books
from bot.demo.books import Books
from bot.demo.days import Week
from bot.demo.season import CLOCK

WAITS = ("planned", "tasked", "made", "making", "unknown", "filling")


async def show(week: Week, read: Books, names: dict[str, str]) -> None:
    """The customer with the most various messages, each with why; then the commands, and what the second answers."""
    mine = _choose(read)
    if not mine:
        return
    subject = mine[0]["subject"]
    person = await week.operator.get(f"customers/{subject}")
    week.say(f"\nWhy? / 为什么？  {person['name']}  {subject}")
    rows = [
        (
            f"{datetime.fromisoformat(one['at']).astimezone(CLOCK):%a %H:%M}",
            sign(one["status"]),
            one["status"],
            names.get(one["origin_id"], "broadcast"),
            books.because(read, one),
        )
        for one in mine
    ]
    week.say(aligned(rows))
    left = next((one for one in mine if one["reason"]), mine[-1])
    config = week.stage.config_file
    lists, asks = (
        ["deliveries", "list", "--to", subject, "-c", str(config)],
        ["deliveries", "show", left["id"], "-c", str(config)],
    )
    week.say("\n  Ask the same of any customer, then of any message / 任何客户、任何一条消息都可以这样问：\n")
    week.say(f"    {_typed(lists)}\n    {_typed(asks)}\n")
    for line in (await _answer(asks)).splitlines():
        week.say(f"      {line}")


def sign(status: str) -> str:
    """One sign for the state of a message: it waits, has gone out, or has not."""
    return "…" if status in WAITS else "✓" if status == "ended" else mark(status)


def _choose(read: Books) -> list[dict[str, Any]]:
    """The messages of the customer who has the most various ones, in the order of time."""
    by: dict[str, list[dict[str, Any]]] = {}
    for one in read.every:
        if one["kind"] == "single":
            by.setdefault(one["subject"], []).append(one)
    most = max(by, key=lambda who: (_variety(by[who]), who), default="")
    return sorted(by.get(most, ()), key=lambda one: one["at"])


def _variety(messages: Sequence[dict[str, Any]]) -> int:
    return len({(one["status"], one["origin_id"], (one["reason"] or {}).get("code")) for one in messages})


def _typed(arguments: Sequence[str]) -> str:
    """The command as somebody types it in the folder where the demo was begun."""
    siyu = Path(sys.executable).with_name("siyu")
    here = Path.cwd()
    shown = siyu.relative_to(here) if siyu.is_relative_to(here) else siyu
    return " ".join([str(shown), *arguments])


async def _answer(arguments: Sequence[str]) -> str:
    """What the command answers."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode != os.EX_OK:
        raise RuntimeError(said.decode())
    return said.decode()
