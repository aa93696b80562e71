"""Encrypted passive replies: the message an app answers a callback with, in the response itself (page 90241)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias

import msgspec

from wecom.cards import Card
from wecom.crypto import Sealed
from wecom.events.app import MemberEvent
from wecom.events.cards import CardEvent
from wecom.events.messages import MessageEvent
from wecom.ids import MediaId
from wecom.limits import Limit, Unit
from wecom.xml import write

Fields: TypeAlias = Mapping[str, object]
Answerable: TypeAlias = MessageEvent | MemberEvent | CardEvent
"""Who can be answered: every message, every card, and of the app's events all but unsubscribe, an
unawaited scan, pictures and places; the platform ignores an answer to those."""

CONTENT: Final = Limit("Content", 2048)  # the platform would cut what is longer without a word
TITLE: Final = Limit("Title", 128)
DESCRIPTION: Final = Limit("Description", 512)
ARTICLES: Final = Limit("Articles", 8, Unit.ITEMS, least=1)

_COMPOUNDS = {
    "appid": "AppId",
    "checkbox": "CheckBox",
    "keyname": "KeyName",
    "pagepath": "PagePath",
    "userid": "UserId",
}


class Sealer(Protocol):
    """A Cipher, or a Keyring whose first cipher seals."""

    def seal(self, message: bytes, *, timestamp: str, nonce: str) -> Sealed:
        """Encrypt and sign."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of at most 2048 bytes."""

    content: str

    def fields(self) -> Fields:
        """The message as the platform spells it; raises OverLimit."""
        CONTENT.check(self.content)
        return {"MsgType": "text", "Content": self.content}


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that was uploaded before."""

    media_id: MediaId

    def fields(self) -> Fields:
        """The message as the platform spells it."""
        return {"MsgType": "image", "Image": {"MediaId": self.media_id}}


@dataclass(frozen=True, slots=True)
class Voice:
    """A recording that was uploaded before."""

    media_id: MediaId

    def fields(self) -> Fields:
        """The message as the platform spells it."""
        return {"MsgType": "voice", "Voice": {"MediaId": self.media_id}}


@dataclass(frozen=True, slots=True)
class Video:
    """A video that was uploaded before."""

    media_id: MediaId
    title: str = ""
    description: str = ""

    def fields(self) -> Fields:
        """The message as the platform spells it; raises OverLimit."""
        shown = _titled(self.title, self.description)
        return {"MsgType": "video", "Video": {"MediaId": self.media_id, **shown}}


@dataclass(frozen=True, slots=True)
class Article:
    """One page that is pointed at."""

    title: str
    url: str
    description: str = ""
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """One to eight articles."""

    articles: tuple[Article, ...]

    def fields(self) -> Fields:
        """The message as the platform spells it; raises OverLimit."""
        ARTICLES.check(self.articles)
        items = [
            {**_titled(each.title, each.description), "PicUrl": each.picture_url, "Url": each.url}
            for each in self.articles
        ]
        return {"MsgType": "news", "ArticleCount": len(items), "Articles": {"item": items}}


@dataclass(frozen=True, slots=True)
class ButtonUpdate:
    """New words on the button of the card that was pressed; answers CardClicked of an interactive card."""

    name: str

    def fields(self) -> Fields:
        """The message as the platform spells it."""
        return {"MsgType": "update_button", "Button": {"ReplaceName": self.name}}


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """Another card in the place of the one that was pressed, for the presser only.

    `replace_text` stands on the new card's button, which then cannot be pressed.
    """

    card: Card
    replace_text: str = ""

    def fields(self) -> Fields:
        """The message as the platform spells it; raises OverLimit."""
        self.card.check()
        card = _camel(msgspec.to_builtins(self.card))
        if self.replace_text:
            card["ReplaceText"] = self.replace_text
        return {"MsgType": "update_template_card", "TemplateCard": card}


Reply: TypeAlias = Text | Image | Voice | Video | News | ButtonUpdate | CardUpdate


def reply(message: Reply, event: Answerable, keys: Sealer, *, now: datetime, nonce: str) -> bytes:
    """Return the body that answers a callback which came in XML; raises OverLimit.

    The nonce may be the request's or a fresh one.
    """
    sealed = keys.seal(write("xml", _address(message, event, now)), timestamp=_seconds(now), nonce=nonce)
    return write(
        "xml",
        {
            "Encrypt": sealed.encrypted,
            "MsgSignature": sealed.signature,
            "TimeStamp": int(sealed.timestamp),
            "Nonce": sealed.nonce,
        },
    )


def reply_json(message: Reply, event: Answerable, keys: Sealer, *, now: datetime, nonce: str) -> bytes:
    """Return the body that answers a callback which came in JSON; raises OverLimit."""
    return seal_json(_address(message, event, now), keys, now=now, nonce=nonce)


def seal_json(fields: Fields, keys: Sealer, *, now: datetime, nonce: str) -> bytes:
    """Encrypt JSON into a JSON envelope, as robots take it; there the nonce must be the request's."""
    sealed = keys.seal(msgspec.json.encode(fields), timestamp=_seconds(now), nonce=nonce)
    return msgspec.json.encode(
        {
            "encrypt": sealed.encrypted,
            "msgsignature": sealed.signature,
            "timestamp": int(sealed.timestamp),
            "nonce": sealed.nonce,
        }
    )


def _address(message: Reply, event: Answerable, now: datetime) -> Fields:
    return {
        "ToUserName": event.user_id,
        "FromUserName": event.corp_id,
        "CreateTime": int(now.timestamp()),
        **message.fields(),
    }


def _seconds(now: datetime) -> str:
    return str(int(now.timestamp()))


def _titled(title: str, description: str) -> dict[str, str]:
    TITLE.check(title)
    DESCRIPTION.check(description)
    return {"Title": title, "Description": description}


def _camel(card: Fields) -> dict[str, object]:
    """Spell the names of a card as its XML form wants them: `icon_url` is `IconUrl` there."""
    return {_capital(name): _inner(value) for name, value in card.items()}


def _inner(value: object) -> object:
    match value:
        case Mapping():
            return _camel(value)
        case list() | tuple():
            return [_inner(each) for each in value]
        case _:
            return value


def _capital(name: str) -> str:
    return "".join(_COMPOUNDS.get(word, word.capitalize()) for word in name.split("_"))
