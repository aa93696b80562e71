"""Which welcome a new customer gets, and how it reads: channel before staff before department before corp."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sop import limits, slots, texts
from sop.attachments import check_all
from sop.intents import Attachment, SendWelcome
from sop.limits import Violation
from sop.reasons import BY_CHANNEL, BY_CORP, BY_DEPARTMENT, BY_STAFF, NO_RULE, NOTHING_LEFT, Skip, define
from sop.slots import SHANGHAI, Window

ScopeKind = Literal["channel", "staff", "department", "corp"]
BY_FLOW = define("by_flow", "按旅程的欢迎语发送", "Greeted by the words of a flow")
SOMEBODY = "朋友"  # whom we greet while we don't know the name
REASONS: dict[ScopeKind, str] = {
    "channel": BY_CHANNEL,
    "staff": BY_STAFF,
    "department": BY_DEPARTMENT,
    "corp": BY_CORP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot(Window):
    """What a rule says instead while a window is open."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A welcome rule as an operator writes it; the first slot that is open wins over the rule's own words."""

    name: str
    scope_kind: ScopeKind
    scope_id: str = ""  # of the channel, member or department; empty for the corp
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    slots: tuple[Slot, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Draft):
    """A welcome rule as it is stored; of two for one scope the newer, with the larger id, wins."""

    id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything known about an add that decides its greeting."""

    user_id: str
    staff: str = ""  # the member's name
    departments: tuple[int, ...] = ()  # nearest first: the member's own, then those above
    channel_id: int | None = None
    channel: str = ""
    customer: str = ""  # the name as we knew it before, if at all
    zone: ZoneInfo = SHANGHAI
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The words that apply, and by which rule and slot."""

    rule: Rule
    slot: int | None
    text: str
    attachments: tuple[Attachment, ...]
    flow: str = ""  # whose words these are instead of the rule's

    @property
    def reason(self) -> str:
        """Why these words."""
        return BY_FLOW if self.flow else REASONS[self.rule.scope_kind]

    @property
    def materials(self) -> tuple[int, ...]:
        """The materials whose media ids are needed."""
        return tuple({int(each.material): None for each in self.attachments if each.material})


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One add: the code that greets, who it is about, and the values of the variables."""

    code: str = field(repr=False)
    user_id: str
    external_user_id: str
    names: Mapping[str, str]


def choose(scene: Scene, at: datetime) -> Choice | Skip:
    """The rule of the narrowest scope that is enabled, and what it says at that moment."""
    ranks: dict[tuple[str, str], int] = {("corp", ""): 2 + len(scene.departments), ("staff", scene.user_id): 1}
    if scene.channel_id is not None:
        ranks["channel", str(scene.channel_id)] = 0
    for rank, department in enumerate(scene.departments, start=2):
        ranks.setdefault(("department", str(department)), rank)
    fitting = [rule for rule in scene.rules if rule.enabled and (rule.scope_kind, rule.scope_id) in ranks]
    if not fitting:
        return Skip(NO_RULE)
    rule = min(fitting, key=lambda rule: (ranks[rule.scope_kind, rule.scope_id], -rule.id))
    for number, slot in enumerate(rule.slots):
        if slots.covers(slot, at, scene.zone):
            return Choice(rule=rule, slot=number, text=slot.text, attachments=slot.attachments)
    return Choice(rule=rule, slot=None, text=rule.text, attachments=rule.attachments)


def names(scene: Scene, at: datetime, *, customer: str) -> dict[str, str]:
    """The values of the variables; a customer whose name nobody knows is greeted with a neutral word."""
    known = texts.clean(customer) or texts.clean(scene.customer) or SOMEBODY
    return {
        "customer": known,
        "staff": texts.clean(scene.staff),
        "channel": texts.clean(scene.channel),
        "date": f"{at.astimezone(scene.zone):%Y-%m-%d}",
    }


def compose(choice: Choice, occasion: Occasion, *, media: Mapping[str, str]) -> SendWelcome | Skip:
    """The welcome to send; `media` has the valid media ids by material, and what is not in it is left out."""
    text = render(choice.text, occasion.names)
    attachments = tuple(
        replace(each, media_id=media.get(each.material, ""))
        for each in choice.attachments
        if not each.material or each.material in media
    )
    if not text.strip() and not attachments:
        return Skip(NOTHING_LEFT)
    return SendWelcome(
        code=occasion.code,
        user_id=occasion.user_id,
        external_user_id=occasion.external_user_id,
        text=text,
        attachments=attachments,
    )


def missing(choice: Choice, media: Mapping[str, str]) -> tuple[str, ...]:
    """The materials of attachments that have to be left out."""
    return tuple(each.material for each in choice.attachments if each.material and each.material not in media)


def render(text: str, values: Mapping[str, str], *, most: int = limits.WELCOME_TEXT.most) -> str:
    """Fill in the variables within so many bytes; where it gets too long the customer's name is shortened."""
    filled = texts.fill(text, values)
    over = len(filled.encode(errors="ignore")) - most
    times = text.count("{customer}")
    if over > 0 and times and "customer" in values:
        name = values["customer"]
        shorter = texts.clip(name, len(name.encode(errors="ignore")) - -(-over // times))
        filled = texts.fill(text, {**values, "customer": shorter})
    return texts.clip(filled, most)


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a rule as written."""
    found = limits.RULE_NAME.check("name", draft.name.strip())
    if (draft.scope_kind == "corp") == bool(draft.scope_id):
        zh, en = (
            ("企业范围不需要 id", "the corp's scope has no id") if draft.scope_id else ("请指定范围 id", "id is needed")
        )
        found.append(Violation("scope.id", zh, en))
    found += limits.SLOTS.check("slots", draft.slots)
    found += _check_words("", draft.text, draft.attachments)
    for number, slot in enumerate(draft.slots):
        field = f"slots.{number}"
        found += slots.check(field, slot) + _check_words(f"{field}.", slot.text, slot.attachments)
    return found


def _check_words(prefix: str, text: str, attachments: Sequence[Attachment]) -> list[Violation]:
    field = f"{prefix}text"
    found = limits.WELCOME_TEXT.check(field, text, reserve=texts.reserve(text)) + texts.check(field, text)
    if not text.strip() and not attachments:
        found.append(Violation(field, "文字和附件不能都为空", "text and attachments cannot both be empty"))
    return found + check_all(prefix, attachments)
