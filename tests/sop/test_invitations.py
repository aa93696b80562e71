"""Which group a newly added customer is offered, and why."""

import pytest

from sop.greeting import Choice
from sop.greeting import Rule as Greeting
from sop.groups import invitations
from sop.groups.invitations import Arrival, Door, Draft, Offer, Rule
from sop.intents import Attachment
from sop.reasons import Skip

GREETING = Greeting(id=1, version=1, name="默认", scope_kind="corp")
NEAR = Door(code_id=1, name="上海群", state="g-1", city="上海", seats=5)
DOORS = {1: NEAR, 2: Door(code_id=2, name="北京群", state="g-2", city="北京", seats=9)}


def rule(**about):
    return Rule(**{"id": 1, "version": 1, "name": "进群", "codes": (1, 2), **about})


def choose(*rules, doors=DOORS, **arrival):
    found = invitations.choose(rules, Arrival(**arrival), doors)
    return (found.door.code_id, found.reason) if isinstance(found, Offer) else found.reason


def test_the_first_group_with_free_seats_is_offered():
    assert choose(rule()) == (1, invitations.INVITED)
    assert choose(rule(least_seats=6)) == (2, invitations.INVITED)
    assert choose(rule(least_seats=10)) == invitations.NO_SEATS
    assert choose(rule(), doors={}) == invitations.NO_SEATS


@pytest.mark.parametrize(
    ("wanted", "arrival"),
    [({"channels": (7,)}, {"channel_id": 7}), ({"tags": ("et1", "et2")}, {"tags": frozenset({"et2"})})],
)
def test_an_invitation_is_for_some_channels_and_tags(wanted, arrival):
    assert choose(rule(**wanted), **arrival) == (1, invitations.INVITED)
    assert choose(rule(**wanted)) == invitations.NOT_INVITED
    assert choose(rule(enabled=False)) == invitations.NOT_INVITED


def test_the_group_of_the_customers_city_is_offered():
    assert choose(rule(by_city=True), city="北京") == (2, invitations.INVITED_BY_CITY)
    assert choose(rule(by_city=True), city="广州") == invitations.NO_CITY
    assert choose(rule(by_city=True)) == invitations.NO_CITY


def test_of_two_invitations_the_older_comes_first_and_the_newer_when_that_is_full():
    full = rule(id=2, codes=(3,))
    assert choose(rule(id=5, codes=(2,)), full) == (2, invitations.INVITED)
    assert choose(rule(id=5, codes=(2,)), rule(id=2, codes=(1,))) == (1, invitations.INVITED)


def test_the_city_is_that_of_the_channel_else_of_the_nearest_department():
    cities = {"channel:7": "上海", "department:3": "北京", "department:1": "广州"}
    assert invitations.city_of(cities, channel_id=7, departments=(3,)) == "上海"
    assert invitations.city_of(cities, channel_id=8, departments=(2, 3, 1)) == "北京"
    assert invitations.city_of({}, channel_id=None, departments=()) == ""


def test_a_welcome_that_is_full_stays_as_it_is():
    link = Attachment(kind="link", title="a", url="https://example.com")
    offer = Offer(rule=rule(title="进群领券"), door=NEAR, reason=invitations.INVITED)
    choice = Choice(rule=GREETING, slot=None, text="你好", attachments=(link,) * 8)
    extended = invitations.extend(choice, offer, "https://siyu/g/1")
    assert extended.attachments[-1] == Attachment(kind="link", title="进群领券", url="https://siyu/g/1")
    assert invitations.extend(extended, offer, "https://siyu/g/1") == Skip(invitations.NO_ROOM)


def test_what_is_wrong_with_an_invitation_is_told():
    draft = Draft(name=" ", codes=(), title="题" * 43)
    assert {one.field for one in invitations.check(draft)} == {"name", "codes", "title"}
    assert invitations.check(rule()) == []
