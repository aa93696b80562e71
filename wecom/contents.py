"""What an application message can say."""

from typing import ClassVar

import msgspec
from msgspec import field

from wecom import limits
from wecom.cards import AnyCard
from wecom.ids import MediaId


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A kind of message; `name` is the platform's for it."""

    name: ClassVar[str]

    def check(self) -> None:
        """Raise `OverLimit` for what the platform would refuse or cut."""

    def encode(self) -> dict[str, object]:
        """The part of the request that holds the content."""
        return {"msgtype": self.name, self.name: self}


class Text(Content, frozen=True):
    """Plain text; links as <a href>."""

    name = "text"
    text: str = field(name="content")

    def check(self) -> None:
        """At most 2048 bytes; the platform would cut the rest."""
        limits.MESSAGE_TEXT.check(self.text)


class Markdown(Content, frozen=True):
    """A small part of Markdown."""

    name = "markdown"
    text: str = field(name="content")

    def check(self) -> None:
        """At most 2048 bytes."""
        limits.MESSAGE_TEXT.check(self.text)


class Image(Content, frozen=True):
    """A picture."""

    name = "image"
    media_id: MediaId


class Voice(Content, frozen=True):
    """A voice recording."""

    name = "voice"
    media_id: MediaId


class File(Content, frozen=True):
    """A file."""

    name = "file"
    media_id: MediaId


class Video(Content, frozen=True):
    """A video."""

    name = "video"
    media_id: MediaId
    title: str = ""
    description: str = ""

    def check(self) -> None:
        """The texts are limited in bytes."""
        limits.check_bytes("title", self.title, limits.TITLE.most)
        limits.DESCRIPTION.check(self.description)


class TextCard(Content, frozen=True):
    """A text that leads to a page."""

    name = "textcard"
    title: str
    description: str
    url: str
    button: str = field(default="", name="btntxt")

    def check(self) -> None:
        """Title, description and URL are needed."""
        limits.TITLE.check(self.title)
        limits.require("description", self.description)
        limits.DESCRIPTION.check(self.description)
        limits.require("url", self.url)
        limits.MESSAGE_URL.check(self.url)
        limits.BUTTON_TEXT.check(self.button)


class Article(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An article: it leads to a URL, or to the page of a mini-program."""

    title: str
    description: str = ""
    url: str = ""
    picture_url: str = field(default="", name="picurl")
    app_id: str = field(default="", name="appid")
    page: str = field(default="", name="pagepath")


class News(Content, frozen=True):
    """One to eight articles."""

    name = "news"
    articles: tuple[Article, ...]

    def check(self) -> None:
        """Each article needs a title and somewhere to lead."""
        limits.ARTICLES.check(self.articles)
        for article in self.articles:
            limits.TITLE.check(article.title)
            limits.DESCRIPTION.check(article.description)
            limits.MESSAGE_URL.check(article.url)
            limits.require("url / appid", article.url, article.app_id)


class Item(msgspec.Struct, frozen=True):
    """A line of a mini-program notice."""

    key: str
    value: str


class MiniNotice(Content, frozen=True):
    """A notice that leads into a mini-program; only its own app may send it."""

    name = "miniprogram_notice"
    app_id: str = field(name="appid")
    title: str
    page: str = ""
    description: str = ""
    emphasize_first: bool = field(default=False, name="emphasis_first_item")
    items: tuple[Item, ...] = field(default=(), name="content_item")

    def check(self) -> None:
        """At most ten lines."""
        limits.require("appid", self.app_id)
        limits.require("title", self.title)
        limits.NOTICE_ITEMS.check(self.items)
        for item in self.items:
            limits.NOTICE_KEY.check(item.key)
            limits.NOTICE_VALUE.check(item.value)


Message = Text | Markdown | Image | Voice | File | Video | TextCard | News | MiniNotice | AnyCard
