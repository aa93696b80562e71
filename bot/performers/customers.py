"""What is done for a customer: the welcome, tags, the remark."""

from collections.abc import Mapping

from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop.intents import Attachment, Intent, MarkTags, SendWelcome, SetRemark
from wecom import attachments
from wecom.customers import Remark
from wecom.errors import Refused
from wecom.ids import ExternalUserId, MediaId, TagId, UserId

MEDIA_REFUSED = frozenset({40007, 40145, 41064, 41065, 41066, 41072})


async def _send_welcome(intent: SendWelcome, tools: Tools, attempt: Attempt) -> Result:
    """A greeting whose attachments WeCom refuses goes out as text: late pictures are better than silence."""
    apis = attempt.apis(tools)
    attached = [attach(one) for one in intent.attachments]
    try:
        await apis.welcomes.send(intent.code, intent.text, attached)
    except Refused as error:
        if error.code not in MEDIA_REFUSED or not attached or not intent.text:
            raise
        await apis.welcomes.send(intent.code, intent.text)
        return {"left_out": len(attached), "because": error.code}
    return {}


async def _mark_tags(intent: MarkTags, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).tags.mark(
        UserId(intent.user_id),
        ExternalUserId(intent.external_user_id),
        add=[TagId(tag) for tag in intent.add],
        remove=[TagId(tag) for tag in intent.remove],
    )
    return {}


async def _set_remark(intent: SetRemark, tools: Tools, attempt: Attempt) -> Result:
    remark = Remark(remark=intent.remark or None, description=intent.description or None)
    await attempt.apis(tools).customers.remark(UserId(intent.user_id), ExternalUserId(intent.external_user_id), remark)
    return {}


def attach(one: Attachment) -> attachments.Attachment:
    """Our attachment as WeCom takes it, in a welcome or a broadcast."""
    media = MediaId(one.media_id)
    match one.kind:
        case "image":
            return attachments.Image(media_id=media, picture_url=one.picture)
        case "link":
            return attachments.Link(title=one.title, url=one.url, picture_url=one.picture, description=one.description)
        case "miniprogram":
            return attachments.MiniProgram(title=one.title, picture=media, app_id=one.app_id, page=one.page)
        case "video":
            return attachments.Video(media_id=media)
        case "file":
            return attachments.File(media_id=media)


PERFORMERS: Mapping[type[Intent], Perform] = {
    SendWelcome: _send_welcome,
    MarkTags: _mark_tags,
    SetRemark: _set_remark,
}
