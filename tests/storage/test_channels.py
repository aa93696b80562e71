from datetime import UTC, datetime

import pytest

from sop.channels import Draft
from sop.errors import Invalid
from sop.events import ChannelChanged
from storage.database import Database
from storage.engine.sql import Statement
from storage.errors import LostLease
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
DRAFT = Draft(
    name="门店", staff=("chen.yu", "lin.qiao"), departments=(3,), tags=("et1",), remark="{channel}-{customer}"
)
EVENTS = Statement("SELECT kind, body FROM events ORDER BY id")


def store(database: Database, corp_id: str = "ww1") -> Store:
    return Store(Scope(database=database, corp_id=corp_id, app="crm", now=NOW))


async def add(database, draft: Draft = DRAFT):
    one = store(database)
    channel = one.channels.add(draft)
    await one.commit()
    return channel


async def write(database, channel, **calls):
    """Call methods of the channels by name, each in a transaction of its own; the channel afterwards."""
    for name, arguments in calls.items():
        one = store(database)
        positional, named = arguments
        getattr(one.channels, name)(*positional, **named)
        await one.commit()
    return await store(database).channels.get(channel.id)


async def test_a_channel_comes_back_as_it_was_written_by_id_and_by_state(database):
    channel = await add(database)
    assert await store(database).channels.get(channel.id) == channel
    assert await store(database).channels.by_state(channel.state) == channel
    assert await store(database, "ww2").channels.by_state(channel.state) is None
    assert await store(database).channels.by_state("") is None
    assert (channel.status, channel.version, channel.seen) == ("pending", 1, 0)


async def test_every_want_is_announced(database):
    channel = await add(database)
    changed = await write(database, channel, change=((channel, DRAFT), {}))
    await write(database, channel, remove=((changed,), {}))
    rows = await database.fetch(EVENTS)
    assert [row["kind"] for row in rows] == [ChannelChanged.kind] * 3
    assert all(f'"version":{version}' in row["body"] for version, row in enumerate(rows, start=1))


async def test_a_channel_beyond_the_limits_is_not_stored(database):
    with pytest.raises(Invalid):
        await add(database, Draft(name="", staff=()))


async def test_a_stale_change_is_refused(database):
    channel = await add(database)
    await write(database, channel, change=((channel, DRAFT), {}))
    one = store(database)
    one.channels.change(channel, DRAFT)
    with pytest.raises(LostLease):
        await one.commit()


async def test_what_wecom_has_makes_a_channel_live_unless_more_is_wanted_by_now(database):
    channel = await add(database)
    made = ((channel.id, 1), {"config_id": "cfg", "qr_code": "https://qr"})
    channel = await write(database, channel, ask=((channel.id, 1), {}))
    assert channel.asked == 1
    live = await write(database, channel, see=made)
    assert (live.status, live.seen, live.asked, live.config_id, live.qr_code) == ("live", 1, 0, "cfg", "https://qr")
    moved = await write(database, channel, change=((live, DRAFT), {}), see=made)
    assert (moved.status, moved.version, moved.seen) == ("pending", 2, 1)


async def test_a_refusal_is_told_unless_more_is_wanted_by_now(database):
    channel = await add(database)
    refused = await write(database, channel, ask=((channel.id, 1), {}), refuse=((channel.id, 1), {"reason": "no"}))
    assert (refused.status, refused.reason, refused.asked) == ("refused", "no", 0)
    changed = await write(database, channel, change=((refused, DRAFT), {}), refuse=((channel.id, 1), {"reason": "no"}))
    assert changed.status == "pending"


async def test_a_removed_channel_is_not_revived_by_an_answer_that_comes_late(database):
    channel = await add(database)
    made = ((channel.id, 1), {"config_id": "cfg", "qr_code": ""})
    leaving = await write(database, channel, remove=((channel,), {}), see=made)
    assert (leaving.status, leaving.config_id) == ("deleting", "cfg")
    gone = await write(database, channel, bury=((channel.id,), {}))
    assert gone.status == "deleted"
    assert await store(database).channels.by_state(channel.state) == gone
    assert (await write(database, channel, remove=((gone,), {}))).status == "deleted"


async def test_channels_are_listed_newest_first(database):
    one, two, three = [await add(database) for _ in range(3)]
    assert await store(database).channels.page(most=2) == (three, two)
    assert await store(database).channels.page(before=two.id) == (one,)
