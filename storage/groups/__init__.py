"""Customer groups: what we hold of them, who is and was in them, and what callbacks said that is not shown yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sop.groups import Changes, Departure, Group, Status, Stay
from storage.engine.sql import Row, Statement, insert, upsert
from storage.groups.turns import Turns
from storage.values import decode, encode, from_ms, maybe_moment, to_ms

COLUMNS = (
    "chat_id", "name", "owner", "notice", "admins", "city", "status", "member_version", "members", "customers",
    "created_at", "dismissed_at", "seen_at", "changed_at", "revision",
)  # fmt: skip
SELECT = f"SELECT {', '.join(COLUMNS)} FROM customer_groups"
_GET = Statement(f"{SELECT} WHERE corp_id = :corp_id AND chat_id = :chat_id")
_INSIDE = Statement("""
    SELECT member_id, kind, joined_at, name, scene, inviter, state FROM group_members
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND left_at IS NULL
""")
_SHOWN = ("name", "owner", "notice", "admins", "status", "member_version", "members", "customers", "seen_at")
_ADD = insert("customer_groups", ("corp_id", "chat_id", *_SHOWN, "created_at", "changed_at"))
_CHANGE = Statement(f"""
    UPDATE customer_groups SET {", ".join(f"{name} = :{name}" for name in _SHOWN)},
        changed_at = :changed_at, dismissed_at = NULL, revision = revision + 1
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND revision = :revision
""")
_DISMISS = Statement("""
    UPDATE customer_groups SET status = 'dismissed', dismissed_at = :at, members = 0, customers = 0,
        changed_at = :changed_at, seen_at = :changed_at, revision = revision + 1
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND dismissed_at IS NULL
""")
_EMPTY = Statement("""
    UPDATE group_members SET left_at = :at, parting = 'dismissed'
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND left_at IS NULL
""")
_SEAT = upsert(
    "group_members",
    ("corp_id", "chat_id", "member_id", "joined_at"),
    ("kind", "name", "scene", "inviter", "state", "left_at", "parting"),
)
_UNSEAT = Statement("""
    UPDATE group_members SET left_at = :left_at, parting = :parting
    WHERE corp_id = :corp_id AND chat_id = :chat_id AND member_id = :member_id AND joined_at = :joined_at
""")
_UNSEEN = Statement("""
    SELECT chat_id FROM customer_groups
    WHERE corp_id = :corp_id AND dismissed_at IS NULL AND seen_at < :before AND chat_id > :after
    ORDER BY chat_id LIMIT :most
""")
_OWNERS = Statement("""
    SELECT owner AS user_id FROM customer_groups WHERE corp_id = :corp_id AND dismissed_at IS NULL
    UNION SELECT user_id FROM staff WHERE corp_id = :corp_id
""")
_LABEL = Statement("UPDATE customer_groups SET city = :city WHERE corp_id = :corp_id AND chat_id = :chat_id")
_IN = Statement("""
    SELECT g.chat_id, g.name FROM group_members AS m JOIN customer_groups AS g
        ON g.corp_id = m.corp_id AND g.chat_id = m.chat_id
    WHERE m.corp_id = :corp_id AND m.member_id = :member_id AND m.left_at IS NULL ORDER BY m.joined_at, g.chat_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A group in our ledger, without its members; a dismissed one keeps what was known of it."""

    chat_id: str
    name: str
    owner: str
    notice: str
    admins: tuple[str, ...]
    city: str
    status: Status
    version: str
    members: int
    customers: int
    created_at: datetime
    dismissed_at: datetime | None
    seen_at: datetime
    changed_at: datetime
    revision: int


class Groups(Turns):
    """The customer groups of a corp."""

    async def get(self, chat_id: str) -> Entry | None:
        """One group, dismissed ones too."""
        return next((entry(row) for row in await self._scope.fetch(_GET, chat_id=chat_id)), None)

    async def inside(self, chat_id: str) -> tuple[Stay, ...]:
        """Who is in a group."""
        return tuple(map(stay, await self._scope.fetch(_INSIDE, chat_id=chat_id)))

    async def of_member(self, member_id: str) -> tuple[tuple[str, str], ...]:
        """The groups that somebody is in, with their names, the longest stay first."""
        return tuple((row["chat_id"], row["name"]) for row in await self._scope.fetch(_IN, member_id=member_id))

    async def owners(self) -> set[str]:
        """Who has or may have groups, as far as is known here: all staff, those who left too, and owners of groups."""
        return {row["user_id"] for row in await self._scope.fetch(_OWNERS)}

    async def unseen(self, *, before: datetime, after: str = "", most: int = 50) -> tuple[str, ...]:
        """Groups that WeCom has not shown since a moment, by chat id."""
        rows = await self._scope.fetch(_UNSEEN, before=to_ms(before), after=after, most=most)
        return tuple(row["chat_id"] for row in rows)

    def put(self, known: Entry | None, shown: Group, changes: Changes, *, status: Status) -> None:
        """Make the ledger what WeCom shows now; `changes` lead there from what `known` held.

        At commit it is a `LostLease` or a `Conflict` when somebody else has written the group meanwhile.
        """
        customers = sum(one.kind == "customer" for one in shown.stays)
        values: dict[str, Any] = {
            "chat_id": shown.chat_id,
            "name": shown.name,
            "owner": shown.owner,
            "notice": shown.notice,
            "admins": encode(shown.admins),
            "status": status,
            "member_version": shown.version,
            "members": len(shown.stays),
            "customers": customers,
            "seen_at": self._scope.at,
        }
        if known is None:
            self._scope.write(_ADD, **values, created_at=to_ms(shown.created_at), changed_at=self._scope.at)
        else:
            changed_at = self._scope.at if changes or _differs(known, shown, status) else to_ms(known.changed_at)
            values |= {"corp_id": self._scope.corp_id, "revision": known.revision, "changed_at": changed_at}
            self._scope.unit.guard(_CHANGE, **values)
        for one in (*changes.came, *changes.told):
            self._seat(shown.chat_id, one)
        for departure in changes.went:
            self._unseat(shown.chat_id, departure)

    def dismiss(self, chat_id: str, *, at: datetime) -> None:
        """A group is dissolved: nobody is in it any more."""
        self._scope.write(_DISMISS, chat_id=chat_id, at=to_ms(at), changed_at=self._scope.at)
        self._scope.write(_EMPTY, chat_id=chat_id, at=to_ms(at))

    def label(self, chat_id: str, *, city: str) -> None:
        """Say of which city a group is."""
        self._scope.write(_LABEL, chat_id=chat_id, city=city)

    def _seat(self, chat_id: str, one: Stay) -> None:
        self._scope.write(
            _SEAT,
            chat_id=chat_id,
            member_id=one.member_id,
            joined_at=to_ms(one.joined_at),
            kind=one.kind,
            name=one.name,
            scene=one.scene,
            inviter=one.inviter,
            state=one.state,
            left_at=None,
            parting="",
        )

    def _unseat(self, chat_id: str, departure: Departure) -> None:
        self._scope.write(
            _UNSEAT,
            chat_id=chat_id,
            member_id=departure.stay.member_id,
            joined_at=to_ms(departure.stay.joined_at),
            left_at=to_ms(departure.at),
            parting=departure.parting,
        )


def entry(row: Row) -> Entry:
    """A group of a row that has all the columns of `SELECT`."""
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    values |= {name: from_ms(values[name]) for name in ("created_at", "seen_at", "changed_at")}
    values |= {"admins": tuple(decode(values["admins"])), "dismissed_at": maybe_moment(values["dismissed_at"])}
    return Entry(version=values.pop("member_version"), **values)


def stay(row: Row) -> Stay:
    """A stay of a row."""
    return Stay(
        member_id=row["member_id"],
        kind=row["kind"],
        joined_at=from_ms(row["joined_at"]),
        name=row["name"],
        scene=row["scene"],
        inviter=row["inviter"],
        state=row["state"],
    )


def _differs(known: Entry, shown: Group, status: Status) -> bool:
    names = ("name", "owner", "notice", "admins", "version")
    return known.status != status or any(getattr(known, name) != getattr(shown, name) for name in names)
