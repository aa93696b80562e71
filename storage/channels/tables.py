"""Many channels at once: what a table may name, and the job that makes what it asks for."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from sop.channels import tables
from sop.channels.columns import Known, Names
from sop.channels.tables import AT_ONCE, JOB, Table, pack
from sop.jobs import Plan
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.store import Store
from storage.values import encode

_MANY = 1_000
_TAKEN = Statement("""
    SELECT id, name FROM channels
    WHERE corp_id = :corp_id AND status NOT IN ('deleting', 'deleted')
      AND name IN (SELECT value FROM {each}(CAST(:names AS {json})))
    ORDER BY id DESC
""")


async def plan(store: Store, text: str) -> Table:
    """What a table asks for here and now. Raises `Invalid`."""
    table = await asyncio.to_thread(tables.read, text, await _known(store))  # five thousand lines take a while
    there = await taken(store.scope, {line.name for line in table.lines})
    return replace(table, lines=tuple(replace(line, exists=there.get(line.name)) for line in table.lines))


def begin(store: Store, table: Table, *, name: str = "") -> int:
    """Begin to make the channels that are not there yet; the job's id. One such job at a time."""
    drafts = [line.draft for line in table.those("make") if line.draft]
    parts = []
    for start in range(0, len(drafts), AT_ONCE):
        some = drafts[start : start + AT_ONCE]
        body = {"channels": [pack(draft) for draft in some]}
        parts.append(Plan(name=f"{start + 1}–{start + len(some)}", body=body, total=len(some)))
    return store.jobs.start(JOB, parts, name=name, body={"digest": table.digest}, alone=True)


async def taken(scope: Scope, names: Collection[str]) -> dict[str, int]:
    """The channels that have one of these names, by name; the oldest of several."""
    rows = await scope.fetch(_TAKEN, names=encode(sorted(names)))
    return {row["name"]: row["id"] for row in rows}


async def _known(store: Store) -> Known:
    departments = (await store.staff.departments()).values()
    members = [member for member in await store.staff.members() if member.active]
    library = await store.tags.library()
    tags = [
        (tag.id, word) for group in library for tag in group.tags for word in (tag.name, f"{group.name}/{tag.name}")
    ]
    blank = Known()
    return Known(
        staff=_names(blank.staff, ((member.user_id, member.name) for member in members)),
        departments=_names(blank.departments, ((str(each.id), each.name) for each in departments)),
        tags=_names(blank.tags, tags),
        folders=_names(blank.folders, await _folders(store)),
    )


async def _folders(store: Store) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    after = 0
    while page := await store.folders.page(after=after, most=_MANY):
        found += [(str(folder.id), folder.name) for folder in page]
        after = page[-1].id
    return found


def _names(blank: Names, pairs: Iterable[tuple[str, str]]) -> Names:
    called: dict[str, set[str]] = defaultdict(set)
    ids: set[str] = set()
    for identity, name in pairs:
        ids.add(identity)
        called[name].add(identity)
    return Names(blank.zh, blank.en, frozenset(ids), {name: frozenset(meant) for name, meant in called.items()})
