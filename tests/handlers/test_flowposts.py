"""A flow posts one moment a day, by the members of all who come to it."""

import pytest

from sop.moments import Status
from sop.relations import Deed
from tests.handlers.desk import Desk
from tests.handlers.flowing import DAY, draft, happen, publish, turn

POST = {"kind": "moment", "title": "新客上新", "text": "春季上新", "tags": ["et1"]}


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request) -> str:
    return request.param


@pytest.fixture
async def team(desk: Desk) -> Desk:
    """A desk of three members with a customer each."""
    for number, user_id in enumerate(("chen", "lin", "xu")):
        await desk.record(Deed.ADDED, external_user_id=f"wm{number}", user_id=user_id)
    return desk


async def posted(desk: Desk) -> list[tuple[str, tuple[str, ...]]]:
    moments = desk.store().moments
    found = [await moments.draft(one.id) for one in await moments.page()]
    return [(one.text, one.users) for one in found if one]


async def test_whoever_comes_on_a_day_shares_one_moment(team):
    flow = await publish(team, draft({"post": POST}))
    await happen(team, "added", "wm0", "chen")
    await happen(team, "added", "wm1", "lin")
    await turn(team, flow)
    await happen(team, "added", "wm2", "xu")
    await turn(team, flow)
    assert await posted(team) == [("春季上新", ("chen", "lin", "xu"))]
    (moment,) = await team.store().moments.page()
    assert (moment.status, moment.tags, moment.author) == (Status.APPROVED, ("et1",), f"flow:{flow}")


async def test_on_another_day_there_is_another(team):
    flow = await publish(team, draft({"post": POST}))
    await happen(team, "added", "wm0", "chen")
    await turn(team, flow)
    team.now += DAY
    await happen(team, "added", "wm1", "lin")
    await turn(team, flow, after=DAY)
    assert await posted(team) == [("春季上新", ("lin",)), ("春季上新", ("chen",))]


async def test_without_a_member_nothing_is_posted(team):
    flow = await publish(team, draft({"post": POST}))
    await happen(team, "added", "wm9", "")
    await turn(team, flow)
    assert await posted(team) == []
