"""What the exit codes of every command mean."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended, for scripts."""

    OK = 0
    FAILED = 1  # it was tried and did not work out
    USAGE = 2  # the command line or the configuration is wrong
    UNAVAILABLE = 3  # the database or the network cannot be used now
    NOT_FOUND = 4  # there is nothing of that id


LEGEND = "exit codes: 0 ok · 1 failed · 2 usage or configuration · 3 database or network unavailable · 4 not found"
