"""Pictures, voices, videos and files: uploaded for three days, or a picture for ever."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import unquote

import msgspec

from wecom.answers import Status
from wecom.caller import Caller
from wecom.calls import Call
from wecom.ids import MediaId
from wecom.limits import Limit
from wecom.reader import Answer

Kind = Literal["image", "voice", "video", "file"]
Purpose = Literal["moments", "album"]
LIFETIME: Final = timedelta(days=3)
MEGABYTE: Final = 1024 * 1024
SIZES: Final = {"image": 10 * MEGABYTE, "voice": 2 * MEGABYTE, "video": 10 * MEGABYTE, "file": 20 * MEGABYTE}
PICTURE_SIZE: Final = 2 * MEGABYTE
SMALLEST: Final = 6  # bytes
_PURPOSES: Final = {"moments": "1", "album": "2"}
_PLAIN_NAME = re.compile(r'filename="([^"]*)"')
_CODED_NAME = re.compile(r"filename\*=(?:utf-8|UTF-8)''([^;]+)")


class Uploaded(msgspec.Struct, frozen=True):
    """Something uploaded, and when the platform forgets it."""

    media_id: MediaId
    ends_at: datetime


class File(msgspec.Struct, frozen=True):
    """Something downloaded."""

    name: str
    kind: str  # content type
    content: bytes


class _Uploaded(Status):
    media_id: MediaId = MediaId("")
    created_at: datetime = datetime.fromtimestamp(0, UTC)  # a number here, a string of digits there


class _Picture(Status):
    url: str = ""


class Media:
    """The APIs of media."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def upload(self, kind: Kind, filename: str, content: bytes) -> Uploaded:
        """Page 90253: for messages, welcomes and broadcasts; all apps of the corp may use it."""
        _check(kind, content)
        return await self._upload("media/upload", (("type", kind),), filename, content)

    async def upload_attachment(
        self, kind: Literal["image", "video", "file"], filename: str, *, content: bytes, purpose: Purpose
    ) -> Uploaded:
        """Page 95098: for moments or product albums, and for nothing else."""
        _check(kind, content)
        query = (("media_type", kind), ("attachment_type", _PURPOSES[purpose]))
        return await self._upload("media/upload_attachment", query, filename, content)

    async def upload_image(self, filename: str, content: bytes) -> str:
        """Page 90256: a picture for ever; its URL serves in attachments. 1000 a day, 3000 a month."""
        _fit("image", content, PICTURE_SIZE)
        return (await self._caller.send(_form("media/uploadimg", (), filename, content), _Picture)).url

    async def get(self, media_id: MediaId) -> File:
        """Page 90254: the thing itself; above 20 MB the platform refuses (830002)."""
        call = Call("media/get", "GET", (("media_id", media_id),), writes=False, binary=True)
        answer = await self._caller.line.send(call, self._caller.pace)
        return File(_name(answer), answer.header(b"content-type"), answer.body)

    async def _upload(self, path: str, query: tuple[tuple[str, str], ...], filename: str, content: bytes) -> Uploaded:
        answer = await self._caller.send(_form(path, query, filename, content), _Uploaded)
        return Uploaded(answer.media_id, answer.created_at + LIFETIME)


def _form(path: str, query: tuple[tuple[str, str], ...], filename: str, content: bytes) -> Call:
    """One part named `media`; the filename in plain UTF-8, the only form that the platform surely reads."""
    boundary = secrets.token_hex(16)
    name = re.sub(r'["\r\n]', "_", filename)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="media"; filename="{name}"; '
        f"filelength={len(content)}\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return Call(path, "POST", query, body, kind=f"multipart/form-data; boundary={boundary}", writes=False)


def _check(kind: Kind, content: bytes) -> None:
    _fit(kind, content, SIZES[kind])


def _fit(kind: str, content: bytes, most: int) -> None:
    Limit(kind, most, least=SMALLEST).check(content)


def _name(answer: Answer) -> str:
    disposition = answer.header(b"content-disposition")
    if coded := _CODED_NAME.search(disposition):
        return unquote(coded[1])
    plain = _PLAIN_NAME.search(disposition)
    return plain[1] if plain else ""
