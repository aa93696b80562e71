"""What members are told of moments that wait for them."""

from collections.abc import Sequence

from sop.intents import Prompt
from sop.prompts import Voice
from sop.texts import clean

AT_ONCE = 500  # members of one message


def remind(moment_id: int, name: str, users: Sequence[str], voice: Voice, *, number: int) -> list[Prompt]:
    """Ask members who have not published; there is no such call at WeCom, so that it is the bot who asks."""
    text = voice.say("moment.remind", name=clean(name))
    return [
        Prompt(
            users=tuple(users[start : start + AT_ONCE]),
            text=text,
            cause=f"moment:{moment_id}:remind:{number}:{start // AT_ONCE}",
        )
        for start in range(0, len(users), AT_ONCE)
    ]
