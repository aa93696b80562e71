"""What members are asked to confirm, so that people with habits hear of it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is to be confirmed."""

    BROADCAST = "broadcast"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Errand:
    """One member is asked to confirm one thing, for the first time or by a reminder."""

    kind: Kind
    id: str  # a msgid or moment_id
    userid: str
