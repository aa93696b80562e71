"""An event as another system has told it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.identities import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event as it was told, checked: `who` is the key of the customer, `effect` names it for ever."""

    name: str
    who: Key
    user_id: str = ""
    effect: str
    at: datetime
    data: dict[str, Any]
