"""`siyu doctor`: what keeps Siyu from working, and what to do about it."""

import argparse
import asyncio

from bot import doctor
from bot.cli.arguments import Commands, command
from bot.cli.codes import Exit
from bot.cli.runtime import run, say
from bot.config import Config, load
from bot.doctor import Finding, State

_PATIENCE = 120  # seconds for everything


def add(commands: Commands) -> None:
    """Add the command."""
    command(
        commands,
        "doctor",
        run=_doctor,
        examples=("siyu doctor -c config.toml        # while siyu serve runs, so that the callback URL answers",),
    )


def _doctor(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)
    print(f"{State.FINE} config      {arguments.config}")
    return run(_examine(config))


async def _examine(config: Config) -> int:
    faults = 0
    try:
        async with asyncio.timeout(_PATIENCE):
            async for finding in doctor.examine(config):
                print(_text(finding), flush=True)
                faults += finding.state is State.FAULT
    except TimeoutError:
        say("the checks took too long / 检查超时")
        return Exit.UNAVAILABLE
    print(f"{faults} {'fault' if faults == 1 else 'faults'} / {faults} 处错误" if faults else "all is well / 一切正常")
    return Exit.FAILED if faults else Exit.OK


def _text(finding: Finding) -> str:
    head = f"{finding.state} {finding.check:<11} "
    zh, en = finding.said
    if finding.state is State.FINE:
        return f"{head}{finding.about + ': ' if finding.about else ''}{en} / {zh}"
    head = (head + finding.about).rstrip()
    lines = [head, f"    {zh}", f"    {en}"]
    if finding.fix:
        lines += [f"    → 修复：{finding.fix.zh}", f"    → fix: {finding.fix.en}"]
    return "\n".join(lines)
