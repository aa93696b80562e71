"""Whatever is wanted here and made at WeCom goes the same way, on both stores."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from sop import acquisition, intercepts
from sop.events import GroupCodeChanged, GroupWelcomeChanged, InterceptChanged, LinkChanged
from sop.groups import codes as groupcodes
from sop.groups import welcomes as groupwelcomes
from sop.intents import Attachment
from storage.errors import LostLease
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
CARD = Attachment(kind="link", title="福利", url="https://example.com/a")
SUBJECTS = {
    "links": (acquisition.Draft(name="海报", staff=("chen",), departments=(3,)), LinkChanged),
    "intercepts": (intercepts.Draft(name="竞品", words=("对手",), staff=("chen",)), InterceptChanged),
    "groupcodes": (groupcodes.Draft(name="福利群", groups=("wr1",), spare="wr2", auto_create=True), GroupCodeChanged),
    "groupwelcomes": (groupwelcomes.Draft(name="欢迎", attachment=CARD, notify=False), GroupWelcomeChanged),
}


@pytest.fixture(params=SUBJECTS)
def subject(request):
    return request.param


@pytest.fixture
def write(database, subject):
    async def run(deed):
        store = Store(Scope(database=database, corp_id="ww1", app="crm", now=NOW))
        done = deed(getattr(store, subject))
        await store.commit()
        return done

    return run


@pytest.fixture
def read(database, subject):
    async def run(twin):
        store = Store(Scope(database=database, corp_id="ww1", app="crm", now=NOW))
        return await getattr(store, subject).get(twin.id)

    return run


async def add(write, subject):
    return await write(lambda twins: twins.add(SUBJECTS[subject][0]))


async def test_what_is_added_is_read_as_it_was_written(write, read, subject):
    twin, (draft, _) = await add(write, subject), SUBJECTS[subject]
    assert await read(twin) == twin
    assert all(getattr(twin, field.name) == getattr(draft, field.name) for field in fields(draft))
    assert (twin.version, twin.status, twin.due, twin.ended) == (1, "pending", True, False)


async def test_only_the_wanted_version_makes_it_live_and_what_wecom_gave_stays(write, read, subject):
    twin = await add(write, subject)
    await write(lambda twins: twins.ask(twin))
    assert not (await read(twin)).due, "one call at a time"
    await write(lambda twins: twins.change(twin, replace(SUBJECTS[subject][0], name="新")))
    await write(lambda twins: twins.see(twin.id, 1, **{twins.made[0]: "made1"}))
    behind = await read(twin)
    assert (behind.status, behind.version, behind.seen, behind.asked, behind.name) == ("pending", 2, 1, 0, "新")
    await write(lambda twins: twins.see(twin.id, 2))
    live, made = await read(twin), await write(lambda twins: twins.made)
    assert (live.status, live.seen, getattr(live, made[0])) == ("live", 2, "made1")


async def test_what_was_refused_is_wanted_once_more_and_forgets_why(write, read, subject):
    twin = await add(write, subject)
    await write(lambda twins: twins.refuse(twin.id, 1, reason="40096 no"))
    refused = await read(twin)
    assert (refused.status, refused.reason, refused.due) == ("refused", "40096 no", False)
    await write(lambda twins: twins.see(twin.id, 1))
    assert (await read(twin)).reason == "", "it was done after all"
    await write(lambda twins: twins.retry(refused))
    wanted = await read(twin)
    assert (wanted.status, wanted.version, wanted.name) == ("pending", 2, twin.name)
    with pytest.raises(LostLease):
        await write(lambda twins: twins.retry(refused))


async def test_what_is_wanted_no_more_never_comes_back(write, read, subject):
    twin = await add(write, subject)
    await write(lambda twins: twins.remove(twin))
    await write(lambda twins: twins.see(twin.id, 2))
    assert ((await read(twin)).status, (await read(twin)).due) == ("deleting", True)
    with pytest.raises(LostLease):
        await write(lambda twins: twins.change(replace(twin, version=2), SUBJECTS[subject][0]))
    await write(lambda twins: twins.bury(twin.id))
    await write(lambda twins: twins.remove(twin))
    gone = await read(twin)
    assert (gone.status, gone.ended, gone.due) == ("deleted", True, False)


def test_what_is_told_runs_in_the_lane_of_its_calls(subject):
    changed = SUBJECTS[subject][1](corp_id="ww1", at=NOW, row=7, version=1)
    assert changed.key == f"{changed.subject}:7"
