from datetime import UTC, datetime, timedelta

import pytest

from sop.errors import Invalid
from sop.followups import Action, Draft, Facts, Unless
from sop.relations import Deed, Fact
from storage.database import Database
from storage.errors import LostLease
from storage.scope import Scope
from storage.store import Store
from storage.tags import Binding

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
PROMPT = Action(kind="prompt", text="请联系 {customer}")


def store(database: Database) -> Store:
    return Store(Scope(database=database, corp_id="ww1", app="crm", now=NOW))


def draft(**more) -> Draft:
    return Draft(**{"name": "三天未回复", "after": timedelta(days=3), "action": PROMPT, **more})


async def add(database, one: Draft):
    here = store(database)
    rule = here.followups.add(one)
    await here.commit()
    return rule


async def test_a_rule_comes_back_as_it_was_written(database):
    written = draft(
        channels=(7, 8), unless=Unless(replied=True, tags=("et1",)), action=Action(kind="tag", tags=("et2",))
    )
    rule = await add(database, written)
    assert await store(database).followups.get(rule.id) == rule
    assert (rule.channels, rule.unless, rule.action, rule.version) == (
        written.channels,
        written.unless,
        written.action,
        1,
    )


async def test_a_rule_without_sense_is_not_stored(database):
    with pytest.raises(Invalid):
        await add(database, draft(after=timedelta(seconds=59)))


async def test_enabled_rules_are_in_force_and_a_stale_change_is_refused(database):
    rule = await add(database, draft())
    assert await store(database).followups.enabled() == (rule,)
    first, second = store(database), store(database)
    changed = first.followups.change(rule, draft(enabled=False))
    second.followups.change(rule, draft())
    await first.commit()
    with pytest.raises(LostLease):
        await second.commit()
    assert await store(database).followups.enabled() == ()
    assert await store(database).followups.page() == (changed,)
    assert changed.version == 2
    here = store(database)
    here.followups.remove(rule.id)
    await here.commit()
    assert await store(database).followups.page() == ()


async def test_the_facts_tell_how_the_two_stand(database):
    nobody = Facts(active=False, added_at=None, replied_at=None, tags=frozenset())
    assert await store(database).followups.facts("chen.yu", "wm1") == nobody
    here = store(database)
    await here.relations.record("wm1", "chen.yu", fact=Fact(deed=Deed.ADDED, at=NOW))
    here.tags.bind("wm1", "chen.yu", bindings=[Binding(tag_id="et1", source="staff", rule="", at=NOW)])
    await here.commit()
    facts = await store(database).followups.facts("chen.yu", "wm1")
    assert facts == Facts(active=True, added_at=NOW, replied_at=None, tags=frozenset({"et1"}))
