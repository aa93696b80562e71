"""Conditions as people read them, clause by clause, and as their published schema describes them."""

from datetime import UTC, datetime

import pytest
from jsonschema_rs import Draft202012Validator

from sop import conditions
from sop.conditions import Facts, Relation
from sop.relations import Status
from tests.sop.test_conditions import HOLDING

NOW = datetime(2025, 10, 9, 8, tzinfo=UTC)
NAMES = {"tag": {"et1": "VIP"}, "staff": {"chen": "陈晨"}, "event": {"order_paid": "付款"}, "data": {"amount": "金额"}}
LARGE = {"did": {"event": "order_paid", "since_days": 30, "where": {"amount": {"least": 100}}, "count": {"least": 2}}}


@pytest.mark.parametrize(
    ("tree", "zh", "en"),
    [
        ({"tag": ["et1", "et2"]}, "带有标签「VIP」或「et2」", "has the tag “VIP” or “et2”"),
        ({"not": {"tag": ["et1"]}}, "没有标签「VIP」", "does not have the tag “VIP”"),
        ({"not": {"not": {"lost": True}}}, "已流失", "is lost"),
        ({"not": {"replied": False}}, "添加后回复过", "has replied"),
        ({"days_since_added": {"least": 7}}, "添加至今 至少 7 天", "was added at least 7 days ago"),
        (
            LARGE,
            "最近 30 天内发生过「付款」（「金额」为 至少 100） 至少 2 次",
            "did “付款” (“金额” is at least 100) at least 2 times in the last 30 days",
        ),
        (
            {"date": {"name": "birthday", "most": 7, "yearly": True}},
            "「birthday」的周年日在今天到 7 天后之间",
            "“birthday” (every year) is between today and 7 days from today",
        ),
        (
            {"any": [{"all": [{"staff": ["chen"]}, {"lost": False}]}, {"not": {"any": [{"way": [1]}, {"way": [16]}]}}]},
            "（员工是「陈晨」，且未流失），或不满足（添加方式为 扫描二维码，或添加方式为 获客链接）",
            (
                "(is looked after by “陈晨”, and is not lost),"
                " or not (was added by QR code, or was added by Acquisition link)"
            ),
        ),
        (
            {"not": {"relation": {"all": [{"staff": ["chen"]}, {"lost": True}]}}},
            "没有一位员工名下（员工是「陈晨」，且已流失）",
            "with no member: (is looked after by “陈晨”, and is lost)",
        ),
    ],
)
def test_a_condition_reads_as_a_sentence(tree, zh, en):
    assert conditions.sentence(tree, "zh", NAMES) == zh
    assert conditions.sentence(tree, "en", NAMES) == en


@pytest.mark.parametrize("tree", [condition for condition, _, _ in HOLDING])
def test_a_condition_and_its_opposite_read_differently(tree):
    for language in ("zh", "en"):
        assert conditions.sentence(tree, language) != conditions.sentence({"not": tree}, language)


def test_a_condition_is_explained_clause_by_clause():
    chen = Relation(user_id="chen", status=Status.ACTIVE, added_at=NOW, tags=frozenset({"et1"}))
    facts = Facts(external_user_id="wm1", relations=(chen,))
    tree = {"all": [{"tag": ["et1"]}, {"not": {"any": [{"lost": True}, {"staff": ["chen"]}]}}]}
    clauses = conditions.explain(tree, facts, NOW)
    assert [(clause.path, clause.holds, clause.actual) for clause in clauses] == [
        ("", False, None),
        ("all.0", True, ["et1"]),
        ("all.1", False, None),
        ("all.1.not", True, None),
        ("all.1.not.any.0", False, False),
        ("all.1.not.any.1", True, "chen"),
    ]
    assert [clause.depth for clause in clauses] == [0, 1, 1, 2, 3, 3]


def test_one_relation_is_explained_by_the_one_that_meets_most():
    lin = Relation(user_id="lin", status=Status.LOST, added_at=NOW)
    chen = Relation(user_id="chen", status=Status.LOST, added_at=NOW)
    facts = Facts(external_user_id="wm1", relations=(lin, chen))
    clauses = conditions.explain({"relation": {"all": [{"staff": ["chen"]}, {"lost": True}]}}, facts, NOW)
    assert [clause.actual for clause in clauses] == [None, None, "chen", True]
    nobody = conditions.explain({"relation": {"lost": True}}, Facts(external_user_id="wm1"), NOW)
    assert [(clause.path, clause.holds) for clause in nobody] == [("", False)]


def test_the_schema_accepts_what_the_check_accepts():
    validator = Draft202012Validator(conditions.schema())
    for condition, _, _ in HOLDING:
        assert list(validator.iter_errors({"not": condition})) == []
    entry = {"all": [{"event": {"amount": {"least": 1}}}]}
    assert not validator.is_valid(entry)
    assert Draft202012Validator(conditions.schema(entry=True)).is_valid(entry)


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"lost": True, "replied": True},
        {"all": []},
        {"age": 1},
        {"tag": []},
        {"did": {"where": {}}},
        {"did": {"event": "x", "since_days": 1, "since": "2026-05-01T00:00:00Z"}},
        {"groups": {}},
        {"field": {"name": "a/b"}},
        {"rfm": {"event": "x"}},
    ],
)
def test_the_schema_refuses_what_the_check_refuses(condition):
    assert conditions.check(condition)
    assert not Draft202012Validator(conditions.schema()).is_valid(condition)
