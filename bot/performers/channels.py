"""What is done for a channel: its contact way is made, changed, taken away."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

import msgspec

from bot.performers.attempt import Attempt, Perform, Result, Tools
from bot.performers.customers import attach
from sop.intents import CreateContactWay, DeleteContactWay, Intent, UpdateContactWay
from wecom.attachments import Image, Link, MiniProgram
from wecom.contactways import MULTIPLE, SINGLE, Conclusion, ContactWay, ContactWays
from wecom.ids import ConfigId, DepartmentId, UserId

_MARGIN = timedelta(minutes=10)  # between WeCom's clock and ours


async def _create_contact_way(intent: CreateContactWay, tools: Tools, attempt: Attempt) -> Result:
    """When an earlier try, or an earlier version, may have made the code, look for it by its state first."""
    ways = attempt.apis(tools).contactways
    again = intent.version > 1 or intent.turn > 1
    if attempt.doubtful or again:
        since = None if again else attempt.created_at - _MARGIN
        if found := await _find(intent.state, ways, since):
            await ways.update(found.config_id, _way(intent), _conclusion(intent))
            return {"config_id": found.config_id, "qr_code": found.qr_code}
    made = await ways.add(_way(intent), _conclusion(intent))
    return {"config_id": made.config_id, "qr_code": made.qr_code}


async def _find(state: str, ways: ContactWays, since: datetime | None) -> ContactWay | None:
    """The code with this state, among those made since then or in the last 90 days."""
    cursor = ""
    while True:
        page = await ways.list(start=since, cursor=cursor)
        for config_id in page.items:
            way = await ways.get(config_id)
            if way and way.state == state:
                return way
        if not (cursor := page.cursor):
            return None


async def _update_contact_way(intent: UpdateContactWay, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).contactways.update(ConfigId(intent.config_id), _way(intent), _conclusion(intent))
    return {}


async def _delete_contact_way(intent: DeleteContactWay, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).contactways.delete(ConfigId(intent.config_id))
    return {}


def _way(intent: CreateContactWay | UpdateContactWay) -> ContactWay:
    way = ContactWay(
        users=tuple(UserId(user) for user in intent.users),
        parties=tuple(DepartmentId(department) for department in intent.departments),
        state=intent.state,
        remark=intent.remark,
        skip_verify=intent.skip_verify,
        chat_expires_in=intent.session,
    )
    if isinstance(intent, UpdateContactWay):
        return way
    kind = SINGLE if intent.temporary else MULTIPLE
    return msgspec.structs.replace(
        way, kind=kind, exclusive=intent.exclusive, temporary=bool(intent.temporary), expires_in=intent.temporary
    )


def _conclusion(intent: CreateContactWay | UpdateContactWay) -> Conclusion | None:
    if not intent.closing and intent.attachment is None:
        return None
    shown = attach(intent.attachment) if intent.attachment else None
    return Conclusion(text=intent.closing, attachment=cast(Image | Link | MiniProgram | None, shown))


PERFORMERS: Mapping[type[Intent], Perform] = {
    CreateContactWay: _create_contact_way,
    UpdateContactWay: _update_contact_way,
    DeleteContactWay: _delete_contact_way,
}
