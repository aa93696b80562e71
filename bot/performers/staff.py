"""What members of staff are told: as a card, or as a text."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop.intents import Intent, Prompt
from wecom import limits
from wecom.blocks import Row, Target, Title
from wecom.cards import TextNotice
from wecom.contents import Text
from wecom.ids import UserId
from wecom.messages import To

CARD_WINDOW = timedelta(seconds=limits.DUPLICATE_SECONDS)  # WeCom drops a second card with the same task id so long
TEXT_WINDOW = timedelta(
    seconds=60
)  # two different answers may have the same words, so only a repetition at once is one
_LINK = 1
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


def _is_card(intent: Prompt) -> bool:
    return bool(intent.title and intent.url)


def _card(intent: Prompt) -> TextNotice:
    """A card with a task id of its own, so that two prompts are never taken for one."""
    return TextNotice(
        title=Title(title=intent.title),
        text=intent.text,
        rows=tuple(Row(name=fact.name, value=fact.value) for fact in intent.facts[:_ROWS]),
        target=Target(kind=_LINK, url=intent.url),
        task_id=hashlib.sha256(intent.effect.encode()).hexdigest()[:40],
    )


def _plain(intent: Prompt) -> str:
    """The prompt as text, cut at a character below the 2048 bytes that WeCom would cut at."""
    lines = [intent.title, *(f"{fact.name}：{fact.value}" for fact in intent.facts), intent.text, intent.url]
    text = "\n".join(line for line in lines if line)
    return text.encode()[: limits.MESSAGE_TEXT.most].decode(errors="ignore")


PERFORMERS: Mapping[type[Intent], Perform] = {Prompt: _prompt}
