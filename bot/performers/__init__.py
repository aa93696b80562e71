"""How each intent is performed: our words into a call of the platform, and what comes back as plain values."""

from collections.abc import Mapping
from datetime import timedelta

from bot.performers import (
    acquisition,
    channels,
    customers,
    deliveries,
    groups,
    intercepts,
    materials,
    moments,
    staff,
    tags,
    transfers,
    webhooks,
)
from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop.intents import Intent, Prompt, Safety

__all__ = ["PERFORMERS", "Attempt", "Perform", "Result", "Tools", "may_repeat"]

SUBJECTS = (
    acquisition,
    channels,
    customers,
    deliveries,
    groups,
    intercepts,
    materials,
    moments,
    staff,
    tags,
    transfers,
    webhooks,
)
PERFORMERS: Mapping[type[Intent], Perform] = {
    intent: perform for subject in SUBJECTS for intent, perform in subject.PERFORMERS.items()
}


def may_repeat(intent: Intent, age: timedelta) -> bool:
    """Whether an intent that may have been performed can be tried again without happening twice."""
    match intent:
        case Prompt():
            return age < staff.window(intent)
        case _:
            return intent.safety not in (Safety.UNKEYED, Safety.SOUGHT)
