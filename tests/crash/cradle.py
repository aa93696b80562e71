"""A process that has loaded the program and forks a service on demand, so that a start takes no seconds of imports.

It reads orders from its standard input: a JSON list of the log file and the command line. It answers with the number
of the new process. When its input ends, all that it has forked die with it.
"""

import contextlib
import json
import os
import signal
import sys

from bot import app, cli

assert app.serve  # loaded here, for all


def bear(log: str, command: list[str]) -> int:
    """Fork a process that runs the command line of siyu; its process id."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os._exit(cli.main(command))


def watch() -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried at once
    children = []
    for line in sys.stdin:
        log, *command = json.loads(line)
        children.append(bear(log, command))
        sys.stdout.write(f"{children[-1]}\n")
        sys.stdout.flush()
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    watch()
