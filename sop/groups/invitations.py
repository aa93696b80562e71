"""Add → join: which group a customer who was just added is offered, and why that one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sop import limits
from sop.greeting import Choice
from sop.intents import Attachment
from sop.limits import Limit, Unit, Violation
from sop.reasons import Skip, define

JOB = "invite_to_group"  # gives members the task to invite their customers
CITIES = "groups.cities"  # setting: {"department:5": "上海", "channel:7": "上海"}
_CODES = Limit("群活码", "an invitation", 50, Unit.ITEMS, 1)
_CHANNELS = Limit("渠道", "an invitation", 200, Unit.ITEMS)
_TAGS = Limit("标签", "an invitation", 100, Unit.ITEMS)

INVITED = define("invited", "欢迎语附上了群邀请", "The welcome offers a group")
INVITED_BY_CITY = define("invited_by_city", "按城市选择了群", "The group of the customer's city is offered")
INVITED_TAGGED = define("invited_tagged", "按标签邀请客户进群，已派发待办", "Customers with a tag are to be invited")
NOT_INVITED = define("not_invited", "没有适用的进群邀请", "No invitation applies")
NO_SEATS = define("no_seats", "可邀请的群都没有空位", "None of the groups has a free seat")
NO_CITY = define("no_city", "没有客户所在城市的群", "There is no group for the customer's city")
NO_ROOM = define("no_room", "欢迎语附件已满，未附群邀请", "The welcome has no room for another attachment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An invitation as an operator writes it: for which adds it is, and into which groups."""

    name: str
    codes: tuple[int, ...]  # ids of group codes, the preferred first
    channels: tuple[int, ...] = ()  # only for customers who come through these; empty for all
    tags: tuple[str, ...] = ()  # only for who carries one of these or is about to; empty for all
    by_city: bool = False  # only into groups of the customer's city
    least_seats: int = 1
    title: str = ""
    description: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Draft):
    """An invitation as it is stored; of two that apply the older, with the smaller id, comes first."""

    id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What is known of an add: through which channel, with which tags, of which city."""

    channel_id: int | None = None
    tags: frozenset[str] = frozenset()
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A group code as a way in: how many seats there are behind it."""

    code_id: int
    name: str
    state: str
    city: str = ""
    seats: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The group code that is offered, by which invitation, and why."""

    rule: Rule
    door: Door
    reason: str


def concerns(rule: Rule, arrival: Arrival) -> bool:
    """Whether an invitation is for this add."""
    through = not rule.channels or arrival.channel_id in rule.channels
    return rule.enabled and through and (not rule.tags or not arrival.tags.isdisjoint(rule.tags))


def choose(rules: Sequence[Rule], arrival: Arrival, doors: Mapping[int, Door]) -> Offer | Skip:
    """The first invitation that applies and has a group with free seats."""
    reason = NOT_INVITED
    for rule in sorted(rules, key=lambda rule: rule.id):
        if not concerns(rule, arrival):
            continue
        near = [doors[code] for code in rule.codes if code in doors]
        if rule.by_city:
            near = [door for door in near if door.city and door.city == arrival.city]
        free = [door for door in near if door.seats >= rule.least_seats]
        if free:
            return Offer(rule=rule, door=free[0], reason=INVITED_BY_CITY if rule.by_city else INVITED)
        reason = NO_SEATS if near or not rule.by_city else NO_CITY
    return Skip(reason)


def extend(choice: Choice, offer: Offer, url: str) -> Choice | Skip:
    """The welcome with a link to the group behind its attachments, if there is room for one more."""
    if len(choice.attachments) >= limits.ATTACHMENTS.most:
        return Skip(NO_ROOM)
    return replace(choice, attachments=(*choice.attachments, attach(offer.rule, offer.door, url)))


def attach(rule: Draft, door: Door, url: str) -> Attachment:
    """The link to a group, called as the invitation says or as the group code is."""
    title = rule.title or door.name
    return Attachment(kind="link", title=title, url=url, description=rule.description)


def city_of(cities: Mapping[str, str], *, channel_id: int | None, departments: Sequence[int]) -> str:
    """The city of an add: that of the channel, else of the member's nearest department that has one."""
    names = [f"channel:{channel_id}"] if channel_id is not None else []
    names += [f"department:{number}" for number in departments]
    return next((cities[name] for name in names if cities.get(name)), "")


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with an invitation as written."""
    found = limits.RULE_NAME.check("name", draft.name.strip()) + _CODES.check("codes", draft.codes)
    found += _CHANNELS.check("channels", draft.channels) + _TAGS.check("tags", draft.tags)
    found += replace(limits.LINK_TITLE, least=0).check("title", draft.title)
    return found + limits.LINK_DESCRIPTION.check("description", draft.description)
