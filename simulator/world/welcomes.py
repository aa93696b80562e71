"""Welcome codes: twenty seconds, once (page 92137)."""

from dataclasses import dataclass, field
from itertools import islice

from simulator.errors import Refusal
from simulator.world.contacts import Relation
from simulator.world.mint import Mint

LIFETIME = 20.0  # seconds


@dataclass(slots=True)
class Welcome:
    """A code that allows one greeting of one customer in one member's name."""

    code: str
    relation: Relation
    issued_at: float
    used_at: float | None = None


@dataclass(slots=True)
class Welcomes:
    """The codes that were given out."""

    mint: Mint
    codes: dict[str, Welcome] = field(default_factory=dict)

    def issue(self, relation: Relation, *, now: float) -> Welcome:
        """Give out a code for a relation that has just begun."""
        self._forget(now)
        welcome = Welcome(self.mint.text("wlc", 40), relation, now)
        self.codes[welcome.code] = welcome
        return welcome

    def redeem(self, code: str, *, now: float) -> Welcome:
        """Use a code: 41050 when unknown or too late, 41051 when the two chat or were greeted already."""
        welcome = self.codes.get(code)
        if welcome is None or now >= welcome.issued_at + LIFETIME:
            raise Refusal(41050)
        if welcome.relation.greeted:
            raise Refusal(41051)
        welcome.relation.greeted = True
        welcome.used_at = now
        return welcome

    def _forget(self, now: float) -> None:
        """Drop what died long ago, so that the world can run for days; codes stand in order of issue."""
        for code in list(islice(self.codes, 2)):
            if now >= self.codes[code].issued_at + LIFETIME * 10:
                del self.codes[code]
