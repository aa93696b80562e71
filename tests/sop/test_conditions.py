from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sop import conditions
from sop.conditions import LEAVES, Deed, Facts, Needs, Past, Relation, check, judge, named
from sop.fields import Value
from sop.relations import Status

NOW = datetime(2025, 10, 9, 8, tzinfo=UTC)


def facts(**about) -> Facts:
    """A customer with one relation; what is not of the relation is of the customer."""
    relation = {name: about.pop(name) for name in tuple(about) if name in Relation.__dataclass_fields__}
    usual = {"user_id": "chen", "status": Status.ACTIVE, "added_at": NOW - timedelta(days=9)}
    return Facts(external_user_id="wm1", relations=(Relation(**usual | relation),), **about)


def held(**fields):
    """Fields of the customer: texts, dates with their day, numbers."""

    def value(each):
        if not isinstance(each, str):
            return Value("", float(each))
        day = (date.fromisoformat(each) - date(1970, 1, 1)).days if each[:1].isdigit() and "-" in each else None
        return Value(each, day)

    return {"fields": {name: value(each) for name, each in fields.items()}}


def did(**events):
    """What happened so many days ago; what is no list is the data of all of it."""
    data = {name: value for name, value in events.items() if not isinstance(value, list)}
    past = {name: days for name, days in events.items() if isinstance(days, list)}
    return {
        "deeds": {name: tuple(Deed(NOW - timedelta(days=each), data) for each in days) for name, days in past.items()}
    }


HOLDING = [
    ({"channel": ["7", "8"]}, {"channel_id": 7}, {"channel_id": 9}),
    ({"state": ["s-1"]}, {"state": "s-1"}, {"state": ""}),
    ({"way": [1, 16]}, {"add_way": 16}, {"add_way": 2}),
    ({"status": ["active", "half"]}, {}, {"status": Status.LOST}),
    ({"lost": True}, {"status": Status.LOST}, {}),
    ({"lost": False}, {}, {"status": Status.LOST}),
    ({"returned": True}, {"adds": 2}, {"adds": 1}),
    ({"days_since_added": {"least": 7, "most": 9}}, {}, {"added_at": NOW - timedelta(days=10)}),
    ({"days_since_added": {"least": 7}}, {}, {"added_at": NOW - timedelta(days=6, hours=23)}),
    ({"replied": True}, {"replied_at": NOW}, {"replied_at": NOW - timedelta(days=10)}),
    ({"replied": False}, {}, {"replied_at": NOW - timedelta(days=9)}),
    ({"silent_days": {"least": 5}}, {"replied_at": NOW - timedelta(days=5)}, {"replied_at": NOW - timedelta(days=4)}),
    ({"silent_days": {"least": 9}}, {}, {"added_at": NOW - timedelta(days=8)}),
    ({"groups": {"least": 2}}, {"groups": frozenset("ab")}, {"groups": frozenset("a")}),
    ({"groups": {"most": 0}}, {}, {"groups": frozenset("a")}),
    ({"staff": ["chen"]}, {}, {"user_id": "lin"}),
    ({"department": [2, 9]}, {"departments": frozenset({1, 2})}, {"departments": frozenset({1})}),
    ({"tag": ["et1", "et2"]}, {"tags": frozenset({"et2"})}, {"tags": frozenset({"et3"})}),
    ({"group": ["wr1"]}, {"groups": frozenset({"wr1", "wr2"})}, {"groups": frozenset({"wr2"})}),
    ({"group_tag": ["5"]}, {"group_tags": frozenset({5})}, {"group_tags": frozenset({6})}),
    ({"segment": ["5", "6"]}, {"segments": frozenset({6})}, {"segments": frozenset({7})}),
    ({"field": {"name": "city", "in": ["上海", "北京"]}}, held(city="上海"), held(city="广州")),
    ({"field": {"name": "city", "contains": "海"}}, held(city="上海"), held(city="北京")),
    ({"field": {"name": "city"}}, held(city="上海"), held(town="上海")),
    ({"field": {"name": "cars", "least": 1, "most": 2}}, held(cars=2), held(cars=3)),
    ({"field": {"name": "cars", "equals": 2}}, held(cars=2), held(cars="2")),
    ({"field": {"name": "vip", "equals": True}}, held(vip="true"), held(vip="false")),
    ({"stage": ["won"]}, held(stage="won"), held(stage="lost")),
    ({"score": {"least": -5}}, held(score=-4.5), held(score=-6)),
    ({"date": {"name": "renewal", "least": 0, "most": 7}}, held(renewal="2025-10-16"), held(renewal="2025-10-08")),
    ({"date": {"name": "renewal", "most": -1}}, held(renewal="2025-10-08"), held(renewal="2025-10-09")),
    ({"date": {"name": "born", "most": 0, "yearly": True}}, held(born="1990-10-09"), held(born="1990-10-10")),
    ({"did": {"event": "paid"}}, did(paid=[9]), did(added=[9])),
    ({"did": {"event": "paid", "since_days": 7}}, did(paid=[7]), did(paid=[8])),
    ({"did": {"event": "paid", "since": "2025-10-07T08:00:00+00:00"}}, did(paid=[2]), did(paid=[3])),
    ({"did": {"event": "paid", "count": {"least": 2, "most": 2}}}, did(paid=[1, 2]), did(paid=[1, 2, 3])),
    ({"did": {"event": "paid", "count": {"least": 0, "most": 1}}}, did(), did(paid=[1, 2])),
    (
        {"did": {"event": "paid", "where": {"amount": {"least": 100}}}},
        did(paid=[1], amount=100),
        did(paid=[1], amount="100"),
    ),
    ({"did": {"event": "paid", "where": {"gift": {"equals": True}}}}, did(paid=[1], gift=True), did(paid=[1], gift=1)),
    ({"rfm": {"recency": {"most": 7}}}, did(order_paid=[7, 99]), did(order_paid=[8])),
    ({"rfm": {"event": "paid", "frequency": {"least": 2}}}, did(paid=[1, 2]), did(paid=[1])),
    ({"rfm": {"monetary": {"least": 0.3}}}, did(order_paid=[1, 2, 3], amount=0.1), did(order_paid=[1, 2], amount=0.1)),
    ({"rfm": {"monetary": {"most": 0}}}, did(order_paid=[1]), did(paid=[1])),
    ({"all": [{"way": [1]}, {"replied": False}]}, {"add_way": 1}, {"add_way": 1, "replied_at": NOW}),
    ({"any": [{"way": [1]}, {"replied": True}]}, {"replied_at": NOW}, {"add_way": 2}),
    ({"not": {"way": [1]}}, {"add_way": 2}, {"add_way": 1}),
]


@pytest.mark.parametrize(("condition", "yes", "no"), HOLDING)
def test_each_test_tells_those_it_means_from_the_others(condition, yes, no):
    assert check(condition) == []
    assert judge(condition, facts(**yes), NOW).holds
    assert not judge(condition, facts(**no), NOW).holds
    assert conditions.compile(condition)(facts(**yes), NOW)
    assert not conditions.compile(condition)(facts(**no), NOW)


def test_every_test_is_tested():
    assert {name for condition, _, _ in HOLDING for name in condition} - {"all", "any", "not"} == {
        name for name, leaf in LEAVES.items() if not leaf.entry
    }


def test_a_judgement_comes_with_the_facts_it_rests_on():
    finding = judge({"all": [{"days_since_added": {"least": 7}}, {"not": {"replied": True}}]}, facts(), NOW)
    assert finding == (True, {"days_since_added": 9, "replied": False})


@pytest.mark.parametrize(
    ("condition", "where"),
    [
        ({}, "condition"),
        ([], "condition"),
        ({"replied": True, "lost": True}, "condition"),
        ({"age": 3}, "condition"),
        ({"replied": 1}, "condition.replied"),
        ({"way": ["1"]}, "condition.way"),
        ({"way": []}, "condition.way"),
        ({"status": ["gone"]}, "condition.status"),
        ({"groups": {"more": 1}}, "condition.groups.more"),
        ({"groups": {"least": -1}}, "condition.groups.least"),
        ({"groups": {}}, "condition.groups"),
        ({"all": []}, "condition.all"),
        ({"all": {"replied": True}}, "condition.all"),
        ({"any": [{"replied": True}, {"tag": [1]}]}, "condition.any.1.tag"),
        ({"not": {"not": {"not": {"not": {"not": {"not": {"not": {"lost": True}}}}}}}}, "condition" + ".not" * 7),
        ({"any": [{"lost": True}] * 51}, "condition"),
        ({"event": {"amount": {"least": 1}}}, "condition"),
        ({"field": {"equals": "x"}}, "condition.field"),
        ({"field": {"name": "a/b"}}, "condition.field.name"),
        ({"field": {"name": "city", "contains": ""}}, "condition.field.contains"),
        ({"date": {"name": "born"}}, "condition.date"),
        ({"date": {"name": "born", "most": 36_501}}, "condition.date.most"),
        ({"segment": ["x"]}, "condition.segment"),
        ({"did": {"event": "paid", "where": {"amount": {"least": "1"}}}}, "condition.did.where.amount.least"),
        ({"did": {"event": "paid", "since": "2026-05-01"}}, "condition.did.since"),
        ({"did": {"event": "paid", "since": "2026-05-01T00:00:00Z", "since_days": 1}}, "condition.did"),
        ({"rfm": {"event": "paid"}}, "condition.rfm"),
        ({"relation": {"age": 3}}, "condition.relation"),
    ],
)
def test_what_is_wrong_with_a_condition_is_told_with_its_place(condition, where):
    assert [violation.field for violation in check(condition)] == [where]


def test_what_a_condition_speaks_of_is_found_at_any_depth():
    condition = {"all": [{"not": {"any": [{"tag": ["et1"]}, {"tag": ["et2"]}]}}, {"lost": False}]}
    assert named(condition, "tag") == {"et1", "et2"}


def test_every_mistake_is_told_at_once_in_both_languages():
    condition = {"all": [{"age": 3}, {"did": {"event": "", "count": {"most": -1}, "when": 1}}, {"not": {"lost": 1}}]}
    found = {violation.field: (violation.message_zh, violation.message_en) for violation in check(condition)}
    places = ["all.0", "all.1.did.when", "all.1.did.event", "all.1.did.count.most", "all.2.not.lost"]
    assert list(found) == [f"condition.{place}" for place in places]
    assert found["condition.all.2.not.lost"] == ("应为true 或 false", "takes true or false")


def test_the_data_of_the_event_is_looked_at_only_where_it_is_at_hand():
    condition = {"event": {"amount": {"least": 100}}}
    assert check(condition, entry=True) == []
    assert judge(condition, facts(event={"amount": 100}), NOW).holds
    assert not judge(condition, facts(event={}), NOW).holds
    assert not judge(condition, facts(), NOW).holds
    assert judge({"not": condition}, facts(), NOW).holds


def test_what_is_missing_meets_no_test_and_not_is_the_complement():
    nobody = Facts(external_user_id="wm1")
    for condition, _, _ in HOLDING:
        holds = judge(condition, nobody, NOW).holds
        assert judge({"not": condition}, nobody, NOW).holds is not holds
        ((name, value),) = condition.items()
        none_will_do = value.get("count", {}).get("least") == 0 if name == "did" else value == {"most": 0}
        assert holds is (name == "not" or none_will_do)


def test_one_of_several_relations_is_enough_unless_it_is_to_be_the_same_one():
    chen = Relation(user_id="chen", status=Status.ACTIVE, added_at=NOW, tags=frozenset({"et1"}))
    lin = Relation(user_id="lin", status=Status.LOST, added_at=NOW)
    both = Facts(external_user_id="wm1", relations=(chen, lin))
    apart = {"all": [{"lost": True}, {"tag": ["et1"]}]}
    assert judge(apart, both, NOW).holds
    assert not judge({"relation": apart}, both, NOW).holds
    assert judge({"relation": {"all": [{"lost": True}, {"not": {"tag": ["et1"]}}]}}, both, NOW).holds
    assert judge({"lost": True}, both, NOW).evidence == {"lost": [False, True]}


@pytest.mark.parametrize(
    ("today", "born", "celebrated"),
    [
        ("2027-02-28", "2000-02-29", True),
        ("2027-03-01", "2000-02-29", False),
        ("2028-02-28", "2000-02-29", False),
        ("2028-02-29", "2000-02-29", True),
        ("2028-02-29", "1999-02-28", False),
        ("2027-12-31", "1999-01-01", False),
    ],
)
def test_who_was_born_on_a_leap_day_celebrates_every_year(today, born, celebrated):
    now = datetime.fromisoformat(f"{today}T08:00:00+08:00")
    condition = {"date": {"name": "born", "least": 0, "most": 0, "yearly": True}}
    assert judge(condition, facts(**held(born=born)), now).holds is celebrated


def test_a_window_of_birthdays_goes_over_the_new_year():
    now = datetime.fromisoformat("2027-12-30T08:00:00+08:00")
    condition = {"date": {"name": "born", "most": 7, "yearly": True}}
    assert judge(condition, facts(**held(born="1999-01-06")), now).holds
    assert not judge(condition, facts(**held(born="1999-01-07")), now).holds


def test_today_is_the_day_on_the_clocks_of_the_corp():
    late = datetime(2025, 10, 9, 17, tzinfo=UTC)  # in Shanghai it is the 10th
    condition = {"date": {"name": "due", "least": 0, "most": 0}}
    assert judge(condition, facts(**held(due="2025-10-10")), late).holds
    assert not judge(condition, facts(**held(due="2025-10-10"), zone=ZoneInfo("Europe/Berlin")), late).holds


def test_a_condition_tells_what_must_be_loaded():
    early = {"did": {"event": "paid", "since_days": 30, "where": {"amount": {"least": 1}}}}
    tree = {
        "all": [{"did": {"event": "paid", "since_days": 7}}, early, {"not": {"segment": ["9"]}}, {"stage": ["won"]}]
    }
    paid = Past(days=30, data=True)
    assert conditions.needs(tree) == Needs(events={"paid": paid}, segments=frozenset({9}), fields=frozenset({"stage"}))
    assert conditions.needs({"did": {"event": "paid"}}, early).events == {"paid": Past(data=True)}
    assert conditions.needs({"relation": {"group": ["wr1"]}}) == Needs(relations=True, groups=True)
