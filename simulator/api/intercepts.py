"""Endpoints of intercept rules (page 95097). Which of the codes 41068 to 41084 says what is not public."""

from dataclasses import replace
from typing import TypeVar

from simulator.api.call import Answer, Call, contact
from simulator.api.fields import Fields
from simulator.errors import Refusal
from simulator.world.intercepts import MOST_RULES, Rule

T = TypeVar("T")
NAME, WORDS, KIND, RANGE, RULE, TAKEN, FULL, FOREIGN = 41068, 41069, 41070, 41071, 41076, 41077, 41083, 41084
NAME_CHARS, WORD_CHARS = 20, 32
MOST_WORDS = 300
MOST_IN_RANGE = 1000


def add(call: Call) -> Answer:
    """Answer add_intercept_rule: semantics_list stands at the top here."""
    if len(call.corp.intercepts.rules) >= MOST_RULES:
        raise Refusal(FULL)
    body = call.body
    rule = Rule(0, call.app.agent_id, call.now, name=_name(call, missing=NAME))
    rule.words = _words(body, missing=WORDS)
    rule.semantics = _semantics(body)
    rule.kind = body.number("intercept_type", missing=KIND, invalid=KIND, among=range(1, 3))
    rule.users, rule.departments = _range(call, body.need("applicable_range", RANGE))
    if not rule.users and not rule.departments:
        raise Refusal(RANGE)
    return {"rule_id": call.corp.intercepts.add(rule).rule_id}


def list_rules(call: Call) -> Answer:
    """Answer get_intercept_rule_list: all rules of the corp."""
    rules = [
        {"rule_id": rule.rule_id, "rule_name": rule.name, "create_time": int(rule.created_at)}
        for rule in call.corp.intercepts.rules.values()
    ]
    return {"rule_list": rules}


def get(call: Call) -> Answer:
    """Answer get_intercept_rule: the id comes back as text, the semantics inside extra_rule."""
    rule = _find(call)
    return {
        "rule": {
            "rule_id": str(rule.rule_id),
            "rule_name": rule.name,
            "word_list": rule.words,
            "extra_rule": {"semantics_list": rule.semantics},
            "intercept_type": rule.kind,
            "applicable_range": {"user_list": rule.users, "department_list": rule.departments},
        }
    }


def update(call: Call) -> Answer:
    """Answer update_intercept_rule: an empty word_list is ignored, the range goes by what is added and removed."""
    rule, body = _own(call), call.body
    changed = replace(rule)
    if body.has("rule_name"):
        changed.name = _name(call, missing=NAME, besides=rule)
    changed.words = _words(body) or rule.words
    if extra := body.nested("extra_rule"):
        changed.semantics = _semantics(extra)
    changed.kind = body.number("intercept_type", rule.kind, invalid=KIND, among=range(1, 3))
    for key, keep in (("add_applicable_range", True), ("remove_applicable_range", False)):
        if part := body.nested(key):
            users, departments = _range(call, part, known=keep)
            changed.users = _change(changed.users, users, keep=keep)
            changed.departments = _change(changed.departments, departments, keep=keep)
    if not changed.users and not changed.departments:
        raise Refusal(RANGE)
    call.corp.intercepts.rules[rule.rule_id] = changed
    return {}


def delete(call: Call) -> Answer:
    """Answer del_intercept_rule."""
    del call.corp.intercepts.rules[_own(call).rule_id]
    return {}


def _find(call: Call) -> Rule:
    """The id may be written as a number or as a text."""
    given = call.body.values.get("rule_id")
    number = int(given) if isinstance(given, str) and given.isdecimal() else given
    rule = call.corp.intercepts.rules.get(number) if isinstance(number, int) else None
    if rule is None:
        raise Refusal(RULE)
    return rule


def _own(call: Call) -> Rule:
    rule = _find(call)
    if rule.agent_id != call.app.agent_id:
        raise Refusal(FOREIGN)
    return rule


def _name(call: Call, *, missing: int, besides: Rule | None = None) -> str:
    name = call.body.text("rule_name", missing=missing, chars=NAME_CHARS, over=NAME)
    taken = call.corp.intercepts.named(name)
    if taken is not None and taken is not besides:
        raise Refusal(TAKEN)
    return name


def _words(body: Fields, *, missing: int | None = None) -> list[str]:
    words = body.texts("word_list", missing=missing, most=MOST_WORDS, over=WORDS)
    if not all(1 <= len(word) <= WORD_CHARS for word in words):
        raise Refusal(WORDS)
    return words


def _semantics(body: Fields) -> list[int]:
    found = body.numbers("semantics_list")
    if not set(found) <= {1, 2, 3}:
        raise body.refuse("semantics_list")
    return found


def _range(call: Call, part: Fields, *, known: bool = True) -> tuple[list[str], list[int]]:
    """Members and departments; who is taken out need not exist any more."""
    users = part.texts("user_list", most=MOST_IN_RANGE, over=RANGE)
    departments = part.numbers("department_list", most=MOST_IN_RANGE, over=RANGE)
    if not known:
        return users, departments
    return [call.member(userid, unknown=40031).userid for userid in users], [
        call.department(one) for one in departments
    ]


def _change(before: list[T], part: list[T], *, keep: bool) -> list[T]:
    """Add or take away."""
    return list(dict.fromkeys([*before, *part])) if keep else [one for one in before if one not in part]


ROUTES = {
    "externalcontact/add_intercept_rule": contact(add),
    "externalcontact/get_intercept_rule_list": contact(list_rules, "GET"),
    "externalcontact/get_intercept_rule": contact(get),
    "externalcontact/update_intercept_rule": contact(update),
    "externalcontact/del_intercept_rule": contact(delete),
}
