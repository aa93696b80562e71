"""Fields of customers on both stores: values many at once, each change told, and no value of two where it tells who."""

from datetime import UTC, datetime, timedelta

import pytest

from sop import fields as rules
from sop.fields import BUILT_IN, NO_FIELD, TAKEN, UNFIT, Change, Choice, Field, Value
from storage.errors import Conflict
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 5, 4, 2, tzinfo=UTC)
BIRTHDAY = Field(name="birthday", kind="date", zh="生日", en="Birthday", personal=True)
PHONE = Field(name="phone", kind="text", personal=True, unique=True)


@pytest.fixture
async def make(database):
    def build(corp_id="ww1", later=0):
        now = NOW + timedelta(seconds=later)
        return Store(Scope(database=database, corp_id=corp_id, app="crm", now=now, handler="test"))

    store = build()
    for field in (BIRTHDAY, PHONE, Field(name="vip", kind="flag")):
        store.fields.define(field)
    await store.commit()
    return build


async def put(store, *changes, **how):
    refused = await store.fields.put(changes, **how)
    await store.commit()
    return refused


def set_to(customer, name, given, **more):
    field = {"birthday": BIRTHDAY, "phone": PHONE, "vip": Field(name="vip", kind="flag"), **BUILT_IN}[name]
    value, wrong = rules.read(field, given)
    assert not wrong, wrong
    return Change(external_user_id=customer, name=name, value=value, **more)


async def told(store, customer):
    entries = await store.history.timeline(customer)
    return [(each.what, each.facts["field"], each.facts["before"], each.facts["after"]) for each in reversed(entries)]


async def test_the_built_in_fields_are_there_until_they_are_defined_otherwise(make):
    store = make()
    assert {"stage", "score", "birthday", "phone", "vip"} == set(await store.fields.all())
    store.fields.define(Field(name="stage", kind="choice", choices=(Choice(value="cold"), Choice(value="hot"))))
    await store.commit()
    assert [choice.value for choice in (await make().fields.all())["stage"].choices] == ["cold", "hot"]
    assert len((await make("ww2").fields.all())["stage"].choices) == 6


async def test_values_come_back_as_they_were_put_and_nobody_elses(make):
    await put(make(), *(set_to(f"wm{n}", "score", n) for n in range(500)), set_to("wm7", "birthday", "1990-02-28"))
    found = await make().fields.read(["score", "birthday"], ["wm7", "wm8", "nobody"])
    assert found == {
        "wm7": {"score": Value("", 7.0), "birthday": Value("1990-02-28", 7363.0)},
        "wm8": {"score": Value("", 8.0)},
    }
    assert await make("ww2").fields.read(["score"], ["wm7"]) == {}
    assert await make().fields.of("wm7") == found["wm7"]


async def test_each_change_is_a_line_of_the_history_and_told_to_whoever_waits(make):
    await put(make(), set_to("wm1", "stage", "new"), user_id="chen")
    await put(make(later=1), set_to("wm1", "stage", "quoted"), set_to("wm1", "vip", given=True), cause="flow:1")
    await put(make(later=2), set_to("wm1", "stage", "quoted"), Change(external_user_id="wm1", name="vip"))
    store = make()
    assert await told(store, "wm1") == [
        ("field_changed", "stage", None, "new"),
        ("field_changed", "stage", "new", "quoted"),
        ("field_changed", "vip", None, True),
        ("field_changed", "vip", True, None),
    ]
    assert set(await store.fields.of("wm1")) == {"stage"}
    last = make(later=3)
    await last.fields.put([set_to("wm1", "stage", "won")], user_id="chen")
    (fact,) = last.scope.happened  # what flows are told of when it is committed
    assert (fact.name, fact.data["after"], fact.external_user_id) == ("field_changed", "won", "wm1")
    assert fact.user_id == "chen"


async def test_the_same_cause_told_twice_is_one_line(make):
    for later in (0, 5):
        store = make(later=later)
        await put(store, set_to("wm1", "stage", "won" if later else "lost"), cause="flow:1:2")
    assert len(await told(make(), "wm1")) == 1


async def test_a_personal_value_is_told_as_text_which_few_may_see(make):
    store = make()
    store.fields.define(Field(name="pin", kind="number", personal=True))
    await store.commit()
    await put(make(), Change(external_user_id="wm1", name="pin", value=Value(number=1234.0)))
    assert await told(make(), "wm1") == [("field_changed", "pin", None, "1234")]


async def test_of_two_who_add_at_once_neither_is_lost(make):
    await put(make(), set_to("wm1", "score", 10))
    first, second = make(later=1), make(later=2)
    assert not await first.fields.put([Change(external_user_id="wm1", name="score", add=5)])
    assert not await second.fields.put([Change(external_user_id="wm1", name="score", add=0.5)])
    await first.commit()
    await second.commit()
    assert (await make().fields.of("wm1"))["score"] == Value("", 15.5)


async def test_what_is_added_in_one_go_adds_up(make):
    plus = [Change(external_user_id="wm1", name="score", add=amount) for amount in (5, 7)]
    await put(make(), *plus)
    assert (await make().fields.of("wm1"))["score"] == Value("", 12.0)
    await put(make(later=1), set_to("wm1", "score", 1), plus[0])
    assert (await make().fields.of("wm1"))["score"] == Value("", 6.0)
    await put(make(later=2), plus[0], Change(external_user_id="wm1", name="score"))
    assert await make().fields.of("wm1") == {}
    assert [after for *_, after in await told(make(), "wm1")] == [12, 6, None]


async def test_what_does_not_suit_a_field_is_refused_alone(make):
    unfit = [
        Change(external_user_id="wm1", name="stage", value=Value()),
        Change(external_user_id="wm1", name="stage", add=1),
    ]
    assert await put(make(), *unfit, set_to("wm1", "score", 1)) == [(each, UNFIT) for each in unfit]
    assert set(await make().fields.of("wm1")) == {"score"}


async def test_a_unique_value_tells_who_is_meant_and_belongs_to_one(make):
    assert not await put(make(), set_to("wm1", "phone", "+86 138-0013-8000"))
    again = set_to("wm2", "phone", "13800138000")
    assert await put(make(later=1), again, set_to("wm2", "stage", "new")) == [(again, TAKEN)]
    key = ("phone", rules.digest("138 0013 8000"))
    assert await make().fields.owners({key}) == {key: "wm1"}
    twice = [set_to("wm3", "phone", "1"), set_to("wm4", "phone", "1")]
    assert await put(make(later=2), *twice) == [(twice[1], TAKEN)]
    await put(make(later=3), Change(external_user_id="wm1", name="phone"))
    assert not await put(make(later=4), again)


async def test_the_database_itself_holds_that_a_unique_value_belongs_to_one(make):
    first, second = make(), make()
    await first.fields.put([set_to("wm1", "phone", "1")])
    await second.fields.put([set_to("wm2", "phone", "1")])
    await first.commit()
    with pytest.raises(Conflict):
        await second.commit()


async def test_a_field_that_nobody_defined_is_refused_alone(make):
    strange = Change(external_user_id="wm1", name="strange", value=Value("x"))
    assert await put(make(), strange, set_to("wm1", "score", 1)) == [(strange, NO_FIELD)]
    assert set(await make().fields.of("wm1")) == {"score"}


async def test_a_field_that_is_given_up_goes_with_its_values(make):
    await put(make(), *(set_to(f"wm{n}", "vip", given=True) for n in range(5)))
    store = make()
    store.fields.end("vip")
    await store.commit()
    store = make()
    assert "vip" not in await store.fields.all()
    assert await store.fields.ending("vip")
    assert len(await store.fields.holders("vip", most=2)) == 2
    store.fields.drop("vip", ["wm2", "wm3"])
    store.fields.forget("vip")
    await store.commit()
    assert sorted(await make().fields.holders("vip", most=9)) == ["wm0", "wm1", "wm4"]
    assert not await make().fields.ending("vip")
