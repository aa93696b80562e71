"""`python -m bench`: run the measurements and print their table."""

import argparse
import os
import sys
import time
from pathlib import Path

from bench import machine
from bench.stores import KINDS, stores
from bench.table import Table
from bot.cli.runtime import run

MEASURES = (
    "callbacks", "adds", "costs", "queues", "sync",
    "flows", "parked", "mailings", "conditions", "segments", "trials",
)  # fmt: skip


def main() -> int:
    options = _parse()
    os.sched_setaffinity(0, machine.OTHERS)
    began = time.monotonic()
    table = Table()
    for line in machine.describe(options.folder):
        table.note(line)
    with stores(options.folder, kinds=tuple(options.store or KINDS)) as found:
        for name in options.measure or MEASURES:
            module = __import__(f"bench.{name}", fromlist=["measure"])
            more = {"customers": options.customers, "kills": options.kills} if name == "sync" else {}
            more |= {"customers": options.customers} if name == "mailings" else {}
            run(module.measure(found, table, quick=options.quick, **more))
    table.title(f"{time.monotonic() - began:.0f} seconds. Targets missed: {len(table.missed) or 'none'}")
    for line in table.missed:
        table.note(line)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measure", nargs="*", choices=[[], *MEASURES], help="which (default: all)")
    parser.add_argument("--quick", action="store_true", help="short rounds: enough to see a change, too short to quote")
    parser.add_argument("--store", action="append", choices=KINDS, help="on this store only")
    parser.add_argument(
        "--folder", type=Path, default=Path("/var/tmp"), help="where the databases lie: a real disk (default: /var/tmp)"
    )
    parser.add_argument(
        "--customers", type=int, default=0, help="of the first sync, or of a mailing (default: 100,000)"
    )
    parser.add_argument("--kills", type=int, default=0, help="how often the service is killed on the way of that sync")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
