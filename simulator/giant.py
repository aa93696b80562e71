"""A giant company: thousands of members, a million customers, the same for the same seed, made in seconds."""

import gc

from simulator.names import nickname
from simulator.world import World
from simulator.world.contacts import Customer, Relation, Standing
from simulator.world.corp import Corp
from simulator.world.people import Department, Member

TEAM = 50  # members of a department
TEAMS = 10  # departments of a region
FIRST = 100  # the id of the first region; smaller ones are of the small company
SHARED = 20  # every so many customers have two members
TAGGED = 2  # every so many customers carry a tag
AGE = 300 * 86_400  # seconds over which they came


def grow(world: World, corp: Corp, *, staff: int, customers: int) -> list[str]:
    """Give a corp so many more members, and pairs of a member and a customer; nobody is told. The new user ids."""
    hired = _hire(corp, staff)
    collecting = gc.isenabled()
    gc.disable()  # nothing made here is garbage
    try:
        _acquaint(world, corp, hired, customers)
    finally:
        if collecting:
            gc.enable()
    return hired


def _hire(corp: Corp, staff: int) -> list[str]:
    hired: list[str] = []
    for number in range(staff):
        team = number // TEAM
        region = FIRST + team // TEAMS
        department = FIRST * 1000 + team
        if region not in corp.directory.departments:
            corp.directory.found(Department(region, f"大区{region}"))
        if department not in corp.directory.departments:
            corp.directory.found(Department(department, f"门店{team}", region))
        member = corp.directory.add(Member(f"giant.{number:05d}", f"顾问{number}", [department], "顾问"))
        if number % TEAM == 0:
            corp.directory.promote(member, department)
        hired.append(member.userid)
    return hired


def _acquaint(world: World, corp: Corp, hired: list[str], pairs: int) -> None:
    """Spread customers over members unevenly: the last has about three times as many as the first."""
    tags = [tag.id for tag in corp.tags.tags.values()]
    now, chance = world.now(), world.random
    names = [nickname(chance) for _ in range(5000)]
    last = ""
    for number in range(pairs):
        share = number / pairs
        place = int(len(hired) * share * (1.5 - 0.5 * share))
        if number % SHARED or not last:
            last = corp.mint.text("wm", 30)
            unionid = corp.mint.text("o", 27)
            corp.contacts.customers[last] = Customer(last, names[number % 5000], gender=number % 3, unionid=unionid)
        else:
            place = (place + len(hired) // 2) % len(hired)
        relation = Relation(hired[place], last, now - AGE + int(AGE * share), Standing.MUTUAL, 1, oper_userid=last)
        if tags and number % TAGGED == 0:
            relation.tags[tags[number % len(tags)]] = now
        corp.contacts.relate(relation)
