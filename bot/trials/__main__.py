"""`python -m bot.trials`: a trial in a process of its own. The spec is read as JSON, the report is written as JSON."""

import sys

import msgspec

from bot.cli.runtime import run
from bot.trials.report import dump
from bot.trials.spec import Spec
from bot.trials.trial import run_trial

if __name__ == "__main__":
    sys.stdout.write(dump(run(run_trial(msgspec.json.decode(sys.stdin.buffer.read(), type=Spec)))))
