"""What members of staff are told: as a card, or as a text."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop.intents import Button, Fact, Intent, Prompt, UpdateCard
from wecom import blocks, limits
from wecom.blocks import Row, Target, Title
from wecom.cards import ButtonCard, TextNotice
from wecom.contents import Text
from wecom.ids import UserId
from wecom.messages import To

CARD_WINDOW = timedelta(seconds=limits.DUPLICATE_SECONDS)  # WeCom drops a second card with the same task id so long
TEXT_WINDOW = timedelta(
    seconds=60
)  # two different answers may have the same words, so only a repetition at once is one
_LINK = 1
_QUIET = 2  # the style of a button that is not the point
_ROWS = 6  # lines that a card shows


def window(intent: Prompt) -> timedelta:
    """How long WeCom recognises a repetition of a prompt."""
    return CARD_WINDOW if _is_card(intent) else TEXT_WINDOW


async def _prompt(intent: Prompt, tools: Tools, attempt: Attempt) -> Result:
    message = _card(intent) if _is_card(intent) else Text(text=_plain(intent))
    sent = await attempt.apis(tools).messages.send(
        To(users=tuple(UserId(user) for user in intent.users)), message, once_within=int(window(intent).total_seconds())
    )
    return {"message_id": sent.msg_id, "not_reached": [*sent.invalid_users, *sent.unlicensed]}


async def _update(intent: UpdateCard, tools: Tools, attempt: Attempt) -> Result:
    to = To(users=tuple(UserId(user) for user in intent.users))
    missed = await attempt.apis(tools).messages.update_card(intent.response_code, to, by=_notice(intent))
    return {"not_reached": [*missed]}


def _is_card(intent: Prompt) -> bool:
    return bool(intent.title and intent.url)


def _card(intent: Prompt) -> TextNotice | ButtonCard:
    """A card with a task id of its own, so that two prompts are never taken for one."""
    task_id = hashlib.sha256(intent.effect.encode()).hexdigest()[:40]
    if not intent.buttons:
        return _notice(intent, task_id)
    return ButtonCard(
        title=Title(title=intent.title),
        text=intent.text,
        rows=_rows(intent.facts),
        target=Target(kind=_LINK, url=intent.url),
        task_id=task_id,
        buttons=tuple(map(_button, intent.buttons)),
    )


def _notice(intent: Prompt | UpdateCard, task_id: str = "") -> TextNotice:
    return TextNotice(
        title=Title(title=intent.title),
        text=intent.text,
        rows=_rows(intent.facts),
        target=Target(kind=_LINK, url=intent.url),
        task_id=task_id,
    )


def _rows(facts: Iterable[Fact]) -> tuple[Row, ...]:
    return tuple(Row(name=fact.name, value=fact.value) for fact in facts)[:_ROWS]


def _button(button: Button) -> blocks.Button:
    if button.url:
        return blocks.Button(text=button.text, kind=_LINK, url=button.url, style=_QUIET)
    return blocks.Button(text=button.text, key=button.key)


def _plain(intent: Prompt) -> str:
    """The prompt as text, cut at a character below the 2048 bytes that WeCom would cut at."""
    lines = [intent.title, *(f"{fact.name}：{fact.value}" for fact in intent.facts), intent.text, intent.url]
    text = "\n".join(line for line in lines if line)
    return text.encode()[: limits.MESSAGE_TEXT.most].decode(errors="ignore")


PERFORMERS: Mapping[type[Intent], Perform] = {Prompt: _prompt, UpdateCard: _update}
