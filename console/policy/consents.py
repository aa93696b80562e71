"""What customers want to hear of, who is not to be contacted at all, and by which clocks they live."""

from datetime import datetime
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import invalid
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Line, Page, Shape, Walk
from console.api.words import Words
from console.customers import find
from sop.policy import ANY_CONTACT, MARKETING, Policy
from storage.policy.consents import Consent

routes = Routes()
_NO_ZONE = Words("没有这个时区，应为 America/New_York 之类", "there is no such zone; it is one like America/New_York")
_ONLY_NO = Words("该客户没有被设为不再联系，无需解除", "this customer is not blocked: there is nothing to lift")


class Said(Shape):
    """Whether the customer wants to hear of the topic; `why` is for who reads it later, such as how they said so."""

    given: bool
    why: Line = ""


class Home(Shape):
    """The zone by whose clocks a customer lives, such as America/New_York; empty: the corp's."""

    zone: Annotated[str, Field(max_length=64)]


class ConsentQuery(Walk):
    """Which topic ("*": any contact), and who said no to it, or yes."""

    topic: Key = MARKETING
    given: bool = False


class ConsentOut(Answer):
    """What a customer said about a topic; the topic "*" is any contact at all."""

    external_user_id: str
    topic: str
    given: bool
    by: str
    why: str
    since: datetime


class TopicOfCustomer(Answer):
    """A topic, and whether the customer hears of it as things stand."""

    key: str
    zh: str
    en: str
    hears: bool
    said: ConsentOut | None


class CustomerContact(Answer):
    """How a customer may be contacted. `blocked`: not at all, not even for transactions."""

    external_user_id: str
    blocked: bool
    zone: str
    topics: tuple[TopicOfCustomer, ...]


@routes.on(
    "GET /customers/{external_user_id}/contact",
    Permission.READ_CUSTOMERS,
    "客户的触达意愿",
    "Show a customer's consents",
)
async def show(call: Call, external_user_id: Key) -> CustomerContact:
    """Topic by topic; what a customer said of a topic that is not in the policy any more is kept, and shown."""
    await find(call, external_user_id)
    words = await call.store.policy.consents.of(external_user_id)
    return await _show(call, external_user_id, words)


@routes.on(
    "PUT /customers/{external_user_id}/consents/{topic}",
    Permission.MARK_CUSTOMERS,
    "登记客户同意或退订",
    "Note a customer's word on a topic",
)
async def say(call: Call, external_user_id: Key, topic: Key, body: Said) -> CustomerContact:
    """A topic of the policy, or "*" with false for no contact at all. Told in the timeline; flows hear of it."""
    await find(call, external_user_id)
    consents = call.store.policy.consents
    words = await consents.of(external_user_id)
    policy = await call.store.policy.current()
    known = {each.key for each in policy.topics} | words.keys() | {ANY_CONTACT}
    if topic not in known:
        names = "、".join(sorted(known)), ", ".join(sorted(known))
        raise invalid("topic", Words(f"没有这个主题；可用：{names[0]}", f"is no topic; there are {names[1]}"))
    if topic == ANY_CONTACT and body.given and topic not in words:
        raise invalid("given", _ONLY_NO)
    by = call.principal.user_id or f"token:{call.principal.token_id}"
    said = await consents.say(external_user_id, topic, given=body.given, by=by, why=body.why)
    return await _show(call, external_user_id, words | {topic: said})


@routes.on(
    "PUT /customers/{external_user_id}/zone", Permission.MARK_CUSTOMERS, "设置客户所在时区", "Set a customer's zone"
)
async def move(call: Call, external_user_id: Key, body: Home) -> CustomerContact:
    """Quiet hours, and the days that caps count, go by it from now on."""
    await find(call, external_user_id)
    if body.zone and body.zone not in available_timezones():
        raise invalid("zone", _NO_ZONE)
    call.store.policy.consents.move(external_user_id, body.zone)
    words = await call.store.policy.consents.of(external_user_id)
    return (await _show(call, external_user_id, words)).model_copy(update={"zone": body.zone})


@routes.on("GET /consents", Permission.READ_CUSTOMERS, "退订与同意名单", "List who opted out or in")
async def browse(call: Call, query: ConsentQuery) -> Page[ConsentOut]:
    """The newest first; a rep sees their own customers, a leader those of their departments."""
    place = read_place(query.after, int, str)
    after = (int(place[0]), str(place[1])) if place else None
    found = await call.store.policy.consents.page(
        query.topic, given=query.given, staff=call.principal.staff, after=after, most=query.limit + 1
    )
    return turn(found, query.limit, lambda each: _said(call, each), lambda each: each.place)


async def _show(call: Call, external_user_id: str, words: dict[str, Consent]) -> CustomerContact:
    policy = await call.store.policy.current()
    zone = (await call.store.policy.consents.zones([external_user_id])).get(external_user_id)
    blocked = ANY_CONTACT in words and not words[ANY_CONTACT].given
    gone = sorted(words.keys() - {each.key for each in policy.topics} - {ANY_CONTACT})
    return CustomerContact(
        external_user_id=external_user_id,
        blocked=blocked,
        zone=zone.key if zone else "",
        topics=tuple(
            _topic(call, policy, key, words.get(key)) for key in (*(each.key for each in policy.topics), *gone)
        ),
    )


def _topic(call: Call, policy: Policy, key: str, said: Consent | None) -> TopicOfCustomer:
    topic = policy.topic(key)
    hears = said.given if said else topic.consent == "assumed"
    return TopicOfCustomer(key=key, zh=topic.zh, en=topic.en, hears=hears, said=_said(call, said) if said else None)


def _said(call: Call, consent: Consent) -> ConsentOut:
    """Who noted it is shown to those who may see that member; why, to those who may see people."""
    shown = ConsentOut.model_validate(consent)
    return shown.model_copy(
        update={
            "by": shown.by if call.principal.sees(shown.by) else "",
            "why": call.principal.hide(shown.why),
        }
    )
