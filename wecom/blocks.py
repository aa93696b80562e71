"""The blocks of which template cards are built, in our words; encoding writes the platform's."""

import msgspec
from msgspec import field

from wecom.ids import MediaId, UserId

URL = 1  # kinds of targets
MINI_PROGRAM = 2


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a card; what is left at its default is not sent."""


class Source(Block, frozen=True):
    """Where the card comes from; `color` 0 is grey, 1 black, 2 red, 3 green."""

    icon_url: str = ""
    text: str = field(default="", name="desc")
    color: int = field(default=0, name="desc_color")


class Title(Block, frozen=True):
    """Two lines, the first one large."""

    title: str = ""
    text: str = field(default="", name="desc")


class Emphasis(Block, frozen=True):
    """A number or word shown very large, and what it is."""

    title: str = ""
    text: str = field(default="", name="desc")


class Quote(Block, frozen=True):
    """A quotation; `kind` 0 leads nowhere, else as a target."""

    kind: int = field(default=0, name="type")
    url: str = ""
    app_id: str = field(default="", name="appid")
    page: str = field(default="", name="pagepath")
    title: str = ""
    text: str = field(default="", name="quote_text")


class Row(Block, frozen=True):
    """A name and its value; `kind` 0 is text, 1 a URL, 2 a file, 3 a member."""

    name: str = field(name="keyname")
    value: str = ""
    kind: int = field(default=0, name="type")
    url: str = ""
    media_id: MediaId = MediaId("")
    user_id: UserId = field(default=UserId(""), name="userid")


class Paragraph(Block, frozen=True):
    """A heading with its text."""

    title: str
    text: str = field(default="", name="desc")


class Jump(Block, frozen=True):
    """A line that leads elsewhere; `kind` 0 leads nowhere, else as a target."""

    title: str
    kind: int = field(default=0, name="type")
    url: str = ""
    app_id: str = field(default="", name="appid")
    page: str = field(default="", name="pagepath")


class Target(Block, frozen=True):
    """Where a click leads: `kind` URL or MINI_PROGRAM."""

    kind: int = field(name="type")
    url: str = ""
    app_id: str = field(default="", name="appid")
    page: str = field(default="", name="pagepath")


class Picture(Block, frozen=True):
    """A large picture; `ratio` of width to height from 1.3 to 2.25."""

    url: str
    ratio: float = field(default=1.3, name="aspect_ratio")


class ImageText(Block, frozen=True):
    """A small picture beside text; `kind` 0 leads nowhere, else as a target."""

    image_url: str
    kind: int = field(default=0, name="type")
    url: str = ""
    app_id: str = field(default="", name="appid")
    page: str = field(default="", name="pagepath")
    title: str = ""
    text: str = field(default="", name="desc")


class Action(Block, frozen=True):
    """An entry of the menu; `key` comes back in the callback."""

    text: str
    key: str


class Menu(Block, frozen=True):
    """The menu in the corner of a card."""

    actions: tuple[Action, ...] = field(name="action_list")
    text: str = field(default="", name="desc")


class Button(Block, frozen=True):
    """A button; `kind` 0 calls back with `key`, 1 opens `url`; `style` 1 to 4."""

    text: str
    key: str = ""
    style: int = 1
    kind: int = field(default=0, name="type")
    url: str = ""


class Option(Block, frozen=True):
    """Something to choose; `checked` from the start where it can be ticked."""

    id: str
    text: str
    checked: bool = field(default=False, name="is_checked")


class Select(Block, frozen=True):
    """A list to select one from; `key` names the question in the callback."""

    key: str = field(name="question_key")
    options: tuple[Option, ...] = field(name="option_list")
    title: str = ""
    selected: str = field(default="", name="selected_id")
    disabled: bool = field(default=False, name="disable")


class Checkbox(Block, frozen=True):
    """Options to tick."""

    key: str = field(name="question_key")
    options: tuple[Option, ...] = field(name="option_list")
    mode: int = 0  # 0 one, 1 several
    disabled: bool = field(default=False, name="disable")


class Submit(Block, frozen=True):
    """The button that sends what was chosen; `key` comes back in the callback."""

    text: str
    key: str
