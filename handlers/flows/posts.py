"""Moments of flows: one for each node and day, published by the members of all who come to it."""

from dataclasses import dataclass, field
from datetime import timedelta

from sop.flows.enrolments import Enrolment
from sop.flows.nodes import Moment
from sop.moments import Draft
from storage.store import Store

GATHER = timedelta(minutes=5)  # so long a moment waits for the members of those who come after the first


@dataclass(slots=True)
class Posts:
    """What a batch of one flow wants posted: by flow and node, what and by whom."""

    _wanted: dict[tuple[int, str], tuple[Moment, set[str]]] = field(default_factory=dict)

    def add(self, one: Enrolment, name: str, node: Moment) -> None:
        """Somebody has come to it; their member is to publish it, if they have one."""
        _, users = self._wanted.setdefault((one.flow_id, name), (node, set()))
        users.update({one.user_id} - {""})

    async def perform(self, store: Store) -> None:
        """Have them posted; nobody at all would mean everybody, so that without a member nothing is."""
        if not self._wanted:
            return
        voice = await store.settings.voice()
        day = f"{store.now.astimezone(voice.zone):%Y-%m-%d}"
        for (flow_id, name), (node, users) in self._wanted.items():
            if not users:
                continue
            draft = Draft(
                name=node.title or day,
                text=node.text,
                attachments=node.attachments,
                users=tuple(sorted(users)),
                tags=node.tags,
                due_at=store.now + GATHER,
            )
            await store.moments.post(draft, effect=f"flow:{flow_id}:{name}:{day}", author=f"flow:{flow_id}")
