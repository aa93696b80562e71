"""Duty: what members say of their being there, and which channels that concerns."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from sop.channels import Draft
from sop.channels.duty import Presence, Shift
from sop.events import DutyChanged, Own
from sop.staff import Member, above
from storage.engine.sql import Row, Statement, upsert
from storage.scope import Scope
from storage.staff import MEMBER, Staff, read_member
from storage.values import encode, from_ms, maybe_moment, maybe_ms, to_ms

_SET = upsert("duty", ("corp_id", "user_id"), ("present", "since", "until", "by"))
_NAMES = "(SELECT value FROM {each}(CAST(:names AS {json})))"
_NUMBERS = "(SELECT CAST(value AS BIGINT) FROM {each}(CAST(:numbers AS {json})))"
_OF = Statement(f"SELECT user_id, present, since, until, by FROM duty WHERE corp_id = :corp_id AND user_id IN {_NAMES}")
_MEMBERS = Statement(f"SELECT {MEMBER} FROM staff WHERE corp_id = :corp_id AND user_id IN {_NAMES}")
_BELOW = Statement(f"""
    WITH RECURSIVE below (id, depth) AS (
        SELECT id, 0 FROM departments WHERE corp_id = :corp_id AND id IN {_NUMBERS}
        UNION
        SELECT d.id, below.depth + 1 FROM below
        JOIN departments AS d ON d.corp_id = :corp_id AND d.parent_id = below.id
        WHERE below.depth < 20)
    SELECT {MEMBER} FROM staff
    WHERE corp_id = :corp_id AND active AND EXISTS (
        SELECT 1 FROM {{each}}(CAST(departments AS {{json}})) AS own JOIN below ON CAST(own.value AS BIGINT) = below.id)
    ORDER BY user_id LIMIT 1000
""")
_CHANNELS = Statement(f"""
    SELECT DISTINCT channel_id FROM channel_staff
    WHERE corp_id = :corp_id AND subject IN {_NAMES} AND channel_id > :after ORDER BY channel_id LIMIT :most
""")
_ROTAS = Statement(f"SELECT rota FROM channels WHERE corp_id = :corp_id AND status <> 'deleted' AND id IN {_NUMBERS}")
_LEAVE = Statement("DELETE FROM channel_staff WHERE channel_id = :channel_id")
_STAND = Statement("""
    INSERT INTO channel_staff (corp_id, subject, channel_id) VALUES (:corp_id, :subject, :channel_id)
    ON CONFLICT (corp_id, subject, channel_id) DO NOTHING
""")
_rota = msgspec.json.Decoder(tuple[Shift, ...])


class Duty:
    """Who of a corp is there."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        self._scope = scope
        self._announce = announce

    async def of(self, user_ids: Sequence[str]) -> dict[str, Presence]:
        """What members have said; nothing of those who never said anything."""
        if not user_ids:
            return {}
        rows = await self._scope.fetch(_OF, names=encode(user_ids))
        return {row["user_id"]: _presence(row) for row in rows}

    def set(self, presence: Presence) -> None:
        """Store what a member says; their channels follow after the commit."""
        self._scope.write(
            _SET,
            user_id=presence.user_id,
            present=presence.on,
            since=to_ms(presence.since or self._scope.now),
            until=maybe_ms(presence.until),
            by=presence.by,
        )
        self.turn(presence.user_id)

    def turn(self, user_id: str, *, after: int = 0) -> None:
        """Have the channels of a member looked at anew, after the commit."""
        self._announce(DutyChanged(corp_id=self._scope.corp_id, at=self._scope.now, user_id=user_id, after=after))

    async def channels(self, user_id: str, *, after: int = 0, most: int) -> tuple[int, ...]:
        """The channels behind which a member may stand: named, as a backup, or by a department; by id."""
        staff = Staff(self._scope)
        member = await staff.find(user_id)
        tree = await staff.departments() if member else {}
        floors = above(member.departments, tree) if member else ()
        subjects = [f"user:{user_id}", *(f"department:{each}" for each in floors)]
        rows = await self._scope.fetch(_CHANNELS, names=encode(subjects), after=after, most=most)
        return tuple(row["channel_id"] for row in rows)

    async def rotas(self, user_id: str, *, most: int = 100) -> tuple[tuple[Shift, ...], ...]:
        """The rotas of a member's channels, empty ones of those without."""
        if not (channels := await self.channels(user_id, most=most)):
            return ()
        rows = await self._scope.fetch(_ROTAS, numbers=encode(channels))
        return tuple(_rota.decode(row["rota"]) for row in rows)

    async def members(self, draft: Draft) -> tuple[dict[str, Member], tuple[str, ...]]:
        """Everyone behind a channel whom we know, and the user ids of those who are there by a department."""
        below: tuple[Member, ...] = ()
        if draft.departments:
            below = tuple(map(read_member, await self._scope.fetch(_BELOW, numbers=encode(draft.departments))))
        known = {member.user_id: member for member in below}
        named = (*draft.staff, *draft.backup)
        if named:
            rows = await self._scope.fetch(_MEMBERS, names=encode(named))
            known |= {row["user_id"]: read_member(row) for row in rows}
        return known, tuple(member.user_id for member in below)

    def stand(self, channel_id: int, draft: Draft | None) -> None:
        """Note who stands behind a channel, None for nobody any more."""
        self._scope.write(_LEAVE, channel_id=channel_id)
        for subject in _subjects(draft) if draft else ():
            self._scope.write(_STAND, subject=subject, channel_id=channel_id)


def _subjects(draft: Draft) -> Iterable[str]:
    yield from (f"user:{user_id}" for user_id in (*draft.staff, *draft.backup))
    yield from (f"department:{number}" for number in draft.departments)


def _presence(row: Row) -> Presence:
    return Presence(
        user_id=row["user_id"],
        on=bool(row["present"]),
        since=from_ms(row["since"]),
        until=maybe_moment(row["until"]),
        by=row["by"],
    )
