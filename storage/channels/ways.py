"""Ways: what WeCom has of each channel, what is on its way there, and what it should be by now."""

from sop.channels.turns import Turn, View
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.values import encode, to_ms

_ASK = Statement("""
    UPDATE channels SET asked = :version, turn = turn + 1 WHERE corp_id = :corp_id AND id = :id
""")
# What WeCom has is a fact; what we want of it may have moved on, and then the status stays as it is.
_SEEN = Statement("""
    UPDATE channels SET seen = :version, asked = 0, config_id = :config_id,
        qr_code = CASE WHEN :qr_code = '' THEN qr_code ELSE :qr_code END,
        shown = CASE WHEN :shown = '' THEN shown ELSE :shown END,
        status = CASE WHEN version = :version AND status <> 'deleting' THEN 'live' ELSE status END,
        reason = CASE WHEN version = :version THEN '' ELSE reason END
    WHERE corp_id = :corp_id AND id = :id
""")
_REFUSED = Statement("""
    UPDATE channels SET asked = 0, reason = :reason, tried = :tried,
        status = CASE WHEN version = :version THEN 'refused' ELSE status END
    WHERE corp_id = :corp_id AND id = :id
""")
_GONE = Statement("""
    UPDATE channels SET asked = 0, status = 'deleted', reason = '' WHERE corp_id = :corp_id AND id = :id
""")
_FORGIVE = Statement("UPDATE channels SET tried = '' WHERE corp_id = :corp_id AND id = :id")
_OBSERVE = Statement("""
    UPDATE channels SET shown = :shown, config_id = :config_id,
        status = CASE WHEN status = 'live' THEN 'pending' ELSE status END
    WHERE corp_id = :corp_id AND id = :id AND version = :version AND asked = 0
""")
_TURN = Statement("""
    UPDATE channels SET wanted = :wanted, mode = :mode, crew = :crew, balanced_at = :balanced_at
    WHERE corp_id = :corp_id AND id = :id
""")


class Ways:
    """The contact ways of a corp's channels."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def ask(self, channel_id: int, version: int) -> None:
        """Note that a version is on its way to WeCom."""
        self._scope.write(_ASK, id=channel_id, version=version)

    def see(
        self, channel_id: int, version: int, *, config_id: str, qr_code: str = "", shown: View | None = None
    ) -> None:
        """Store that WeCom has a version, under which id; without a new picture or view the old one stays."""
        view = encode(shown) if shown else ""
        self._scope.write(_SEEN, id=channel_id, version=version, config_id=config_id, qr_code=qr_code, shown=view)

    def refuse(self, channel_id: int, version: int, *, reason: str, tried: View | None = None) -> None:
        """Store that WeCom did not take a version, and why."""
        self._scope.write(_REFUSED, id=channel_id, version=version, reason=reason, tried=encode(tried) if tried else "")

    def forgive(self, channel_id: int) -> None:
        """Forget what WeCom did not take, so that it is tried once more."""
        self._scope.write(_FORGIVE, id=channel_id)

    def observe(self, channel_id: int, version: int, *, config_id: str, shown: View | None) -> None:
        """Store what was found at WeCom; without `config_id` nothing was. Whoever converges then has it put right."""
        view = encode(shown) if shown else ""
        self._scope.write(_OBSERVE, id=channel_id, version=version, config_id=config_id, shown=view)

    def bury(self, channel_id: int) -> None:
        """Store that WeCom has the channel no more."""
        self._scope.write(_GONE, id=channel_id)

    def turn(self, channel_id: int, turn: Turn) -> None:
        """Store what WeCom should have by now."""
        self._scope.write(
            _TURN,
            id=channel_id,
            wanted=encode(turn.view),
            mode=turn.assignment.mode,
            crew=encode(sorted(turn.balance.crew)),
            balanced_at=to_ms(turn.balance.since),
        )
