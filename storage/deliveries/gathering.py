"""Gathering: what is due of one content and one sender goes into one task, as few as may be.

Rows are taken in the order in which they lie, whoever sends them, so that a million of them are passed over once; each
goes into the mailing of its kind that is being filled. When all that is due has found its place, they are made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sop.deliveries import Kind, Origin
from sop.deliveries.mailings import MAKE, MOST
from storage.engine.many import bulk, joined
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.values import encode, from_ms, new_id, to_ms

_DAY = 86_400_000  # milliseconds
_LOST = MAKE + timedelta(hours=1)  # after which a mailing is looked after whose making was never heard of
_ORIGINS = Statement("""
    SELECT origin, origin_id FROM delivery_origins
    WHERE corp_id = :corp_id AND NOT held AND stopped_at IS NULL ORDER BY origin, origin_id
""")
_DUE = Statement(
    """
    SELECT id, kind, content_id, user_id FROM deliveries
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND status = 'planned'
      AND due_at <= :now
    ORDER BY due_at LIMIT :most
    """,
    patient=True,
    by_keys=True,
)
_NEXT = Statement("""
    SELECT due_at FROM deliveries
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND status = 'planned'
      AND due_at > :now
    ORDER BY due_at LIMIT 1
""")
_FILLING = joined(
    "m.id, m.kind, m.content_id, m.user_id, m.count",
    "mailings AS m",
    on="""m.corp_id = :corp_id AND m.origin = :origin AND m.origin_id = :origin_id AND m.status = 'filling'
          AND m.content_id = k.content_id AND m.user_id = k.user_id AND m.kind = k.kind""",
    kind="TEXT",
    content_id="BIGINT",
    user_id="TEXT",
)
_OPEN = bulk(
    """
    INSERT INTO mailings (id, corp_id, app, kind, user_id, content_id, origin, origin_id, status, created_at, asked_at)
    SELECT r.id, CAST(:corp_id AS TEXT), CAST(:app AS TEXT), r.kind, r.user_id, r.content_id, CAST(:origin AS TEXT),
           CAST(:origin_id AS BIGINT), 'filling', CAST(:now AS BIGINT), CAST(:now AS BIGINT)
    FROM {rows} AS r WHERE TRUE
    """,
    id="BIGINT", kind="TEXT", user_id="TEXT", content_id="BIGINT",
)  # fmt: skip
_FILL = bulk(
    "UPDATE mailings SET count = mailings.count + r.added FROM {rows} AS r WHERE mailings.id = r.id",
    id="BIGINT",
    added="BIGINT",
)
_TAKE = bulk(
    """
    UPDATE deliveries SET status = 'tasked', mailing_id = r.mailing_id
    FROM {rows} AS r WHERE deliveries.id = r.id AND deliveries.status = 'planned'
    """,
    id="BIGINT",
    mailing_id="BIGINT",
)
_FILLED = Statement("""
    SELECT id FROM mailings
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND status = 'filling' LIMIT :most
""")
_MAKE = bulk(
    """
    UPDATE mailings SET status = 'making', asked_at = :now, created_at = :now, poll_at = :lost
    FROM {rows} AS r WHERE mailings.id = r.id AND mailings.status = 'filling'
    """,
    id="BIGINT",
)
_REST = Statement("""
    DELETE FROM delivery_origins
    WHERE corp_id = :corp_id AND origin = :origin AND origin_id = :origin_id AND at < :before
      AND NOT held AND stopped_at IS NULL
""")  # what is planned meanwhile has moved `at`

Alike = tuple[Kind, int, str]
"""What goes into one task: the kind, the content, the sender."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is due."""

    id: int
    alike: Alike


class Gathering:
    """What is due of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def origins(self) -> Sequence[tuple[Origin, int]]:
        """The flows and broadcasts of which something may be planned, but for those that are paused."""
        return [(row["origin"], row["origin_id"]) for row in await self._scope.fetch(_ORIGINS)]

    async def due(self, origin: Origin, origin_id: int, *, most: int) -> Sequence[Due]:
        """What is due of one of them, in the order in which it lies."""
        about = {"origin": origin, "origin_id": origin_id, "now": self._scope.at, "most": most}
        rows = await self._scope.fetch(_DUE, **about)
        return [Due(row["id"], (row["kind"], row["content_id"], row["user_id"])) for row in rows]

    async def next_due(self, origin: Origin, origin_id: int) -> datetime | None:
        """When the first of what is planned of one of them, and not due yet, will be."""
        rows = await self._scope.fetch(_NEXT, origin=origin, origin_id=origin_id, now=self._scope.at)
        return from_ms(rows[0]["due_at"]) if rows else None

    async def place(self, origin: Origin, origin_id: int, due: Sequence[Due], *, mailings: int) -> int:
        """Put deliveries into mailings, into those that are being filled first; no more than so many new ones.

        How many of the deliveries have found their place, in their order.
        """
        which = {"origin": origin, "origin_id": origin_id}
        places = _Places(await self._filling(which, {each.alike for each in due}))
        for each in due:
            if not places.add(each, most=mailings):
                break
        self._write(which, places)
        return len(places.taken)

    async def filled(self, origin: Origin, origin_id: int, *, most: int) -> Sequence[int]:
        """Mailings of one of them that are being filled."""
        rows = await self._scope.fetch(_FILLED, origin=origin, origin_id=origin_id, most=most)
        return sorted(row["id"] for row in rows)

    def make(self, mailing_ids: Sequence[int]) -> None:
        """Nothing more comes into these: they are on their way to WeCom."""
        if mailing_ids:
            lost = to_ms(self._scope.now + _LOST)
            self._scope.write(_MAKE, id=mailing_ids, now=self._scope.at, lost=lost)

    def rest(self, origin: Origin, origin_id: int) -> None:
        """Forget one of which nothing is planned, unless something was lately."""
        self._scope.write(_REST, origin=origin, origin_id=origin_id, before=self._scope.at - _DAY)

    async def _filling(self, which: Mapping[str, object], alike: Iterable[Alike]) -> dict[Alike, tuple[int, int]]:
        """The mailing of each kind of content and sender that has room, and how many are in it."""
        rows = await self._scope.fetch(_FILLING, **which, keys=encode(sorted(alike)))
        return {
            (row["kind"], row["content_id"], row["user_id"]): (row["id"], row["count"])
            for row in rows
            if row["count"] < MOST[row["kind"]]
        }

    def _write(self, which: Mapping[str, object], places: "_Places") -> None:
        if not places.taken:
            return
        new = sorted(places.new.items())
        if new:
            self._scope.write(
                _OPEN,
                app=self._scope.app,
                now=self._scope.at,
                **which,
                id=[each for each, _ in new],
                kind=[kind for _, (kind, _, _) in new],
                content_id=[content_id for _, (_, content_id, _) in new],
                user_id=[user_id for _, (_, _, user_id) in new],
            )
        added = sorted(places.added.items())
        self._scope.write(_FILL, id=[each for each, _ in added], added=[count for _, count in added])
        taken = sorted(places.taken)
        self._scope.write(_TAKE, id=[each for each, _ in taken], mailing_id=[mailing for _, mailing in taken])


class _Places:
    """Which delivery goes into which mailing; `filling` are the mailings with room, and how many are in them."""

    def __init__(self, filling: dict[Alike, tuple[int, int]]) -> None:
        self._filling = filling
        self.new: dict[int, Alike] = {}
        self.added: dict[int, int] = {}
        self.taken: list[tuple[int, int]] = []

    def add(self, due: Due, *, most: int) -> bool:
        """Find a place; False where it would need one mailing more than `most` new ones."""
        mailing, count = self._filling.get(due.alike, (0, 0))
        if not mailing:
            if len(self.new) >= most:
                return False
            mailing = new_id()
            self.new[mailing] = due.alike
        self.taken.append((due.id, mailing))
        self.added[mailing] = self.added.get(mailing, 0) + 1
        full = count + 1 >= MOST[due.alike[0]]
        self._filling[due.alike] = (0, 0) if full else (mailing, count + 1)
        return True
