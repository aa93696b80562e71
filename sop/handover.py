"""What a member is told when a customer could not be greeted for them."""

from sop.intents import Prompt
from sop.prompts import Voice
from sop.reasons import explain
from sop.texts import clean


def compose(user_id: str, customer: str, voice: Voice, *, reason: str, url: str, cause: str) -> Prompt:
    """The card that asks a member to greet by hand, with the reason why it was not done."""
    name = clean(customer) or voice.say("somebody")
    why = explain(reason)
    return Prompt(
        users=(user_id,),
        title=voice.say("greet.title", customer=name),
        text=voice.say("greet.text"),
        facts=(
            voice.fact("customer", name),
            voice.fact("reason", why.en if voice.language == "en" else why.zh),
        ),
        url=url,
        cause=cause,
    )
