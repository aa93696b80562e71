"""Access tokens: per app, two hours, the same one while it lives (page 91039)."""

from dataclasses import dataclass, field

from simulator.errors import Refusal
from simulator.world.corp import App, Corp
from simulator.world.mint import Mint

LIFETIME = 7200.0  # seconds


@dataclass(slots=True)
class Token:
    """An issued token and whose it is."""

    text: str = field(repr=False)
    corp: Corp
    app: App
    expires_at: float


@dataclass(slots=True)
class Tokens:
    """All tokens given out; dead ones are remembered, since expired and unknown are different refusals."""

    mint: Mint
    _known: dict[str, Token] = field(default_factory=dict)
    _current: dict[tuple[str, int], Token] = field(default_factory=dict)

    def issue(self, corp: Corp, app: App, *, now: float) -> Token:
        """Return the app's living token, or a new one."""
        token = self._current.get((corp.id, app.agent_id))
        if token is None or now >= token.expires_at:
            token = Token(self.mint.text("token", 60), corp, app, now + LIFETIME)
            self._known[token.text] = self._current[corp.id, app.agent_id] = token
        return token

    def check(self, text: str, *, now: float) -> Token:
        """Return the token, or refuse: 41001 missing, 40014 unknown, 42001 expired."""
        if not text:
            raise Refusal(41001)
        token = self._known.get(text)
        if token is None:
            raise Refusal(40014)
        if now >= token.expires_at:
            raise Refusal(42001)
        return token

    def kill(self, token: Token, *, now: float) -> None:
        """End a token before its time, as the platform may."""
        token.expires_at = min(token.expires_at, now)

    def kill_all(self, *, now: float) -> int:
        """End every living token; returns how many."""
        living = [token for token in self._current.values() if now < token.expires_at]
        for token in living:
            self.kill(token, now=now)
        return len(living)
