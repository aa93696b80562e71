"""The command line: `siyu …` and `python -m bot …`."""

import argparse
import importlib
import os
import sys
from collections.abc import Iterable, Sequence

from bot.cli.arguments import SUMMARIES
from bot.cli.codes import LEGEND, Exit
from bot.cli.runtime import say
from bot.config import ConfigError
from storage.errors import StorageError

_SUMMARY = "Siyu: an open, self-hosted WeCom (企业微信) SCRM bot service. 开源、自部署的企业微信私域机器人服务。"
_INTERRUPTED = 130  # as shells count: 128 and the signal's number


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code (see `bot.cli.codes`)."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        arguments = _parser(argv[0] if argv else "").parse_args(argv)
    except SystemExit as end:  # argparse has said what is wrong, or the help
        return end.code if isinstance(end.code, int) else Exit.USAGE
    try:
        return int(arguments.run(arguments))
    except ConfigError as error:
        say(str(error))
        return Exit.USAGE
    except StorageError as error:
        say(f"the database cannot be used / 数据库无法使用: {error}")
        say("siyu doctor says why; a new database needs siyu migrate / siyu doctor 查看原因，新库先执行 siyu migrate")
        return Exit.UNAVAILABLE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # as in `siyu events list | head`: whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK


class _Help(argparse.RawDescriptionHelpFormatter):
    """Commands stand further in than argparse reckons: the longest would have its summary on the line below."""

    def add_arguments(self, actions: Iterable[argparse.Action]) -> None:
        """As there, with room for those two."""
        super().add_arguments(actions)
        self._action_max_length += self._indent_increment


def _parser(chosen: str) -> argparse.ArgumentParser:
    """Build the parser; only the module of the chosen command is imported."""
    parser = argparse.ArgumentParser(
        prog="siyu",
        description=_SUMMARY,
        epilog=f"siyu COMMAND --help shows examples.\n\n{LEGEND}",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in SUMMARIES.items():
        if name == chosen:
            importlib.import_module(f"bot.cli.{name}").add(commands)
        else:
            commands.add_parser(name, help=summary)
    return parser
