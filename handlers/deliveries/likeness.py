"""Whether a record of WeCom says what we wanted said."""

from collections.abc import Sequence

from sop.deliveries import Content
from sop.intents import Attachment
from wecom.broadcasts import Record

_MEDIA = frozenset({"image", "video", "file"})


def looks_like(content: Content, record: Record) -> bool:
    """The same words, and attachments that can be ours: media ids change, and media that are gone were left out."""
    if _plain(content.text) != _plain(record.text.content):
        return False
    told = [(one.msgtype, _card(one.msgtype, one)) for one in record.attachments]
    ours = [(one.kind, _ours(one)) for one in content.attachments]
    return _without_media(told) == _without_media(ours) and _media(told) <= _media(ours)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _card(kind: str, attached: object) -> tuple[str, ...]:
    content = getattr(attached, kind, None)
    if content is None:
        return ()
    if kind == "link":
        return (content.title, content.url)
    return (content.title, content.app_id) if kind == "miniprogram" else ()


def _ours(one: Attachment) -> tuple[str, ...]:
    if one.kind == "link":
        return (one.title, one.url)
    return (one.title, one.app_id) if one.kind == "miniprogram" else ()


def _without_media(parts: Sequence[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    return [part for part in parts if part[0] not in _MEDIA]


def _media(parts: Sequence[tuple[str, tuple[str, ...]]]) -> int:
    return sum(kind in _MEDIA for kind, _ in parts)
