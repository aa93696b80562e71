"""Values of many customers: whom the lines of a table mean, and the job that notes what they say."""

import asyncio
from dataclasses import replace

from sop.fields.tables import AT_ONCE, JOB, Table, pack, parse
from sop.jobs import Plan
from storage import identities
from storage.identities import ID, UNION, Key
from storage.store import Store


async def plan(store: Store, text: str) -> Table:
    """What a table asks for here and now. Raises `Invalid`."""
    table = await asyncio.to_thread(parse, text, await store.fields.all())  # many lines take a while
    by = table.by
    keys = {line.key: Key(by, line.key) if by in (ID, UNION) else identities.key(by, line.key) for line in table.lines}
    found = await identities.find(store.scope, set(keys.values()))
    return replace(table, lines=tuple(replace(line, customer=found.get(keys[line.key], "")) for line in table.lines))


def begin(store: Store, table: Table, *, name: str = "") -> int:
    """Begin to note what the lines of known customers say; the job's id."""
    lines = [line for line in table.those("set") if line.values]
    parts = []
    for start in range(0, len(lines), AT_ONCE):
        some = lines[start : start + AT_ONCE]
        body = {"lines": [pack(line) for line in some]}
        parts.append(Plan(name=f"{start + 1}–{start + len(some)}", body=body, total=len(some)))
    return store.jobs.start(JOB, parts, name=name, body={"digest": table.digest, "by": table.by})
