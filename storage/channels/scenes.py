"""Scenes: all that bears on whom a channel shows, read together."""

from sop.channels import turns
from sop.channels.turns import Balance, Scene
from storage.channels import Channel
from storage.store import Store


async def read(store: Store, channel: Channel, *, counting: bool) -> Scene:
    """The scene of a channel now; without counting nobody has had any adds."""
    voice = await store.settings.voice()
    members, below = await store.duty.members(channel)
    midnight = turns.begin_day(store.now, voice.zone)
    lately = max(midnight, channel.balanced_at)
    adds = await store.arrivals.count(channel.id, today=midnight, lately=lately) if counting else {}
    return Scene(
        at=store.now,
        zone=voice.zone,
        members=members,
        below=below,
        presences=await store.duty.of(list(dict.fromkeys((*channel.staff, *below, *channel.backup)))),
        adds=adds,
        shown=channel.shown,
        balance=Balance(crew=frozenset(channel.crew), since=channel.balanced_at),
    )
