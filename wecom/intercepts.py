"""Intercept rules (敏感词): what members may not write to customers (page 95097)."""

from datetime import datetime

import msgspec
from msgspec import field

from wecom import limits
from wecom.answers import Status
from wecom.caller import Caller
from wecom.ids import DepartmentId, RuleId, UserId

PATH = "externalcontact/"
BLOCK, WARN = 1, 2
PHONE, MAIL, RED_PACKET = 1, 2, 3


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a rule holds; a department counts with all below it."""

    users: tuple[UserId, ...] = field(default=(), name="user_list")
    departments: tuple[DepartmentId, ...] = field(default=(), name="department_list")

    def without(self, other: "Reach") -> "Reach":
        """What is in this one and not in the other."""
        return Reach(
            users=tuple(one for one in self.users if one not in other.users),
            departments=tuple(one for one in self.departments if one not in other.departments),
        )

    def __bool__(self) -> bool:
        return bool(self.users or self.departments)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule: words and kinds of content (`semantics`) that are blocked or warned of. Words stay out of `repr`."""

    name: str = ""
    words: tuple[str, ...] = ()
    semantics: tuple[int, ...] = ()
    kind: int = BLOCK
    reach: Reach = Reach()
    rule_id: RuleId = RuleId("")

    def __repr__(self) -> str:
        return f"Rule(name={self.name!r}, words={len(self.words)}, rule_id={self.rule_id!r})"

    def check(self) -> None:
        """Raise `OverLimit` for what the platform would refuse."""
        limits.RULE_NAME.check(self.name)
        limits.RULE_WORDS.check(self.words)
        for word in self.words:
            limits.RULE_WORD.check(word)
        limits.RULE_USERS.check(self.reach.users)
        limits.RULE_DEPARTMENTS.check(self.reach.departments)
        limits.require("applicable_range", self.reach.users, self.reach.departments)


class Listed(msgspec.Struct, frozen=True):
    """A rule as the list shows it."""

    rule_id: RuleId
    name: str
    created_at: datetime | None


class _Extra(msgspec.Struct, frozen=True):
    semantics_list: tuple[int, ...] = ()


class _Told(msgspec.Struct, frozen=True):
    """The content of `get`; which of the three places has the semantics depends on the platform's version."""

    rule_name: str = ""
    word_list: tuple[str, ...] = ()
    semantics: tuple[int, ...] = ()
    semantics_list: tuple[int, ...] = ()
    extra_rule: _Extra = _Extra()
    intercept_type: int = BLOCK
    applicable_range: Reach = Reach()


class _Made(Status):
    rule_id: str | int = ""


class _Row(msgspec.Struct, frozen=True):
    rule_id: str | int
    rule_name: str = ""
    create_time: datetime | None = None


class _Rules(Status):
    rule_list: tuple[_Row, ...] = ()


class _Rule(Status):
    rule: _Told = _Told()


class Intercepts:
    """The APIs of intercept rules: at most 100 per corp, names unique (41077), changed only by their maker."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(self) -> tuple[Listed, ...]:
        """Every rule of the corp."""
        rows = (await self._caller.get(PATH + "get_intercept_rule_list", _Rules)).rule_list
        return tuple(Listed(RuleId(str(row.rule_id)), row.rule_name, row.create_time) for row in rows)

    async def get(self, rule_id: RuleId) -> Rule:
        """A rule with its words."""
        told = (await self._caller.ask(PATH + "get_intercept_rule", {"rule_id": rule_id}, _Rule)).rule
        return Rule(
            name=told.rule_name,
            words=told.word_list,
            semantics=told.semantics or told.semantics_list or told.extra_rule.semantics_list,
            kind=told.intercept_type,
            reach=told.applicable_range,
            rule_id=rule_id,
        )

    async def add(self, rule: Rule) -> RuleId:
        """Make a rule; its id may come as a number or a text."""
        rule.check()
        body = {
            "rule_name": rule.name,
            "word_list": rule.words,
            "semantics_list": rule.semantics,
            "intercept_type": rule.kind,
            "applicable_range": rule.reach,
        }
        return RuleId(str((await self._caller.tell(PATH + "add_intercept_rule", body, _Made)).rule_id))

    async def update(self, rule_id: RuleId, rule: Rule, *, before: Rule) -> None:
        """Bring a rule from what it is to what it is to be: the range goes as what is added and what is taken away."""
        rule.check()
        body: dict[str, object] = {
            "rule_id": rule_id,
            "rule_name": rule.name,
            "word_list": rule.words,
            "extra_rule": {"semantics_list": rule.semantics},
            "intercept_type": rule.kind,
        }
        if more := rule.reach.without(before.reach):
            body["add_applicable_range"] = more
        if less := before.reach.without(rule.reach):
            body["remove_applicable_range"] = less
        await self._caller.tell(PATH + "update_intercept_rule", body, Status)

    async def delete(self, rule_id: RuleId) -> None:
        """The rule holds no more."""
        await self._caller.tell(PATH + "del_intercept_rule", {"rule_id": rule_id}, Status)
