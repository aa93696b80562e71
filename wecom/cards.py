"""Template cards (模板卡片): the five kinds, what each carries and what each needs."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import field

from wecom.blocks import (
    Block,
    Button,
    Checkbox,
    Emphasis,
    ImageText,
    Jump,
    Menu,
    Paragraph,
    Picture,
    Quote,
    Row,
    Select,
    Source,
    Submit,
    Target,
    Title,
)
from wecom.errors import OverLimit
from wecom.limits import Limit, Unit, require

TASK_ID: Final = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
KEY: Final = Limit("key", 1024, least=1)
OPTION_ID: Final = Limit("option.id", 128, least=1)
ROWS: Final = Limit("horizontal_content_list", 6, Unit.ITEMS)
PARAGRAPHS: Final = Limit("vertical_content_list", 4, Unit.ITEMS)
JUMPS: Final = Limit("jump_list", 3, Unit.ITEMS)
BUTTONS: Final = Limit("button_list", 6, Unit.ITEMS, least=1)
SELECTS: Final = Limit("select_list", 3, Unit.ITEMS, least=1)
ACTIONS: Final = Limit("action_menu.action_list", 3, Unit.ITEMS, least=1)
SELECT_OPTIONS: Final = Limit("option_list", 10, Unit.ITEMS, least=1)
VOTE_OPTIONS: Final = Limit("checkbox.option_list", 20, Unit.ITEMS, least=1)


class Card(Block, frozen=True, tag_field="card_type"):
    """What all cards may carry; a `task_id` names the card in callbacks, once in an app."""

    source: Source | None = None
    title: Title = field(default=Title(), name="main_title")
    task_id: str = ""

    def check(self) -> None:
        """Raise `OverLimit` for what the platform would refuse."""
        if self.task_id and not TASK_ID.fullmatch(self.task_id):
            raise OverLimit(
                "task_id",
                128,
                len(self.task_id.encode()),
                zh="task_id 只能由最多 128 个字母、数字和 _-@ 组成",
                en="task_id takes at most 128 letters, digits and _-@",
            )

    def encode(self) -> dict[str, object]:
        """The part of the request that holds the card."""
        return {"msgtype": "template_card", "template_card": self}


class Talking(Card, frozen=True):
    """A card with text around its point, and a menu in its corner."""

    menu: Menu | None = field(default=None, name="action_menu")
    quote: Quote | None = field(default=None, name="quote_area")
    rows: tuple[Row, ...] = field(default=(), name="horizontal_content_list")
    target: Target | None = field(default=None, name="card_action")

    def check(self) -> None:
        """A menu needs a task id."""
        super().check()
        ROWS.check(self.rows)
        if self.menu:
            ACTIONS.check(self.menu.actions)
            _check_keys(action.key for action in self.menu.actions)
            require("task_id", self.task_id)


class TextNotice(Talking, frozen=True, tag="text_notice"):
    """A notice in text."""

    emphasis: Emphasis | None = field(default=None, name="emphasis_content")
    text: str = field(default="", name="sub_title_text")
    jumps: tuple[Jump, ...] = field(default=(), name="jump_list")

    def check(self) -> None:
        """A target is needed, and a title or a text."""
        super().check()
        JUMPS.check(self.jumps)
        require("card_action", self.target)
        require("main_title.title / sub_title_text", self.title.title, self.text)


class NewsNotice(Talking, frozen=True, tag="news_notice"):
    """A notice with a picture."""

    picture: Picture | None = field(default=None, name="card_image")
    image_text: ImageText | None = field(default=None, name="image_text_area")
    paragraphs: tuple[Paragraph, ...] = field(default=(), name="vertical_content_list")
    jumps: tuple[Jump, ...] = field(default=(), name="jump_list")

    def check(self) -> None:
        """A target and a title are needed, and a picture of either kind."""
        super().check()
        JUMPS.check(self.jumps)
        PARAGRAPHS.check(self.paragraphs)
        require("card_action", self.target)
        require("main_title.title", self.title.title)
        require("card_image / image_text_area", self.picture, self.image_text)


class ButtonCard(Talking, frozen=True, tag="button_interaction"):
    """Buttons, perhaps with a list to select from."""

    text: str = field(default="", name="sub_title_text")
    selection: Select | None = field(default=None, name="button_selection")
    buttons: tuple[Button, ...] = field(default=(), name="button_list")

    def check(self) -> None:
        """Title, buttons and task id are needed."""
        super().check()
        require("main_title.title", self.title.title)
        require("task_id", self.task_id)
        BUTTONS.check(self.buttons)
        _check_keys(button.key for button in self.buttons if not button.kind)
        for button in self.buttons:
            require("button.text", button.text)
        _check_selects([self.selection] if self.selection else [])


class VoteCard(Card, frozen=True, tag="vote_interaction"):
    """A question with options to tick."""

    checkbox: Checkbox | None = None
    submit: Submit | None = field(default=None, name="submit_button")

    def check(self) -> None:
        """Checkbox, submit button and task id are needed."""
        super().check()
        require("checkbox", self.checkbox)
        require("submit_button", self.submit)
        require("task_id", self.task_id)
        if self.checkbox and self.submit:
            VOTE_OPTIONS.check(self.checkbox.options)
            _check_keys([self.checkbox.key, self.submit.key])
            for option in self.checkbox.options:
                OPTION_ID.check(option.id)


class SelectCard(Card, frozen=True, tag="multiple_interaction"):
    """Up to three lists to select from."""

    selects: tuple[Select, ...] = field(default=(), name="select_list")
    submit: Submit | None = field(default=None, name="submit_button")

    def check(self) -> None:
        """Lists, submit button and task id are needed."""
        super().check()
        SELECTS.check(self.selects)
        require("submit_button", self.submit)
        require("task_id", self.task_id)
        _check_selects(self.selects)
        _check_keys([*(select.key for select in self.selects), self.submit.key if self.submit else ""])


AnyCard = TextNotice | NewsNotice | ButtonCard | VoteCard | SelectCard


def _check_keys(keys: Iterable[str]) -> None:
    """Keys of one card are given and differ."""
    seen: set[str] = set()
    for key in keys:
        KEY.check(key)
        if key in seen:
            raise OverLimit("key", 1, 2, zh=f"key 在一张卡片里不能重复：{key}", en=f"key stands twice in a card: {key}")
        seen.add(key)


def _check_selects(selects: Sequence[Select]) -> None:
    for select in selects:
        KEY.check(select.key)
        SELECT_OPTIONS.check(select.options)
        for option in select.options:
            OPTION_ID.check(option.id)
