"""Who leads whom: from a member's direct leader up the tree of departments."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of staff; `departments` are ids, `leads` those of them that the member leads."""

    user_id: str
    name: str = ""
    departments: tuple[int, ...] = ()
    leads: tuple[int, ...] = ()
    leader: str = ""  # the direct leader, if WeCom names one
    active: bool = True
    contactable: bool = False  # has the customer-contact function


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department and the members who lead it."""

    id: int
    name: str = ""
    parent_id: int = 0
    leaders: tuple[str, ...] = ()


def climb(member: Member, departments: Mapping[int, Department]) -> Iterator[tuple[str, ...]]:
    """The member's leads, nearest first: the direct leader, then the leaders of each floor of departments above.

    Never the member; a level without leaders is left out, a circle in the tree ends the climb.
    """
    if member.leader and member.leader != member.user_id:
        yield (member.leader,)
    floor = member.departments
    seen: set[int] = set()
    while floor:
        here = [departments[each] for each in floor if each in departments and each not in seen]
        seen.update(floor)
        leaders = {leader: None for each in here for leader in each.leaders if leader != member.user_id}
        if leaders:
            yield tuple(leaders)
        floor = tuple({each.parent_id: None for each in here})


def led(member: Member, departments: Mapping[int, Department]) -> frozenset[int]:
    """The departments that a member leads by the word of either, with all below; none for one who has left."""
    if not member.active:
        return frozenset()
    told = {each.id for each in departments.values() if member.user_id in each.leaders}
    return below({*member.leads, *told}, departments)


def below(roots: Collection[int], departments: Mapping[int, Department]) -> frozenset[int]:
    """These departments and all that hang below them; a circle in the tree ends the descent."""
    children: dict[int, list[int]] = {}
    for each in departments.values():
        children.setdefault(each.parent_id, []).append(each.id)
    found: set[int] = set()
    floor = set(roots)
    while floor:
        found |= floor
        floor = {child for parent in floor for child in children.get(parent, ())} - found
    return frozenset(found)


def above(own: Iterable[int], departments: Mapping[int, Department]) -> tuple[int, ...]:
    """Departments and all above them; a circle in the tree ends the climb."""
    found: dict[int, None] = {}
    floor = list(own)
    while floor:
        number = floor.pop()
        if number and number not in found:
            found[number] = None
            if number in departments:
                floor.append(departments[number].parent_id)
    return tuple(found)
