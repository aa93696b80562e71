"""What a member asks the bot for."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Help:
    """What the bot can do."""


@dataclass(frozen=True, slots=True)
class Today:
    """How the member's day goes."""


@dataclass(frozen=True, slots=True)
class Todo:
    """The cards of what the member is to do."""


@dataclass(frozen=True, slots=True)
class Find:
    """Which of the member's customers are called so; empty when no name was given."""

    words: str


@dataclass(frozen=True, slots=True)
class Switch:
    """The member goes on or off duty."""

    on: bool


@dataclass(frozen=True, slots=True)
class Unclear:
    """Anything else."""

    words: str


Command = Help | Today | Todo | Find | Switch | Unclear


@dataclass(frozen=True, slots=True)
class Request:
    """A command, and the language it was given in; empty when it does not tell."""

    command: Command
    language: str = ""


_HELP = {"帮助": "zh", "菜单": "zh", "help": "en", "?": "", "menu": "en"}
_TODAY = {"今日": "zh", "今天": "zh", "today": "en"}
_TODO = {"待办": "zh", "任务": "zh", "tasks": "en", "todo": "en"}
_SWITCH = {"上班": (True, "zh"), "下班": (False, "zh"), "on duty": (True, "en"), "off duty": (False, "en")}
_FIND = {"客户": "zh", "customers": "en", "customer": "en", "find": "en"}


def parse(content: str) -> Request:
    """Read a message; width, case and the punctuation after the word don't matter."""
    text = " ".join(content.split())
    word = unicodedata.normalize("NFKC", text).casefold().strip("。.!/ ")
    if word in _HELP:
        return Request(Help(), _HELP[word])
    if word in _TODAY:
        return Request(Today(), _TODAY[word])
    if word in _TODO:
        return Request(Todo(), _TODO[word])
    if word in _SWITCH:
        on, language = _SWITCH[word]
        return Request(Switch(on), language)
    for name, language in _FIND.items():
        rest = text[len(name) :]
        if text[: len(name)].casefold() == name and (language == "zh" or not rest[:1].isalnum()):
            return Request(Find(rest.strip(" :：,，")), language)
    return Request(Unclear(text))
