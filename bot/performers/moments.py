"""What is done for moments: materials are uploaded as attachments, moments made, those unpublished stopped."""

from collections.abc import Mapping, Sequence

from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop.intents import Attachment as Ours
from sop.intents import CancelMoment, Intent, PostMoment, UploadForMoment
from storage.scope import Scope
from storage.store import Store
from wecom.ids import DepartmentId, MediaId, MomentId, TagId, UserId
from wecom.posts import Attachment, Film, Link, Moment, Picture


async def _upload(intent: UploadForMoment, tools: Tools, attempt: Attempt) -> Result:
    materials = _store(tools, attempt).materials
    material, content = await materials.get(intent.material_id), await materials.content(intent.material_id)
    if material is None or content is None:
        return {}
    media = attempt.apis(tools).media
    uploaded = await media.upload_attachment(material.kind, material.filename, content=content, purpose="moments")
    return {"media_id": uploaded.media_id, "expires_at": uploaded.ends_at}


async def _post(intent: PostMoment, tools: Tools, attempt: Attempt) -> Result:
    """What it says and who publishes it stands in its row, which nobody changes while it is on its way."""
    store = _store(tools, attempt)
    moment = await store.moments.draft(intent.row)
    if moment is None:
        raise LookupError(f"there is no moment {intent.row}")
    loans = await store.moments.media.of([one.material for one in moment.attachments if one.material])
    media = {material: loan.media_id for material, loan in loans.items()}
    wanted = Moment(
        text=moment.text,
        attachments=tuple(_attach(moment.attachments, media)),
        users=tuple(map(UserId, moment.users)),
        departments=tuple(map(DepartmentId, moment.departments)),
        tags=tuple(map(TagId, moment.tags)),
    )
    return {"job_id": await attempt.apis(tools).moments.create(wanted)}


async def _cancel(intent: CancelMoment, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).moments.cancel(MomentId(intent.moment_id))
    return {}


def _attach(attachments: Sequence[Ours], media: Mapping[str, str]) -> list[Attachment]:
    made: list[Attachment] = []
    for one in attachments:
        media_id = MediaId(media.get(one.material, ""))
        match one.kind:
            case "video":
                made.append(Film(media_id=media_id))
            case "link":
                made.append(Link(url=one.url, title=one.title, media_id=media_id))
            case _:
                made.append(Picture(media_id=media_id))
    return made


def _store(tools: Tools, attempt: Attempt) -> Store:
    client = tools.client
    return Store(Scope(database=tools.database, corp_id=client.corp_id, app=client.app.name, now=attempt.now))


PERFORMERS: Mapping[type[Intent], Perform] = {
    UploadForMoment: _upload,
    PostMoment: _post,
    CancelMoment: _cancel,
}
