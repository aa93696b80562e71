"""Keep one server alive no longer than its owner: `python keeper.py FOLDER USER COMMAND…`, owned through stdin.

The owner writes a word to stop the server and start it again later. When the owner closes the pipe, or dies in
whatever way, the server ends and FOLDER is removed. Being the server's parent, the keeper can never signal a
stranger who was given the same pid. It starts in 20 ms because it imports nothing but the standard library.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

PATIENCE = 10  # seconds a server may take to end before it is killed


def spawn(command: list[str], folder: Path, user: str) -> subprocess.Popen[bytes]:
    """Start the command as `user` (empty: as ourselves), writing to `FOLDER/log`."""
    account = pwd.getpwnam(user) if user else None
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
        )


def keep(server: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for the server to end, by itself or because the owner wants it or is gone."""
    orphaned = threading.Event()

    def listen() -> None:
        if not os.read(sys.stdin.fileno(), 64):
            orphaned.set()
        server.send_signal(signal.SIGINT)
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()

    threading.Thread(target=listen, daemon=True).start()
    server.wait()
    if orphaned.is_set():
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    keep(spawn(sys.argv[3:], place, sys.argv[2]), place)
