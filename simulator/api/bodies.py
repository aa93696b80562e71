"""What each type of app message must hold (page 90236)."""

from collections.abc import Callable

from simulator.api.call import Answer, Call
from simulator.api.cards import check_card
from simulator.api.fields import MISSING, Fields
from simulator.errors import Refusal

TEXT_BYTES = 2048
TITLE_BYTES = 128
DESC_BYTES = 512
URL_BYTES = 2048
AUTHOR_BYTES = 64
ARTICLE_BYTES = 666 * 1024
BUTTON_CHARS = 4
MOST_ARTICLES = 8
MOST_ITEMS = 10
KEY_CHARS, VALUE_CHARS = 10, 30
NOTICE_CHARS = range(4, 13)
LONG = 45002
OPEN_KINDS = ("textcard", "markdown", "template_card")  # can always be forwarded


def check_body(call: Call) -> tuple[str, Answer]:
    """Return the message's type and its content as members will see it."""
    kind = call.body.text("msgtype", missing=40008)
    if kind not in _CHECKS:
        raise Refusal(40008, kind)
    safe = call.body.number("safe", among=range(3))
    if safe and kind == "news":
        raise Refusal(40074)
    if safe and (kind in OPEN_KINDS or (safe == 2 and kind != "mpnews")):  # noqa: PLR2004 - inside the corp only
        raise call.body.refuse("safe", why=f"is not for {kind}")
    content = call.body.need(kind, 44004 if kind == "text" else MISSING)
    return kind, _CHECKS[kind](call, content)


def _text(_: Call, body: Fields) -> Answer:
    """Text is cut, not refused, beyond 2048 bytes."""
    content = body.text("content", missing=44004)
    return {"content": content.encode()[:TEXT_BYTES].decode(errors="ignore")}


def _markdown(_: Call, body: Fields) -> Answer:
    body.text("content", missing=44004, size=TEXT_BYTES, over=LONG)
    return body.values


def _media(*kinds: str) -> Callable[[Call, Fields], Answer]:
    def check(call: Call, body: Fields) -> Answer:
        call.corp.media.use(body.text("media_id", missing=41006), kinds, now=call.now)
        return body.values

    return check


def _video(call: Call, body: Fields) -> Answer:
    body.text("title", size=TITLE_BYTES, over=LONG)
    body.text("description", size=DESC_BYTES, over=LONG)
    return _media("video")(call, body)


def _textcard(_: Call, body: Fields) -> Answer:
    body.text("title", missing=41016, size=TITLE_BYTES, over=LONG)
    body.text("description", missing=41033, size=DESC_BYTES, over=LONG)
    _url(body, missing=41010)
    body.text("btntxt", chars=BUTTON_CHARS)
    return body.values


def _news(_: Call, body: Fields) -> Answer:
    for article in body.items("articles", missing=MISSING, most=MOST_ARTICLES, over=45008):
        article.text("title", missing=41016, size=TITLE_BYTES, over=LONG)
        article.text("description", size=DESC_BYTES, over=LONG)
        if article.text("appid"):
            article.text("pagepath", missing=MISSING)
        else:
            _url(article, missing=41010)
    return body.values


def _mpnews(call: Call, body: Fields) -> Answer:
    for article in body.items("articles", missing=MISSING, most=MOST_ARTICLES, over=45008):
        article.text("title", missing=41016, size=TITLE_BYTES, over=LONG)
        call.corp.media.use(article.text("thumb_media_id", missing=41006), ("image",), now=call.now)
        article.text("author", size=AUTHOR_BYTES, over=LONG)
        article.text("content", missing=44004, size=ARTICLE_BYTES, over=LONG)
        article.text("digest", size=DESC_BYTES, over=LONG)
    return body.values


def _program(call: Call, body: Fields) -> Answer:
    """A mini-program notice: only for apps with a mini program, and not to everyone."""
    if not call.app.mini_programs or call.body.text("touser") == "@all":
        raise Refusal(48002)
    if body.text("appid", missing=90200) not in call.app.mini_programs:
        raise Refusal(90206)
    if len(body.text("title", missing=41016)) not in NOTICE_CHARS:
        raise body.refuse("title", why="needs 4 to 12 characters")
    if body.has("description") and len(body.text("description")) not in NOTICE_CHARS:
        raise body.refuse("description", why="needs 4 to 12 characters")
    for item in body.items("content_item", most=MOST_ITEMS, over=90201):
        item.text("key", missing=90202, chars=KEY_CHARS, over=90202)
        item.text("value", missing=90203, chars=VALUE_CHARS, over=90203)
    return body.values


def _url(body: Fields, *, missing: int) -> None:
    url = body.text("url", missing=missing, size=URL_BYTES)
    if not url.startswith(("http://", "https://")):
        raise body.refuse("url", why="needs http:// or https://")


_CHECKS: dict[str, Callable[[Call, Fields], Answer]] = {
    "text": _text,
    "markdown": _markdown,
    "image": _media("image"),
    "voice": _media("voice"),
    "file": _media("file"),
    "video": _video,
    "textcard": _textcard,
    "news": _news,
    "mpnews": _mpnews,
    "miniprogram_notice": _program,
    "template_card": check_card,
}
