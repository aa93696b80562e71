"""The virtual company before Siyu came, and the habits of its people and customers from then on."""

from simulator import Company, Simulator
from simulator.actions import acquisition, customers, groups, staff
from simulator.behaviour import Habits
from simulator.world.acquisition import Link
from simulator.world.groups import LAG

PAST = 60 * 86_400.0
CUSTOMERS = 120
TAGGED = 3  # every so many of them carry a tag
LINKED = 2  # every so many came by an acquisition link: WeCom tells apps of no other customer's answers
INSIDE = 8  # customers in a group
HABITS = Habits(
    arrivals=12,
    shifts=1.5,
    gatherings=0.8,
    friends=2,
    quits=1,
    news=0.5,
    resigns=0.5,
    half=0.05,
    leaves=0.08,
    removes=0.03,
    joins=0.7,
    notes=0.1,
    declines=0.1,
    sends=0.8,
    publishes=0.8,
    likes=0.2,
    comments=0.1,
    answers=0.25,
    errand=60,
)


def populate(simulator: Simulator, company: Company, names: tuple[str, ...]) -> None:
    """Give the members customers, and found groups of these names, in `PAST` seconds of the world's time."""
    world, corp = simulator.world, company.corp
    serving = [member.userid for member in company.members if member.serves]
    tags = list(corp.tags.tags)
    link = Link(corp.mint.text("old", 20), company.app.agent_id, world.now(), name="老客名片", users=serving)
    corp.acquisition.links[link.link_id] = link
    for number in range(CUSTOMERS):
        simulator.clock.advance(PAST / CUSTOMERS)
        if number % LINKED == 0:
            one = acquisition.come(world, corp, link_id=link.link_id)
        else:
            one = customers.add(world, corp, userid=serving[number % len(serving)])
        if number % TAGGED == 0:
            put = [tags[number % len(tags)]]
            staff.tag(world, corp, userid=one.userid, external_userid=one.external_userid, put=put)
    people = list(corp.contacts.customers)
    for number, name in enumerate(names):
        inside = people[number * INSIDE : (number + 1) * INSIDE]
        groups.found_group(world, corp, owner=serving[number + 1], name=name, customers=inside)
    simulator.clock.advance(LAG)
