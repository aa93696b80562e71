"""What is done for mailings: a task for members is made, they are reminded of it, it is called off."""

from dataclasses import dataclass

from sop.intents.base import Intent, Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeMailing(Intent):
    """Make the task; whom it is for and what it says is read when it is made.

    Nothing recognises a second one: where no answer comes, WeCom is asked what it has.
    """

    kind = "make_mailing"
    safety = Safety.SOUGHT

    mailing_id: int
    turn: int = 0  # made anew when WeCom surely has not made it

    @property
    def effect(self) -> str:
        """One task, however often it has to be tried."""
        return f"mailing:{self.mailing_id}:make:{self.turn}"

    @property
    def lane(self) -> str:
        """Everything about a mailing in its order."""
        return f"mailing:{self.mailing_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindMailing(Intent):
    """Remind those who have not confirmed; another reminder may be one of WeCom's three too many."""

    kind = "remind_mailing"
    safety = Safety.UNKEYED

    mailing_id: int
    msg_id: str
    number: int

    @property
    def effect(self) -> str:
        """Each reminder once."""
        return f"mailing:{self.mailing_id}:remind:{self.number}"

    @property
    def lane(self) -> str:
        """Everything about a mailing in its order."""
        return f"mailing:{self.mailing_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMailing(Intent):
    """Stop what is not sent yet; what is sent stays."""

    kind = "cancel_mailing"

    mailing_id: int
    msg_id: str
    turn: int = 0  # wanted again when its end was never heard of

    @property
    def effect(self) -> str:
        """Once a turn."""
        return f"mailing:{self.mailing_id}:cancel:{self.turn}"

    @property
    def lane(self) -> str:
        """Everything about a mailing in its order."""
        return f"mailing:{self.mailing_id}"
