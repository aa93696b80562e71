"""Broadcasts as operators keep them: what they say, how they stand, and who did what with them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sop.broadcasts import document
from sop.broadcasts.document import Broadcast
from sop.broadcasts.states import Act, Status
from sop.broadcasts.turns import AHEAD, Turn
from sop.events import BroadcastDue, Own
from storage.broadcasts.audiences import Audiences
from storage.broadcasts.results import Results
from storage.broadcasts.runs import Runs
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, from_ms, maybe_moment, maybe_ms, new_id

_COLUMNS = (
    "id, name, kind, status, edition, body, author, size, approvers, runs, next_at, next_wall, created_at, changed_at"
)
_SELECT = f"SELECT {_COLUMNS} FROM broadcasts WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_PAGE = Statement(f"""
    {_SELECT} AND id < :before AND (CAST(:status AS TEXT) = '' OR status = :status)
      AND (CAST(:kind AS TEXT) = '' OR kind = :kind)
    ORDER BY id DESC LIMIT :most
""")
_ADD = insert(
    "broadcasts",
    ("id", "corp_id", "app", "name", "kind", "status", "edition", "body", "author", "created_at", "changed_at"),
)
_EDIT = Statement("""
    UPDATE broadcasts SET name = :name, kind = :kind, body = :body, author = :author, status = 'draft', size = NULL,
        approvers = 0, next_at = NULL, next_wall = '', due_at = NULL, edition = edition + 1, changed_at = :at
    WHERE corp_id = :corp_id AND id = :id AND edition = :known AND status = :before
""")
_TURN = Statement("""
    UPDATE broadcasts SET status = :status, size = CAST(:size AS BIGINT), approvers = :approvers, runs = :runs,
        next_at = CAST(:next_at AS BIGINT), next_wall = :next_wall, due_at = CAST(:due_at AS BIGINT), changed_at = :at
    WHERE corp_id = :corp_id AND id = :id AND edition = :known AND status = :before AND runs = :before_runs
""")
_REMOVE = Statement("DELETE FROM broadcasts WHERE corp_id = :corp_id AND id = :id AND edition = :known")
_ACT = insert("broadcast_acts", ("id", "corp_id", "broadcast_id", "what", "who", "note", "edition", "at"))
_ACTS = Statement("""
    SELECT what, who, note, edition, at FROM broadcast_acts
    WHERE corp_id = :corp_id AND broadcast_id = :id ORDER BY id
""")
_FORGET = Statement("DELETE FROM broadcast_acts WHERE corp_id = :corp_id AND broadcast_id = :id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A broadcast as it stands; `edition` counts its changes, `next` is when its next run goes out."""

    id: int
    status: Status
    edition: int
    broadcast: Broadcast
    author: str
    size: int | None  # of its audience, when that was last counted
    approvers: int  # how many have to approve it
    runs: int
    next: Turn | None
    created_at: datetime
    changed_at: datetime


class Broadcasts:
    """The broadcasts of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        self._scope = scope
        self._announce = announce

    @cached_property
    def audiences(self) -> Audiences:
        """Whom they are for."""
        return Audiences(self._scope)

    @cached_property
    def runs(self) -> Runs:
        """Each time that one goes out."""
        return Runs(self._scope)

    @cached_property
    def results(self) -> Results:
        """What became of their messages."""
        return Results(self._scope)

    async def get(self, broadcast_id: int) -> Card | None:
        """One broadcast."""
        rows = await self._scope.fetch(_GET, id=broadcast_id)
        return _card(rows[0]) if rows else None

    async def page(
        self, *, status: str = "", kind: str = "", before: int = FOREVER, most: int = 50
    ) -> tuple[Card, ...]:
        """Broadcasts, newest first; `before` is the id of the last one of the page before."""
        rows = await self._scope.fetch(_PAGE, status=status, kind=kind, before=before, most=most)
        return tuple(map(_card, rows))

    async def acts(self, broadcast_id: int) -> tuple[Act, ...]:
        """What was done with it, in order."""
        return tuple(map(_act, await self._scope.fetch(_ACTS, id=broadcast_id)))

    def add(self, broadcast: Broadcast, who: str, *, what: str = "created", note: str = "") -> Card:
        """Store a new one as a draft."""
        scope = self._scope
        card = Card(
            id=new_id(),
            status=Status.DRAFT,
            edition=1,
            broadcast=broadcast,
            author=who,
            size=None,
            approvers=0,
            runs=0,
            next=None,
            created_at=scope.now,
            changed_at=scope.now,
        )
        scope.write(
            _ADD,
            id=card.id,
            app=scope.app,
            name=broadcast.name,
            kind=broadcast.kind,
            status="draft",
            edition=1,
            body=document.dump(broadcast),
            author=who,
            created_at=scope.at,
            changed_at=scope.at,
        )
        self.note(card, what, who, note)
        return card

    def edit(self, card: Card, broadcast: Broadcast, who: str) -> None:
        """Store what it says now: a draft again, whatever it was. At commit `LostLease` if somebody was quicker."""
        about = {"name": broadcast.name, "kind": broadcast.kind, "body": document.dump(broadcast)}
        self._guard(_EDIT, card, before=card.status.value, author=who, **about)
        self._note(card.id, "edited", who, edition=card.edition + 1)

    def turn(self, card: Card, after: Card) -> None:
        """Note how it stands. At commit `LostLease` if somebody was quicker."""
        due = None if after.next is None else max(after.next.at - AHEAD, self._scope.now)
        self._guard(
            _TURN,
            card,
            status=after.status.value,
            size=after.size,
            approvers=after.approvers,
            runs=after.runs,
            next_at=maybe_ms(after.next.at if after.next else None),
            next_wall=after.next.wall.isoformat() if after.next and after.next.wall else "",
            due_at=maybe_ms(due if after.status in (Status.SCHEDULED, Status.RUNNING) else None),
            before=card.status.value,
            before_runs=card.runs,
        )

    def ring(self, card: Card) -> None:
        """Have its run begun now."""
        self._announce(BroadcastDue(corp_id=self._scope.corp_id, at=self._scope.now, broadcast_id=card.id))

    def remove(self, card: Card) -> None:
        """Forget one that was never sent."""
        self._guard(_REMOVE, card)
        self._scope.write(_FORGET, id=card.id)

    def note(self, card: Card, what: str, who: str, note: str = "") -> None:
        """Keep who did what with it."""
        self._note(card.id, what, who, edition=card.edition, note=note)

    def _note(self, broadcast_id: int, what: str, who: str, *, edition: int, note: str = "") -> None:
        self._scope.write(
            _ACT,
            id=new_id(),
            broadcast_id=broadcast_id,
            what=what,
            who=who,
            note=note,
            edition=edition,
            at=self._scope.at,
        )

    def _guard(self, statement: Statement, card: Card, **values: Any) -> None:
        scope = self._scope
        scope.unit.guard(statement, corp_id=scope.corp_id, id=card.id, known=card.edition, at=scope.at, **values)


def _card(row: Row) -> Card:
    at, wall = maybe_moment(row["next_at"]), row["next_wall"]
    return Card(
        id=row["id"],
        status=Status(row["status"]),
        edition=row["edition"],
        broadcast=document.load(row["body"]),
        author=row["author"],
        size=row["size"],
        approvers=row["approvers"],
        runs=row["runs"],
        next=Turn(at, datetime.fromisoformat(wall) if wall else None) if at else None,
        created_at=from_ms(row["created_at"]),
        changed_at=from_ms(row["changed_at"]),
    )


def _act(row: Row) -> Act:
    return Act(**{name: row[name] for name in ("what", "who", "note", "edition")}, at=from_ms(row["at"]))
