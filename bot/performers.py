"""How each intent is performed: our words into a call of the platform, and what comes back as plain values."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sop.intents import (
    Attachment,
    CreateContactWay,
    DeleteContactWay,
    Intent,
    MarkTags,
    Prompt,
    Safety,
    SendWelcome,
    SetRemark,
    UpdateContactWay,
    UploadMaterial,
)
from storage.database import Database
from storage.scope import Scope
from storage.store import Store
from wecom import attachments, limits
from wecom.blocks import Row, Target, Title
from wecom.calls import Pace
from wecom.cards import TextNotice
from wecom.client import Apis, Client
from wecom.contactways import ContactWay, ContactWays
from wecom.contents import Text
from wecom.customers import Remark
from wecom.errors import Refused
from wecom.ids import ConfigId, DepartmentId, ExternalUserId, MediaId, TagId, UserId
from wecom.messages import To

MEDIA_REFUSED = frozenset({40007, 40145, 41064, 41065, 41066, 41072})
CARD_WINDOW = timedelta(seconds=limits.DUPLICATE_SECONDS)  # WeCom drops a second card with the same task id so long
TEXT_WINDOW = timedelta(
    seconds=60
)  # two different answers may have the same words, so only a repetition at once is one
_LINK = 1
_MARGIN = timedelta(minutes=10)  # between WeCom's clock and ours
_ROWS = 6  # lines that a card shows

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a performance needs: the client of the app, and our own originals of what is uploaded."""

    client: Client
    database: Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: since when the intent exists, how long it may take, whether it may have happened already."""

    now: datetime
    created_at: datetime
    within: float
    timeout: float
    urgent: bool
    doubtful: bool

    def apis(self, tools: Tools) -> Apis:
        """The platform's APIs at the pace of this try."""
        return tools.client.at(Pace(within=self.within, timeout=self.timeout, urgent=self.urgent))


def may_repeat(intent: Intent, age: timedelta) -> bool:
    """Whether an intent that may have been performed can be tried again without happening twice."""
    match intent:
        case Prompt():
            return age < (CARD_WINDOW if _is_card(intent) else TEXT_WINDOW)
        case _:
            return intent.safety is not Safety.UNKEYED


async def _send_welcome(intent: SendWelcome, tools: Tools, attempt: Attempt) -> Result:
    """A greeting whose attachments WeCom refuses goes out as text: late pictures are better than silence."""
    apis = attempt.apis(tools)
    attached = [_attachment(one) for one in intent.attachments]
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


async def _prompt(intent: Prompt, tools: Tools, attempt: Attempt) -> Result:
    message = _card(intent) if _is_card(intent) else Text(text=_plain(intent))
    window = CARD_WINDOW if _is_card(intent) else TEXT_WINDOW
    sent = await attempt.apis(tools).messages.send(
        To(users=tuple(UserId(user) for user in intent.users)), message, once_within=int(window.total_seconds())
    )
    return {"message_id": sent.msg_id, "not_reached": [*sent.invalid_users, *sent.unlicensed]}


async def _create_contact_way(intent: CreateContactWay, tools: Tools, attempt: Attempt) -> Result:
    """When an earlier try, or an earlier version, may have made the code, look for it by its state first."""
    ways = attempt.apis(tools).contactways
    if attempt.doubtful or intent.version > 1:
        since = attempt.created_at - _MARGIN if intent.version == 1 else None
        if found := await _find(intent.state, ways, since):
            await ways.update(found.config_id, _way(intent))
            return {"config_id": found.config_id, "qr_code": found.qr_code}
    made = await ways.add(_way(intent))
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
    await attempt.apis(tools).contactways.update(ConfigId(intent.config_id), _way(intent))
    return {}


async def _delete_contact_way(intent: DeleteContactWay, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).contactways.delete(ConfigId(intent.config_id))
    return {}


async def _upload_material(intent: UploadMaterial, tools: Tools, attempt: Attempt) -> Result:
    client = tools.client
    scope = Scope(database=tools.database, corp_id=client.corp_id, app=client.app.name, now=attempt.now)
    materials = Store(scope).materials
    material, content = await materials.get(intent.material_id), await materials.content(intent.material_id)
    if material is None or content is None:
        return {}
    uploaded = await attempt.apis(tools).media.upload(material.kind, material.filename, content)
    return {"media_id": uploaded.media_id, "expires_at": uploaded.ends_at}


def _way(intent: CreateContactWay | UpdateContactWay) -> ContactWay:
    return ContactWay(
        users=tuple(UserId(user) for user in intent.users),
        parties=tuple(DepartmentId(department) for department in intent.departments),
        state=intent.state,
        remark=intent.remark,
        skip_verify=intent.skip_verify,
    )


def _attachment(one: Attachment) -> attachments.Attachment:
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


def _is_card(intent: Prompt) -> bool:
    return bool(intent.title and intent.url)


def _card(intent: Prompt) -> TextNotice:
    """A card with a task id of its own, so that two prompts are never taken for one."""
    return TextNotice(
        title=Title(title=intent.title),
        text=intent.text,
        rows=tuple(Row(name=fact.name, value=fact.value) for fact in intent.facts[:_ROWS]),
        target=Target(kind=_LINK, url=intent.url),
        task_id=hashlib.sha256(intent.effect.encode()).hexdigest()[:40],
    )


def _plain(intent: Prompt) -> str:
    """The prompt as text, cut at a character below the 2048 bytes that WeCom would cut at."""
    lines = [intent.title, *(f"{fact.name}：{fact.value}" for fact in intent.facts), intent.text, intent.url]
    text = "\n".join(line for line in lines if line)
    return text.encode()[: limits.MESSAGE_TEXT.most].decode(errors="ignore")


Perform = Callable[[Any, Tools, Attempt], Awaitable[Result]]
PERFORMERS: Mapping[type[Intent], Perform] = {
    SendWelcome: _send_welcome,
    MarkTags: _mark_tags,
    SetRemark: _set_remark,
    Prompt: _prompt,
    CreateContactWay: _create_contact_way,
    UpdateContactWay: _update_contact_way,
    DeleteContactWay: _delete_contact_way,
    UploadMaterial: _upload_material,
}
