"""Intercept rules (敏感词): what an operator may ask for. The words themselves are in no log."""

from dataclasses import dataclass, field
from typing import Literal

from sop.limits import Limit, Unit, Violation
from sop.reasons import define

Kind = Literal["block", "warn"]
Semantics = Literal["phone", "mail", "red_packet"]
SEMANTICS: tuple[Semantics, ...] = ("phone", "mail", "red_packet")  # WeCom's 1, 2, 3

NAME = Limit("规则名称", "the rule's name", 20, Unit.CHARS, 1)
WORDS = Limit("敏感词", "a rule", 300, Unit.ITEMS)
WORD = Limit("敏感词", "a word", 32, Unit.CHARS, 1)
REACH = Limit("适用范围", "the range", 1000, Unit.ITEMS)

INTERCEPT_WANTED = define("intercept_wanted", "敏感词规则正在同步到企业微信", "The rule is on its way to WeCom")
INTERCEPT_LIVE = define("intercept_live", "敏感词规则已在企业微信生效", "The rule holds at WeCom")
INTERCEPT_DELETED = define("intercept_deleted", "敏感词规则已从企业微信删除", "The rule is gone from WeCom")
INTERCEPT_REFUSED = define("intercept_refused", "企业微信拒绝了敏感词规则", "WeCom refused the rule")
INTERCEPT_FAILED = define(
    "intercept_failed", "敏感词规则同步失败，未得到确认", "The rule could not be brought to WeCom"
)
INTERCEPT_LOST = define("intercept_lost", "敏感词规则在企业微信已不存在", "The rule is not at WeCom any more")
INTERCEPT_TAKEN = define(
    "intercept_taken", "敏感词规则在企业微信被修改，已照改", "The rule was changed at WeCom; ours follows"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A rule as an operator writes it: words and kinds of content that are blocked or warned of, and for whom."""

    name: str
    words: tuple[str, ...] = field(default=(), repr=False)
    semantics: tuple[Semantics, ...] = ()
    kind: Kind = "block"
    staff: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()  # with all below


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a rule as written."""
    found = NAME.check("name", draft.name.strip()) + WORDS.check("words", draft.words)
    for number, word in enumerate(draft.words):
        found += WORD.check(f"words.{number}", word.strip())
    found += REACH.check("staff", draft.staff) + REACH.check("departments", draft.departments)
    if not draft.words:
        found.append(Violation("words", "请至少填写一个敏感词", "name at least one word"))
    if not draft.staff and not draft.departments:
        found.append(
            Violation("staff", "请至少选择一名员工或一个部门", "name at least one member of staff or one department")
        )
    for name in ("words", "semantics", "staff", "departments"):
        values: tuple[object, ...] = getattr(draft, name)
        if len(set(values)) < len(values):
            found.append(Violation(name, "有重复项", "something stands in it twice"))
    return found
