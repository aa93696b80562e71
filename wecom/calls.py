"""What one call of the platform consists of, and how long its caller waits."""

from dataclasses import dataclass, field
from typing import Final

from wecom.budget import Charge
from wecom.exchange import JSON
from wecom.ids import AgentId


@dataclass(frozen=True, slots=True)
class App:
    """An app of a corp: its name in our configuration, its agent id and its secret."""

    name: str
    agent_id: AgentId
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a caller waits: seconds to be admitted, seconds for the answer, and whether before others."""

    within: float = 10.0
    timeout: float = 10.0
    urgent: bool = True


PROMPT: Final = Pace()
BACKGROUND: Final = Pace(within=60.0, timeout=30.0, urgent=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an API, without its token; its repr shows neither query nor body."""

    path: str
    method: str = "POST"
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    kind: str = JSON
    writes: bool = True  # an unanswered write may have been performed; a read is simply asked again
    binary: bool = False  # the answer is a file, unless something is wrong
    charges: tuple[Charge, ...] = ()  # besides the one for the path
