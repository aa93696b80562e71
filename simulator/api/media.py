"""Endpoints of media: uploads with their limits, and downloads (pages 90253, 90254, 90256, 95098)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from simulator.api.call import Answer, Call, Response, Route
from simulator.api.multipart import Part, read_file
from simulator.errors import Refusal
from simulator.world.media import LIFETIME, MESSAGES, MOMENTS

MIB = 1024 * 1024
LEAST = 6  # bytes: files must have more than 5
IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
PICTURE = 2 * MIB
PARTIAL = 206
SCENES = {"1": ("image", "video"), "2": ("image",)}  # moments, product albums
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a file of one kind may be."""

    most: int
    over: int  # the errcode of a file that is too large
    looks_right: Callable[[bytes], bool]


RULES = {
    "image": Rule(10 * MIB, 40009, lambda content: content.startswith(IMAGES)),
    "voice": Rule(2 * MIB, 45001, lambda content: content.startswith(b"#!AMR")),
    "video": Rule(10 * MIB, 40011, lambda content: content[4:8] == b"ftyp"),
    "file": Rule(20 * MIB, 45001, lambda _: True),
}


def upload(call: Call) -> Answer:
    """Answer media/upload; created_at is a string here."""
    kind = call.query.text("type", missing=40005)
    part = _read(call, kind)
    media = call.corp.media.keep(kind, MESSAGES, part.filename, part.content, now=call.now)
    return {"type": kind, "media_id": media.id, "created_at": str(int(call.now))}


def upload_attachment(call: Call) -> Answer:
    """Answer media/upload_attachment for moments and albums; created_at is a number here."""
    scene = call.query.text("attachment_type", missing=40058)
    if scene not in SCENES:
        raise Refusal(40058, "attachment_type")
    kind = call.query.text("media_type", missing=40005)
    if kind not in SCENES[scene]:
        raise Refusal(40005, kind)
    part = _read(call, kind)
    media = call.corp.media.keep(kind, MOMENTS, part.filename, part.content, now=call.now)
    return {"type": kind, "media_id": media.id, "created_at": int(call.now)}


def upload_image(call: Call) -> Answer:
    """Answer media/uploadimg: an address for ever."""
    part = _read(call, "image")
    if len(part.content) > PICTURE:
        raise Refusal(40009)
    return {"url": call.corp.media.publish(part.content)}


def get(call: Call) -> Response:
    """Answer media/get: the file itself, or a part of it by Range."""
    media_id = call.query.text("media_id", missing=41006)
    media = call.corp.media.files.get(media_id)
    if media is None or call.now >= media.created_at + LIFETIME:
        raise Refusal(40007)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(media.filename)}"}
    asked = _RANGE.fullmatch(call.request.headers.get("range", ""))
    if asked is None or not any(asked.groups()):
        return Response(200, media.content, "application/octet-stream", headers)
    total = len(media.content)
    start = int(asked[1]) if asked[1] else max(0, total - int(asked[2]))
    end = min(int(asked[2]) + 1, total) if asked[1] and asked[2] else total
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{total}"
    return Response(PARTIAL, media.content[start:end], "application/octet-stream", headers)


def _read(call: Call, kind: str) -> Part:
    rule = RULES.get(kind)
    if rule is None:
        raise Refusal(40005, kind)
    part = read_file(call.request.headers.get("content-type", ""), call.request.body, field="media")
    if len(part.content) < LEAST:
        raise Refusal(44001 if not part.content else 40006)
    if len(part.content) > rule.most:
        raise Refusal(rule.over)
    if not rule.looks_right(part.content):
        raise Refusal(40004, kind)
    return part


ROUTES = {
    "media/upload": Route(upload, upload=True),
    "media/upload_attachment": Route(upload_attachment, contact=True, upload=True),
    "media/uploadimg": Route(upload_image, upload=True),
    "media/get": Route(get, "GET"),
}
