"""What several reactions to one contact event share: looking at the customer, and naming what is done for it."""

from datetime import timedelta

from handlers.reader import Reader
from sop.events import Happened, Outcome, Settled
from sop.reasons import CANCELLED, NOT_RELATED
from sop.relations import Deed, Fact
from storage.channels import Channel
from storage.store import Store
from storage.transfers.rides import Ride
from wecom.customers import Follow, Profile
from wecom.errors import Refused
from wecom.events.customers import ContactAdded, ContactEvent, ContactHalfAdded

UNRELATED = 84061
_AFTERWARDS = timedelta(hours=1)  # so long what WeCom tells of a transfer may come after its end
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
        if out_of_sight(error):
            return None
        raise


def out_of_sight(refused: Refused) -> bool:
    """Whether WeCom knows of no relation, or of nobody whom the app may see."""
    return refused.code in _OUT_OF_SIGHT


def follow(profile: Profile | None, event: ContactEvent) -> Follow | None:
    """How the member of the event follows the customer, if at all."""
    follows = profile.follows if profile else ()
    return next((each for each in follows if each.user_id == event.user_id), None)


async def is_brought(event: ContactAdded | ContactHalfAdded, store: Store) -> bool:
    """Whether an add is the work of a transfer of ours, and not of the customer, who brings a state or a code."""
    return not event.state and not event.welcome_code and await is_ours(event, store)


async def is_ours(event: ContactEvent | Happened, store: Store) -> bool:
    """Whether what is told of a taker belongs to a transfer of ours."""
    rides = await store.rides.of_subject(event.external_user_id, until=event.at)
    return any(ride.taker == event.user_id and not _long_over(ride, event) for ride in rides)


def _long_over(ride: Ride, event: ContactEvent | Happened) -> bool:
    return ride.ended_at is not None and abs(event.at - ride.ended_at) > _AFTERWARDS


def explain(event: Settled, *, refused: str, failed: str) -> str:
    """The reason why an intent about a relation did not end well."""
    if event.code == UNRELATED:
        return NOT_RELATED
    return {Outcome.REFUSED: refused, Outcome.CANCELLED: CANCELLED}.get(event.outcome, failed)
