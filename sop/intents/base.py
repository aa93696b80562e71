"""What every intent is: an effect that happens at most once, and how safely it can be tried again."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Safety(Enum):
    """What may be done when nobody knows whether an attempt was performed."""

    IDEMPOTENT = "idempotent"  # the second time changes nothing: try again freely
    SINGLE_USE = "single use"  # WeCom itself refuses the second: try again inside the deadline
    KEYED = "keyed"  # WeCom or a look-up recognises the second by its key: try again with the same key
    UNKEYED = "unkeyed"  # nothing recognises a second: never send again blindly
    SOUGHT = "sought"  # nothing recognises a second: a handler of its end asks WeCom what exists


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The base: `effect` happens at most once per corp, intents of one `lane` are performed one at a time."""

    kind: ClassVar[str] = ""
    safety: ClassVar[Safety] = Safety.IDEMPOTENT

    @property
    def effect(self) -> str:
        """The name of what happens, unique per corp."""
        raise NotImplementedError

    @property
    def lane(self) -> str:
        """What must not be written concurrently; by default only this effect itself."""
        return self.effect
