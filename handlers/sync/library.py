"""The sync of the tag library, which WeCom tells in one answer."""

from collections.abc import Iterable
from typing import Any

from handlers.jobs import walk
from handlers.reader import Reader
from handlers.router import Router
from handlers.tags.library import library
from sop import drift, sync
from sop.events import StepDue
from sop.jobs import Job, Part, Progress
from storage.store import Store
from storage.sync.drifts import Place
from storage.tags import TagGroup

router = Router()


@router.on(StepDue, of=sync.TAGS)
async def compare(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the library and compare groups and tags by name, place and order."""

    async def turn(job: Job, part: Part) -> Progress:
        place = Place(job_id=job.id, part=part.number, repair=job.body.get("repair", True))
        told = await library(reader)
        ids = {group.id for group in told}
        held = [group for group in await store.tags.library() if group.kind == "corp" or group.id in ids]
        found = [*drift.align("tag_group", _groups(held), _groups(told)), *drift.align("tag", _tags(held), _tags(told))]
        await store.drifts.note(place, found)
        if found and place.repair:
            await store.tags.replace(told, at=store.now)
        tags = sum(len(group.tags) for group in told)
        return Progress(cursor=None, done=tags, total=tags)

    await walk(event, store, turn)


def _groups(library: Iterable[TagGroup]) -> dict[str, dict[str, Any]]:
    return {group.id: {"name": group.name, "position": group.position} for group in library}


def _tags(library: Iterable[TagGroup]) -> dict[str, dict[str, Any]]:
    return {
        tag.id: {"name": tag.name, "position": tag.position, "group": group.id}
        for group in library
        for tag in group.tags
    }
