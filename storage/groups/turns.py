"""What callbacks said of groups, kept until WeCom shows it, and how those left who were found gone before."""

from datetime import datetime

from sop.groups import LAG, Turn
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import decode, encode, from_ms, new_id, to_ms

# A look may have noticed a departure before its callback came: the callback still says how it was.
_EXPLAIN = Statement("""
    UPDATE group_members SET parting = :parting, left_at = CASE WHEN left_at > :at THEN :at ELSE left_at END
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND parting = 'unknown' AND joined_at <= :at AND left_at >= :since
      AND member_id IN (SELECT value FROM {each}(CAST(:members AS {json})))
""")
_NOTE = insert("group_turns", ("id", "corp_id", "chat_id", "what", "scene", "members", "last_version", "version", "at"))
_TURNS = Statement("""
    SELECT what, scene, members, last_version, version, at FROM group_turns
    WHERE corp_id = :corp_id AND chat_id = :chat_id ORDER BY at, id
""")
_FORGET = Statement("DELETE FROM group_turns WHERE corp_id = :corp_id AND chat_id = :chat_id AND at <= :until")


class Turns:
    """What callbacks said of a corp's groups."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def explain(self, chat_id: str, turn: Turn) -> None:
        """Add to departures that were noticed already how they were, as a callback says now."""
        if turn.scene in ("left", "removed"):
            at, since = to_ms(turn.at), to_ms(turn.at - LAG)
            members = encode(turn.members)
            self._scope.write(_EXPLAIN, chat_id=chat_id, parting=turn.scene, at=at, since=since, members=members)

    def note(self, chat_id: str, turn: Turn) -> None:
        """Keep what a callback said until WeCom shows it."""
        self._scope.write(
            _NOTE,
            id=new_id(),
            chat_id=chat_id,
            what=turn.what,
            scene=turn.scene,
            members=encode(turn.members),
            last_version=turn.last,
            version=turn.version,
            at=to_ms(turn.at),
        )

    async def turns(self, chat_id: str) -> tuple[Turn, ...]:
        """What callbacks said that WeCom may not have shown yet, oldest first."""
        return tuple(map(_turn, await self._scope.fetch(_TURNS, chat_id=chat_id)))

    def forget(self, chat_id: str, *, until: datetime) -> None:
        """What callbacks said up to a moment is shown now."""
        self._scope.write(_FORGET, chat_id=chat_id, until=to_ms(until))


def _turn(row: Row) -> Turn:
    return Turn(
        what=row["what"],
        at=from_ms(row["at"]),
        scene=row["scene"],
        members=tuple(decode(row["members"])),
        last=row["last_version"],
        version=row["version"],
    )
