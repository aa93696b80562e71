"""The proof that nobody is missing: customers counted for each member on both sides, and compared where they differ."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from handlers.reader import Reader
from sop.drift import Drift
from sop.events import RelationRead
from sop.jobs import Progress
from sop.relations import Sight, Status, learn
from sop.sync import Scan
from storage.engine.sql import Row
from storage.store import Store
from storage.sync.drifts import Count, Place
from storage.values import from_ms, to_ms
from wecom.ids import UserId

MEMBERS = 10  # compared in one step
_SHOWN = (Status.ACTIVE, Status.LOST)


async def count(scan: Scan, members: Sequence[UserId], store: Store, *, place: Place) -> Progress:
    """Count both sides; who has the same number on both, and nobody whom no page showed, is through."""
    counts = await store.drifts.compare(place, members, began=scan.began)
    store.drifts.prove(place, counts)
    differing = tuple(each.user_id for each in counts if not each.equal)
    return _following(scan, differing)


async def compare(scan: Scan, store: Store, reader: Reader, *, place: Place) -> Progress:
    """Compare the customers of a few members one by one with the list that WeCom has of them."""
    counts: list[Count] = []
    drifts: list[Drift] = []
    for user_id in scan.members[:MEMBERS]:
        told = frozenset(await reader.customers_of(UserId(user_id)))
        held = await store.scans.of_member(user_id)
        gone = [name for name, row in held.items() if name not in told and _is_gone(row, store.now)]
        fresh = [name for name in told if name not in held or not _is_shown(held[name], scan)]
        drifts += [Drift(kind="relation", key=f"{name}:{user_id}", what="missing_there") for name in gone]
        drifts += [Drift(kind="relation", key=f"{name}:{user_id}", what="missing_here") for name in fresh]
        here = sum(1 for name in told if name in held and held[name]["status"] in _SHOWN)
        extra = {name for name, row in held.items() if name not in told and row["status"] == Status.ACTIVE}
        counts.append(Count(user_id=user_id, there=len(told), here=here + len(extra.union(gone))))
        if place.repair:
            for name in (*gone, *fresh):
                store.announce(_unseen(name, user_id, store))
    await store.drifts.note(place, drifts)
    store.drifts.prove(place, counts)
    return _following(scan, scan.members[MEMBERS:])


def _following(scan: Scan, members: tuple[str, ...]) -> Progress:
    if not members:
        return Progress(cursor=None)
    return Progress(cursor=replace(scan, phase="compare", members=members).dump())


def _is_gone(row: Row, asked: datetime) -> bool:
    if max(row["told_at"], row["seen_at"]) >= to_ms(asked):
        return False
    status, changed_at, sight = Status(row["status"]), from_ms(row["changed_at"]), Sight(asked=asked, added_at=None)
    return learn(status, changed_at, changed_at, sight=sight) is not None


def _is_shown(row: Row, scan: Scan) -> bool:
    """Whether a relation counts as held: as it stands, or since a page of this scan has had it judged."""
    return row["status"] in _SHOWN or row["seen_at"] >= to_ms(scan.began)


def _unseen(external_user_id: str, user_id: str, store: Store) -> RelationRead:
    """Have a relation looked at anew: WeCom is asked for the customer in the customer's order."""
    return RelationRead(
        corp_id=store.scope.corp_id, at=store.now, user_id=user_id, external_user_id=external_user_id, added_at=None
    )
