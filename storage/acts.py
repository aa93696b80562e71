"""What every transaction can do whatever it is about: want something, have something happen, say why, commit."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sop import events as own
from sop import intents
from sop.events import Own
from sop.intents import Intent
from storage import timers
from storage.decisions import decide
from storage.inbox import Arrival, remember
from storage.scope import Scope
from storage.wishes import Wish, intend

PATIENCE = timedelta(hours=24)  # how long an ordinary intent makes sense
SOON = timedelta(hours=1)  # the deadline of our own events: behind a welcome, before a sync


class Acts:
    """The part of a `Store` that is about no subject."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @property
    def now(self) -> datetime:
        """The moment this transaction works at."""
        return self.scope.now

    def intend(self, intent: Intent, *, deadline: datetime | None = None, due_at: datetime | None = None) -> int:
        """Want something to happen at WeCom, once per effect; the intent's id. Default deadline: in a day."""
        scope = self.scope
        wish = Wish(
            corp_id=scope.corp_id,
            app=scope.app,
            kind=intent.kind,
            effect=intent.effect,
            lane=intent.lane,
            body=intents.dump(intent),
            created_at=scope.now,
            deadline_at=deadline or (due_at or scope.now) + PATIENCE,
            due_at=due_at,
            event_id=scope.event_id,
            handler=scope.handler,
        )
        return intend(scope.unit, wish, scope.hands if self._alone(intent) else None)

    def _alone(self, intent: Intent) -> bool:
        """Whether nothing else can come into the intent's lane at the same moment, so that it may be begun at once.

        Two transactions of PostgreSQL do not see each other's rows: what shares a lane is claimed there.
        """
        return self.scope.database.dialect == "sqlite" or intent.lane == intent.effect

    def schedule(self, event: Own, *, name: str, due_at: datetime) -> None:
        """Have an event of ours happen later; a timer of the same name stays as it is."""
        timers.schedule(
            self.scope.unit, event, app=self.scope.app, name=name, due_at=due_at, event_id=self.scope.event_id
        )

    def cancel(self, name: str) -> None:
        """Take a timer away."""
        timers.cancel(self.scope.unit, corp_id=self.scope.corp_id, name=name)

    async def waiting(self, names: Collection[str]) -> dict[str, datetime]:
        """Those of the timers that are there, and when they are due."""
        return await timers.find(self.scope.database, names, corp_id=self.scope.corp_id)

    def announce(self, event: Own) -> int:
        """Let an event of ours happen now, together with what this store writes; its id."""
        arrival = Arrival(
            corp_id=self.scope.corp_id,
            app=self.scope.app,
            kind=event.route,
            lane=event.key,
            body=own.dump(event),
            origin=self.scope.handler or "console",
            occurred_at=event.at,
            received_at=self.scope.now,
            deadline_at=self.scope.now + SOON,
            salt=str(self.scope.event_id or ""),
        )
        return remember(self.scope.unit, arrival)

    def decide(self, what: str, verdict: str, reason: str, **about: Any) -> None:
        """Note why something was or was not done.

        `about` may give external_user_id, user_id, rule, version and intent_id; all else becomes the facts.
        """
        decide(self.scope, what, verdict, reason, about)

    async def commit(self) -> None:
        """Write everything; only dispatch and the HTTP edge call this. Raises `StorageError`."""
        if self.scope.unit.steps:
            await self.scope.database.commit(self.scope.unit)
