"""Flows as they stand: drafts, published versions, and which events concern them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sop.errors import Invalid
from sop.flows import document
from sop.flows.document import Flow
from sop.flows.lint import check
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, decode, encode, from_ms, new_id

Status = Literal["draft", "running", "paused", "ended"]
Mode = Literal["follow", "finish"]
_COLUMNS = "id, name, subject, status, version, edition, draft, created_at, changed_at"
_SELECT = f"SELECT {_COLUMNS} FROM flows WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_NAMED = Statement(f"{_SELECT} AND name = :name")
_PAGE = Statement(f"{_SELECT} AND id < :before AND (:status = '' OR status = :status) ORDER BY id DESC LIMIT :most")
_ADD = insert(
    "flows",
    ("id", "corp_id", "app", "name", "subject", "status", "version", "edition", "draft", "created_at", "changed_at"),
)
_EDIT = Statement("""
    UPDATE flows SET name = :name, subject = :subject, draft = :draft, edition = edition + 1, changed_at = :at
    WHERE corp_id = :corp_id AND id = :id AND edition = :known
""")
_TURN = Statement("""
    UPDATE flows SET status = :status, version = :version, edition = edition + 1, changed_at = :at
    WHERE corp_id = :corp_id AND id = :id AND edition = :known
""")
_REMOVE = Statement("DELETE FROM flows WHERE corp_id = :corp_id AND id = :id AND edition = :known")
_ADD_VERSION = insert("flow_versions", ("flow_id", "number", "corp_id", "body", "digest", "mode", "by", "published_at"))
_VERSIONS = Statement("""
    SELECT number, body, digest, mode, by, published_at FROM flow_versions
    WHERE corp_id = :corp_id AND flow_id = :id ORDER BY number
""")
_DEAFEN = Statement("DELETE FROM flow_ears WHERE corp_id = :corp_id AND flow_id = :id")
# While somebody may be finishing an older version, what that listens to is listened to.
_DEAFEN_OLD = Statement("""
    DELETE FROM flow_ears WHERE corp_id = :corp_id AND flow_id = :id AND NOT EXISTS (
        SELECT 1 FROM flow_versions AS v WHERE v.flow_id = :id AND v.number > 1 AND v.mode = 'finish')
""")
_HEAR = insert("flow_ears", ("corp_id", "name", "flow_id"), unless="corp_id, name, flow_id")
_EARS = Statement("SELECT DISTINCT name FROM flow_ears WHERE corp_id = :corp_id")
_CONCERNED = Statement("""
    SELECT f.id, f.status, v.number, v.body FROM flow_ears AS e
    JOIN flows AS f ON f.id = e.flow_id
    JOIN flow_versions AS v ON v.flow_id = f.id AND v.number = f.version
    WHERE e.corp_id = :corp_id AND e.name IN (:name, '*') ORDER BY f.id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A flow as operators keep it; `version` is the newest that is published, `edition` counts its changes."""

    id: int
    name: str
    subject: str
    status: Status
    version: int
    edition: int
    draft: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published version; `mode` says what those did who were inside when it came: follow it, or finish theirs."""

    number: int
    flow: Flow
    digest: str
    mode: Mode
    by: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Concerned:
    """A flow that an event may concern, in its newest version."""

    id: int
    status: Status
    number: int
    flow: Flow


class Sheets:
    """The flows of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, flow_id: int) -> Sheet | None:
        """One flow."""
        rows = await self._scope.fetch(_GET, id=flow_id)
        return _sheet(rows[0]) if rows else None

    async def named(self, name: str) -> Sheet | None:
        """The flow of a name."""
        rows = await self._scope.fetch(_NAMED, name=name)
        return _sheet(rows[0]) if rows else None

    async def page(self, *, status: str = "", before: int = FOREVER, most: int = 50) -> tuple[Sheet, ...]:
        """Flows, newest first; `before` is the id of the last one of the page before."""
        return tuple(_sheet(row) for row in await self._scope.fetch(_PAGE, status=status, before=before, most=most))

    async def versions(self, flow_id: int) -> Mapping[int, Version]:
        """All published versions of a flow by their numbers, oldest first."""
        return {row["number"]: _version(row) for row in await self._scope.fetch(_VERSIONS, id=flow_id)}

    async def ears(self) -> frozenset[str]:
        """The names of events that some flow is about; "*" for any."""
        return frozenset(await self._scope.read(_EARS, lambda row: str(row["name"])))

    async def listens(self, name: str) -> bool:
        """Whether an event of this name concerns any flow."""
        return not (await self.ears()).isdisjoint({name, document.ANYTHING})

    async def concerned(self, name: str) -> tuple[Concerned, ...]:
        """The flows that an event of this name may concern."""
        rows = await self._scope.fetch(_CONCERNED, name=name)
        seen = {row["id"]: row for row in rows}  # a flow may listen to this name and to any
        return tuple(
            Concerned(row["id"], row["status"], row["number"], document.load(row["body"])) for row in seen.values()
        )

    def add(self, draft: Flow) -> Sheet:
        """Store a new flow as a draft. At commit `Conflict` where another has its name."""
        sheet = Sheet(
            id=new_id(),
            name=draft.name,
            subject=draft.subject,
            status="draft",
            version=0,
            edition=1,
            draft=decode(document.dump(draft)),
            created_at=self._scope.now,
            changed_at=self._scope.now,
        )
        self._scope.write(
            _ADD,
            id=sheet.id,
            app=self._scope.app,
            name=sheet.name,
            subject=sheet.subject,
            status=sheet.status,
            version=0,
            edition=1,
            draft=encode(sheet.draft),
            created_at=self._scope.at,
            changed_at=self._scope.at,
        )
        return sheet

    def edit(self, sheet: Sheet, draft: Flow) -> None:
        """Replace the draft; those inside notice nothing. At commit `LostLease` if somebody was quicker."""
        self._guard(_EDIT, sheet, name=draft.name, subject=draft.subject, draft=document.dump(draft))

    def publish(self, sheet: Sheet, *, mode: Mode, by: str) -> int:
        """Make the draft the next version, and the flow run; its number. Raises `Invalid`."""
        flow = document.parse(sheet.draft)
        if faults := [fault for fault in check(flow) if fault.stops]:
            raise Invalid([fault.violation for fault in faults])
        number, body = sheet.version + 1, document.dump(flow)
        self._guard(_TURN, sheet, status="running", version=number)
        self._scope.write(
            _ADD_VERSION,
            flow_id=sheet.id,
            number=number,
            body=body,
            digest=document.digest(body),
            mode=mode,
            by=by,
            published_at=self._scope.at,
        )
        self._scope.write(_DEAFEN_OLD, id=sheet.id)
        for name in sorted(flow.ears()):
            self._scope.write(_HEAR, name=name, flow_id=sheet.id)
        return number

    def turn(self, sheet: Sheet, status: Status) -> None:
        """Pause, resume or end a flow: whoever is inside stays parked where they are."""
        self._guard(_TURN, sheet, status=status, version=sheet.version)
        if status == "ended":
            self._scope.write(_DEAFEN, id=sheet.id)

    def remove(self, sheet: Sheet) -> None:
        """Forget a flow that was never published."""
        self._guard(_REMOVE, sheet)

    def _guard(self, statement: Statement, sheet: Sheet, **values: Any) -> None:
        scope = self._scope
        scope.unit.guard(statement, corp_id=scope.corp_id, id=sheet.id, known=sheet.edition, at=scope.at, **values)


def _sheet(row: Row) -> Sheet:
    return Sheet(
        id=row["id"],
        name=row["name"],
        subject=row["subject"],
        status=row["status"],
        version=row["version"],
        edition=row["edition"],
        draft=decode(row["draft"]),
        created_at=from_ms(row["created_at"]),
        changed_at=from_ms(row["changed_at"]),
    )


def _version(row: Row) -> Version:
    return Version(
        number=row["number"],
        flow=document.load(row["body"]),
        digest=row["digest"],
        mode=row["mode"],
        by=row["by"],
        published_at=from_ms(row["published_at"]),
    )
