"""The attachments of welcomes and mass messages: one structure, one set of limits (page 92137)."""

from collections.abc import Callable

from simulator.api.call import Answer, Call
from simulator.api.fields import MISSING, Fields
from simulator.errors import Refusal

MOST = 9
TEXT_BYTES = 4000
URL_BYTES = 2048
LINK_TITLE = 128
LINK_DESC = 512
PROGRAM_TITLE = 64
EXPIRED = 40145
CONCLUDING = ("image", "link", "miniprogram")


def read_content(call: Call) -> Answer:
    """Return text and attachments as they will be shown; one of them is needed."""
    content: Answer = {}
    text = call.body.nested("text")
    if text is not None and text.text("content", size=TEXT_BYTES):
        content["text"] = text.values
    attachments = call.body.items("attachments", most=MOST, over=41064)
    for item in attachments:
        kind = item.text("msgtype")
        if kind not in CHECKS:
            raise Refusal(41065, kind)
        CHECKS[kind](call, item.need(kind))
    if attachments:
        content["attachments"] = [item.values for item in attachments]
    if not content:
        raise Refusal(MISSING, "text or attachments")
    return content


def read_conclusions(call: Call, body: Fields) -> None:
    """Refuse a conclusion (page 92228) that is empty or over a limit; a text and one of the others go together."""
    text = body.nested("text")
    said = text is not None and text.text("content", size=TEXT_BYTES)
    shown = [kind for kind in CONCLUDING if body.has(kind)]
    for kind in shown:
        CHECKS[kind](call, body.need(kind))
    if not said and not shown:
        raise Refusal(MISSING, "conclusions: text, image, link or miniprogram")


def _image(call: Call, body: Fields) -> None:
    url = body.text("pic_url")
    if body.has("media_id") or not url:
        _media(call, body, "media_id", "image")
    elif url not in call.corp.media.pictures:
        raise body.refuse("pic_url", why="must come from media/uploadimg")


def _link(_: Call, body: Fields) -> None:
    body.text("title", missing=41016, size=LINK_TITLE)
    body.text("desc", size=LINK_DESC)
    for key in ("url", "picurl"):
        url = body.text(key, missing=41010 if key == "url" else None, size=URL_BYTES)
        if url and not url.startswith(("http://", "https://")):
            raise body.refuse(key, why="needs http:// or https://")


def _miniprogram(call: Call, body: Fields) -> None:
    body.text("title", missing=41016, size=PROGRAM_TITLE)
    _media(call, body, "pic_media_id", "image")
    if body.text("appid", missing=90200) not in call.app.mini_programs:
        raise Refusal(90206)
    body.text("page", missing=MISSING)


def _media(call: Call, body: Fields, key: str, kind: str) -> None:
    call.corp.media.use(body.text(key, missing=41006), (kind,), now=call.now, expired=EXPIRED)


def _video(call: Call, body: Fields) -> None:
    _media(call, body, "media_id", "video")


def _file(call: Call, body: Fields) -> None:
    _media(call, body, "media_id", "file")


CHECKS: dict[str, Callable[[Call, Fields], None]] = {
    "image": _image,
    "link": _link,
    "miniprogram": _miniprogram,
    "video": _video,
    "file": _file,
}
