"""What several reactions to one contact event share: looking at the customer, and naming what is done for it."""

from handlers.reader import Reader
from sop.events import Outcome, Settled
from sop.reasons import CANCELLED, NOT_RELATED
from sop.relations import Deed, Fact
from storage.channels import Channel
from wecom.customers import Follow, Profile
from wecom.errors import Refused
from wecom.events.customers import ContactAdded, ContactEvent, ContactHalfAdded

UNRELATED = 84061
_OUT_OF_SIGHT = frozenset({UNRELATED, 40096})  # no relation, or an id that the app may not see


def cause(what: str, event: ContactEvent) -> str:
    """The name of something done once per fact, however often WeCom tells it."""
    return f"{what}:{event.user_id}:{event.external_user_id}:{int(event.at.timestamp())}"


def arrive(event: ContactAdded | ContactHalfAdded, channel: Channel | None) -> Fact:
    """What an add says about the two, and by which channel the customer came."""
    return Fact(
        deed=Deed.ADDED if isinstance(event, ContactAdded) else Deed.HALF_ADDED,
        at=event.at,
        state=event.state,
        channel_id=channel.id if channel else None,
    )


async def look(event: ContactEvent, reader: Reader) -> Profile | None:
    """The customer as WeCom shows them, None when WeCom knows of no relation (any more)."""
    try:
        return await reader.customer(event.external_user_id)
    except Refused as error:
        if error.code in _OUT_OF_SIGHT:
            return None
        raise


def follow(profile: Profile | None, event: ContactEvent) -> Follow | None:
    """How the member of the event follows the customer, if at all."""
    follows = profile.follows if profile else ()
    return next((each for each in follows if each.user_id == event.user_id), None)


def explain(event: Settled, *, refused: str, failed: str) -> str:
    """The reason why an intent about a relation did not end well."""
    if event.code == UNRELATED:
        return NOT_RELATED
    return {Outcome.REFUSED: refused, Outcome.CANCELLED: CANCELLED}.get(event.outcome, failed)
