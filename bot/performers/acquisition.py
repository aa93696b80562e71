"""What is done for an acquisition link: it is made, changed, taken away."""

from collections.abc import AsyncIterator, Mapping

from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop import acquisition
from sop.intents import CreateLink, DeleteLink, Intent, UpdateLink
from wecom.acquisition import ANYONE, LISTED, Acquisition, Link, Priority, Range
from wecom.errors import Refused
from wecom.ids import DepartmentId, LinkId, UserId

_PRIORITIES = {"anyone": ANYONE, "listed": LISTED}


async def _create_link(intent: CreateLink, tools: Tools, attempt: Attempt) -> Result:
    """When an earlier try, or an earlier version, may have made the link, look for the mark in its name first."""
    links = attempt.apis(tools).acquisition
    if attempt.doubtful or intent.version > 1:
        mark = acquisition.mark(intent.row)
        async for link_id in _all(links):
            found = await links.get(link_id)
            if found.name.endswith(mark):
                await links.update(link_id, _link(intent))
                return {"link_id": link_id, "url": found.url}
    made = await links.create(_link(intent))
    return {"link_id": made.link_id, "url": made.url}


async def _update_link(intent: UpdateLink, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).acquisition.update(LinkId(intent.link_id), _link(intent))
    return {}


async def _delete_link(intent: DeleteLink, tools: Tools, attempt: Attempt) -> Result:
    """WeCom names no code for a link that is not there: whether it is, the list says."""
    links = attempt.apis(tools).acquisition
    try:
        await links.delete(LinkId(intent.link_id))
    except Refused:
        async for link_id in _all(links):
            if link_id == intent.link_id:
                raise
    return {}


async def _all(links: Acquisition) -> AsyncIterator[LinkId]:
    cursor = ""
    while True:
        page = await links.list(cursor)
        for link_id in page.items:
            yield link_id
        if not (cursor := page.cursor):
            return


def _link(intent: CreateLink | UpdateLink) -> Link:
    priority = None
    if intent.priority:
        users = tuple(UserId(user) for user in intent.priority_users)
        priority = Priority(kind=_PRIORITIES[intent.priority], users=users)
    return Link(
        name=intent.label,
        range=Range(
            users=tuple(UserId(user) for user in intent.users),
            departments=tuple(DepartmentId(department) for department in intent.departments),
        ),
        skip_verify=intent.skip_verify,
        priority=priority,
    )


PERFORMERS: Mapping[type[Intent], Perform] = {
    CreateLink: _create_link,
    UpdateLink: _update_link,
    DeleteLink: _delete_link,
}
