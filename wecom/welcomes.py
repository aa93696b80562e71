"""The one greeting that a welcome code allows."""

from collections.abc import Sequence

from wecom import limits
from wecom.answers import Status
from wecom.attachments import Attachment, compose
from wecom.caller import Caller


class Welcomes:
    """The API of welcome messages."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def send(self, welcome_code: str, text: str = "", attachments: Sequence[Attachment] = ()) -> None:
        """Page 92137: greet a new customer within 20 s of the event that brought the code.

        Refused with 41050 when the code is used or too old, 41051 when the two already talk; TryLater
        with 41096 while another app is greeting.
        """
        body = {"welcome_code": welcome_code, **compose(text, attachments, limit=limits.WELCOME_TEXT)}
        await self._caller.tell("externalcontact/send_welcome_msg", body, Status)


def check(text: str, attachments: Sequence[Attachment] = ()) -> None:
    """Raise `OverLimit` for a greeting that the platform would refuse; for use where rules are written."""
    compose(text, attachments, limit=limits.WELCOME_TEXT)
