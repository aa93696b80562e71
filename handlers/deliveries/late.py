"""What has become late, since it was paused or nobody was there, passes the policy again before it is gathered.

It was let through for a moment that is over: by now it may be night, the day's cap may be full, the customer gone. The
cap that a flow or broadcast declares for itself is not looked at again.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import assert_never

from sop.deliveries import Origin, Status
from sop.events import DeliveriesEnded
from sop.policy import Asking, Delay, Policy, Send, Skip, Standing, judge
from storage.deliveries.late import Overdue, Settled
from storage.policy.standings import Asked
from storage.store import Store

GRACE = timedelta(minutes=30)  # what the work itself may take, when there is much
ROWS = 5000  # in a batch


async def rejudge(origin: Origin, origin_id: int, store: Store) -> bool:
    """Judge the next late ones of a flow or broadcast anew; whether there were any."""
    late = store.now - GRACE
    found = await store.deliveries.late.of(origin, origin_id, before=late, most=ROWS)
    if not found:
        return False
    rows = [row for row in found if row.kind == found[0].kind]
    policy = await store.policy.current()
    asked = {_who(row) for row in rows}
    standings = await store.policy.standings(rows[0].kind, asked, policy, late=late)
    settled = tuple(_judge(rows, dict(standings), policy, store))
    store.deliveries.late.settle(settled)
    if any(each.status is Status.SKIPPED for each in settled):
        store.announce(
            DeliveriesEnded(corp_id=store.scope.corp_id, at=store.now, origin=origin, origin_id=origin_id, mailing_id=0)
        )
    return True


def _judge(
    rows: Sequence[Overdue], standings: dict[Asked, Standing], policy: Policy, store: Store
) -> Iterator[Settled]:
    """One after another, so that those of one customer count for each other, whoever sends them."""
    keys: dict[str, list[Asked]] = {}
    for subject, user_id in standings:
        keys.setdefault(subject, []).append((subject, user_id))
    for row in rows:
        who = _who(row)
        asking = Asking(
            kind=row.kind,
            origin=row.origin,
            origin_id=row.origin_id,
            topic=row.topic,
            transactional=row.transactional,
        )
        verdict = judge(asking, standings[who], policy, store.now)
        match verdict:
            case Skip():
                yield Settled(id=row.id, status=Status.SKIPPED, reason=verdict.reason, due_at=row.due_at, ordinal=None)
                continue
            case Send():
                due = store.now
            case Delay():
                due = verdict.until
            case _ as unreachable:
                assert_never(unreachable)
        ordinal = standings[who].ordinal + 1
        yield Settled(id=row.id, status=Status.PLANNED, reason=verdict.reason, due_at=due, ordinal=ordinal)
        for each in keys[row.subject]:
            standings[each] = standings[each].then(asking, due)


def _who(row: Overdue) -> Asked:
    return row.subject, row.user_id if row.kind == "single" else ""
