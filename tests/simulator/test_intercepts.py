"""Intercept rules and customer strategies: what is refused, what comes back, and in which of its two shapes."""

import pytest

from simulator.actions import acquisition

GOOD = {
    "rule_name": "竞品",
    "word_list": ["对手"],
    "semantics_list": [1],
    "intercept_type": 1,
    "applicable_range": {"user_list": ["chen.yu"]},
}


def post(crm, call, body=None, **fields):
    return crm.post(f"externalcontact/{call}_intercept_rule", body, **fields)


def rule(crm, rule_id):
    return post(crm, "get", rule_id=rule_id)["rule"]


def test_a_rule_is_made_changed_and_taken_away(crm):
    rule_id = post(crm, "add", GOOD)["rule_id"]
    made = rule(crm, str(rule_id))
    assert (made["rule_name"], made["word_list"], made["extra_rule"]) == ("竞品", ["对手"], {"semantics_list": [1]})
    change = {
        "word_list": [],
        "extra_rule": {"semantics_list": []},
        "add_applicable_range": {"department_list": [5]},
        "remove_applicable_range": {"user_list": ["chen.yu"]},
    }
    assert post(crm, "update", change, rule_id=rule_id)["errcode"] == 0
    changed = rule(crm, rule_id)
    assert (changed["word_list"], changed["extra_rule"]) == (["对手"], {"semantics_list": []}), "no words: ignored"
    assert changed["applicable_range"] == {"user_list": [], "department_list": [5]}
    assert post(crm, "del", rule_id=rule_id)["errcode"] == 0
    assert post(crm, "get", rule_id=rule_id)["errcode"] == 41076


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rule_name": ""}, 41068),
        ({"rule_name": "名" * 21}, 41068),
        ({"word_list": []}, 41069),
        ({"word_list": ["词"] * 301}, 41069),
        ({"word_list": ["词" * 33]}, 41069),
        ({"semantics_list": [4]}, 40058),
        ({"intercept_type": 3}, 41070),
        ({"applicable_range": {}}, 41071),
        ({"applicable_range": {"user_list": ["nobody"]}}, 40031),
    ],
)
def test_a_wrong_rule_is_refused(crm, change, code):
    assert post(crm, "add", {**GOOD, **change})["errcode"] == code


def test_names_are_unique_and_a_corp_has_at_most_a_hundred_rules(crm):
    for number in range(100):
        assert post(crm, "add", {**GOOD, "rule_name": f"规则{number}"})["errcode"] == 0
    assert post(crm, "add", GOOD)["errcode"] == 41083
    assert post(crm, "update", rule_id=2, rule_name="规则0")["errcode"] == 41077
    assert post(crm, "update", rule_id=1, rule_name="规则0")["errcode"] == 0


def test_a_rule_of_the_console_is_shown_and_changed_by_nobody_else(crm):
    rule_id = acquisition.write_intercept(crm.sim.world, crm.corp, name="总部", words=["x"], departments=[1])
    listed = crm.get("externalcontact/get_intercept_rule_list")["rule_list"]
    assert [one["rule_name"] for one in listed] == ["总部"]
    assert rule(crm, rule_id)["word_list"] == ["x"]
    assert post(crm, "update", rule_id=rule_id, rule_name="y")["errcode"] == 41084
    assert post(crm, "del", rule_id=rule_id)["errcode"] == 41084


def test_strategies_are_shown_to_the_app_that_made_them_with_what_cannot_be_switched_off(crm):
    about = {"name": "华东", "admins": ["chen.yu"], "users": ["chen.yu"], "departments": [5]}
    number = acquisition.found_strategy(crm.sim.world, crm.corp, app=crm.app.name, **about)
    acquisition.found_strategy(crm.sim.world, crm.corp, app=crm.app.name, name="别人的")
    crm.corp.strategies[2].agent_id = 7
    path = "externalcontact/customer_strategy/"
    assert crm.post(path + "list")["strategy"] == [{"strategy_id": number}]
    shown = crm.post(path + "get", strategy_id=number)["strategy"]
    assert (shown["strategy_name"], shown["admin_list"]) == ("华东", ["chen.yu"])
    assert shown["privilege"]["view_customer_list"] is True
    page = crm.post(path + "get_range", strategy_id=number, limit=1)
    rest = crm.post(path + "get_range", strategy_id=number, limit=1, cursor=page["next_cursor"])
    assert page["range"] + rest["range"] == [{"type": 1, "userid": "chen.yu"}, {"type": 2, "partyid": 5}]
    assert crm.post(path + "get", strategy_id=2)["errcode"] == 40058
