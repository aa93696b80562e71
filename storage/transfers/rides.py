"""Each customer's (or group's) way from one member to another: one row for each transfer they are part of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import literal_column, select

from sop.transfers import RANK, UNDECIDED, State
from sop.transfers.takers import Given, LeftOut
from storage.engine.sql import Row, Statement, insert
from storage.schema.transfers import transfer_rows
from storage.scope import Scope
from storage.transfers import Transfer
from storage.values import from_ms, maybe_moment, to_ms

_ROW = (
    "r.transfer_id, r.subject, r.what, r.handover, r.taker, r.resigned, r.state, r.reason, r.code, "
    "r.asked_at, r.ended_at, r.changed_at"
)
_PLAN = insert(
    "transfer_rows",
    ("transfer_id", "subject", "corp_id", "what", "handover", "taker", "resigned", "state", "rank", "reason",
     "changed_at"),
    unless="transfer_id, subject",
)  # fmt: skip
_ROWS = Statement(f"""
    SELECT {_ROW}, COALESCE(c.name, g.name, '') AS name FROM transfer_rows AS r
    LEFT JOIN customers AS c ON c.corp_id = r.corp_id AND c.external_user_id = r.subject
    LEFT JOIN customer_groups AS g ON g.corp_id = r.corp_id AND g.chat_id = r.subject
    WHERE r.corp_id = :corp_id AND r.transfer_id = :id AND r.subject > :after
      AND (CAST(:taker AS TEXT) = '' OR r.taker = :taker) AND (CAST(:state AS TEXT) = '' OR r.state = :state)
    ORDER BY r.subject LIMIT :most
""")
_ASK = Statement("""
    UPDATE transfer_rows SET state = 'asked', rank = :rank, asked_at = :at, changed_at = :at
    WHERE transfer_id = :id AND subject = :subject AND state = 'planned'
""")
_MOVE = Statement("""
    UPDATE transfer_rows SET state = :state, rank = :rank, code = :code, changed_at = :at,
        ended_at = CAST(:ended_at AS BIGINT)
    WHERE transfer_id = :id AND subject = :subject AND rank < :rank AND state <> 'left_out'
""")
_GIVE_UP = Statement("""
    UPDATE transfer_rows SET state = 'failed', rank = :rank, reason = :reason, changed_at = :at, ended_at = :at
    WHERE transfer_id = :id AND state = 'planned'
""")
_OF_SUBJECT = Statement(f"""
    SELECT {_ROW} FROM transfer_rows AS r
    WHERE r.corp_id = :corp_id AND r.subject = :subject AND r.asked_at <= :until ORDER BY r.asked_at DESC, r.transfer_id
""")
_ASKED = Statement("""
    SELECT DISTINCT asked_at FROM transfer_rows
    WHERE corp_id = :corp_id AND handover = :handover AND taker = :taker AND state IN ('asked', 'waiting')
      AND resigned = :resigned AND what = 'customers'
""")
_TODAY = Statement("""
    SELECT COUNT(*) AS count FROM transfer_rows
    WHERE corp_id = :corp_id AND handover = :handover AND asked_at >= :since AND what = 'groups'
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """One customer (or group) of a transfer, and how it stands."""

    transfer_id: int
    subject: str
    name: str = ""  # of a customer or a group, where it is asked for
    what: str
    handover: str
    taker: str
    resigned: bool
    state: State
    reason: str
    code: int
    asked_at: datetime | None
    ended_at: datetime | None
    changed_at: datetime


class Rides:
    """The ways of a corp's customers and groups."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def page(
        self, transfer_id: int, *, taker: str = "", state: str = "", after: str = "", most: int = 50
    ) -> tuple[Ride, ...]:
        """The customers or groups of a transfer by id, those of a taker or in a state."""
        rows = await self._scope.fetch(_ROWS, id=transfer_id, taker=taker, state=state, after=after, most=most)
        return tuple(replace(_ride(row), name=row["name"]) for row in rows)

    def plan(self, transfer: Transfer, places: Iterable[Given | LeftOut]) -> None:
        """Store who goes to whom, and who does not go, and why."""
        for place in places:
            given = isinstance(place, Given)
            state = State.PLANNED if given else State.LEFT_OUT
            self._scope.write(
                _PLAN,
                transfer_id=transfer.id,
                subject=place.subject,
                what=transfer.what,
                handover=transfer.handover,
                taker=place.taker if isinstance(place, Given) else "",
                resigned=transfer.resigned,
                state=state.value,
                rank=RANK[state],
                reason=place.reason if isinstance(place, LeftOut) else "",
                changed_at=self._scope.at,
            )

    def ask(self, transfer_id: int, subjects: Sequence[str]) -> None:
        """Note that these are being asked for, together with the intent that does it."""
        for subject in subjects:
            self._scope.write(_ASK, id=transfer_id, subject=subject, rank=RANK[State.ASKED], at=self._scope.at)

    def move(self, ride: Ride, state: State, *, code: int = 0, at: datetime) -> None:
        """Note what is now known of one; what is less certain than what is stored changes nothing."""
        self._scope.write(
            _MOVE,
            id=ride.transfer_id,
            subject=ride.subject,
            state=state.value,
            rank=RANK[state],
            code=code,
            at=self._scope.at,
            ended_at=None if state in UNDECIDED else to_ms(at),
        )

    def give_up(self, transfer_id: int, *, reason: str) -> None:
        """Those who were not asked for yet will not be."""
        self._scope.write(_GIVE_UP, id=transfer_id, rank=RANK[State.FAILED], reason=reason, at=self._scope.at)

    async def of_subject(self, subject: str, *, until: datetime) -> tuple[Ride, ...]:
        """The transfers of a customer or group asked for until a moment, newest first; shared within an event."""
        return await self._scope.read(_OF_SUBJECT, _ride, subject=subject, until=to_ms(until) + 999)

    async def open(
        self,
        handover: str,
        taker: str,
        *,
        resigned: bool,
        after: str = "",
        most: int = 1000,
        among: Sequence[str] | None = None,
    ) -> tuple[Ride, ...]:
        """The customers between two members of whom no end is known, by id; all, or those `among` so many."""
        own = transfer_rows.c
        query = (
            select(transfer_rows)
            .where(
                own.corp_id == self._scope.corp_id,
                own.handover == handover,
                own.taker == taker,
                own.state.in_([literal_column("'asked'"), literal_column("'waiting'")]),  # as its index is written
                own.resigned == resigned,
                own.what == "customers",
                own.subject > after,
            )
            .order_by(own.subject)
        )
        query = query.limit(most) if among is None else query.where(own.subject.in_(among))
        return tuple(map(_ride, await self._scope.database.fetch(Statement(query))))

    async def asked(self, handover: str, taker: str, *, resigned: bool) -> tuple[datetime, ...]:
        """When those were asked for of whom no end is known."""
        rows = await self._scope.fetch(_ASKED, handover=handover, taker=taker, resigned=resigned)
        return tuple(from_ms(row["asked_at"]) for row in rows)

    async def groups_today(self, handover: str, *, since: datetime) -> int:
        """How many groups one person has been giving away since a moment."""
        (row,) = await self._scope.fetch(_TODAY, handover=handover, since=to_ms(since))
        count: int = row["count"]
        return count


def _ride(row: Row) -> Ride:
    names = ("transfer_id", "subject", "what", "handover", "taker", "reason", "code")
    return Ride(
        **{name: row[name] for name in names},
        resigned=bool(row["resigned"]),
        state=State(row["state"]),
        asked_at=maybe_moment(row["asked_at"]),
        ended_at=maybe_moment(row["ended_at"]),
        changed_at=from_ms(row["changed_at"]),
    )
