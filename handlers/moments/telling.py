"""What becomes of a moment next, and why it came to where it is."""

from datetime import datetime

from sop.events import MomentDue
from storage.moments import Moment
from storage.store import Store


def ring(moment: Moment, store: Store, *, at: datetime) -> None:
    """Have the moment take its next step then, and not before unless something happens to it."""
    due = MomentDue(corp_id=store.scope.corp_id, at=at, moment_id=moment.id)
    store.cancel(name := f"moment:{moment.id}")
    store.schedule(due, name=name, due_at=at)


def explain(moment: Moment, store: Store, verdict: str, reason: str, **about: object) -> None:
    """Note why a moment came to what it came to."""
    store.decide("moment", verdict, reason, rule=f"moment:{moment.id}", version=moment.version, **about)
