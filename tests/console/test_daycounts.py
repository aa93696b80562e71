"""Groups and links in WeCom's numbers and in ours: day by day, by owner, for those who may see them, and as tables."""

import csv
import io
from datetime import date, timedelta

import pytest

from sop.acquisition import Draft
from sop.daycounts import GroupCounts
from sop.groups import Changes, Group, Stay
from sop.staff import Department, Member
from storage.daycounts import LinkCounts
from tests.console.conftest import LEADER, NOW, REP

OTHER = "li.na"
FIRST, SECOND = date(2026, 5, 2), date(2026, 5, 3)
SPAN = "since=2026-05-02&until=2026-05-04"


@pytest.fixture
async def company(site):
    """Two owners, the rep in the leader's department and another; WeCom has told of the second and third of May."""
    store = site.store()
    await store.staff.replace([], [Department(id=2, leaders=(LEADER,)), Department(id=3)], at=store.now)
    for user_id, department in ((LEADER, 2), (REP, 2), (OTHER, 3)):
        store.staff.put(Member(user_id=user_id, departments=(department,)), at=store.now)
    for owner, many in ((REP, 1), (OTHER, 2)):
        stays = tuple(
            Stay(member_id=f"wm{number}", kind="customer", joined_at=NOW - timedelta(days=1)) for number in range(many)
        )
        group = Group(chat_id=f"g-{owner}", owner=owner, created_at=NOW - timedelta(days=2), version="1", stays=stays)
        store.groups.put(None, group, Changes(came=stays), status="normal")
        store.daycounts.note_groups(owner, FIRST, GroupCounts(new_groups=1, groups=1, messages=5 * many))
        store.daycounts.note_groups(owner, SECOND, GroupCounts(groups=1, new_members=many, members=1 + many))
    site.link = store.links.adopt(Draft(name="=海报", staff=(REP,)), link_id="caw1", url="u")
    store.daycounts.note_link(site.link, SECOND, LinkCounts(clicks=9, customers=2))
    store.newcomers.come("wm1", REP, link=site.link, source="", at=NOW - timedelta(days=1))
    store.newcomers.come("wm2", OTHER, link=site.link, source="", at=NOW)
    await store.commit()
    return site


async def ask(site, path, role="operator"):
    status, document = await site(role, "GET", path)
    assert status == 200, document
    return document


async def test_groups_are_told_day_by_day_and_together(company):
    shown = await ask(company, f"/statistics/groups?{SPAN}")
    first, second, today = shown["rows"]
    assert (first["day"], first["wecom"]["new_groups"], first["wecom"]["messages"]) == ("2026-05-02", 2, 15)
    assert (second["wecom"]["new_members"], second["here"]["joined"]) == (3, 3)
    assert (first["here"], today["wecom"]) == ({"new_groups": 2, "joined": 0, "left": 0}, None)
    total = shown["total"]
    assert (total["wecom"]["new_groups"], total["wecom"]["groups"], total["wecom"]["messages"]) == (2, 2, 0)
    assert total["here"] == {"new_groups": 2, "joined": 3, "left": 0}
    assert len((await ask(company, "/statistics/groups"))["rows"]) == 7


async def test_owners_are_told_one_by_one(company):
    first = await ask(company, f"/statistics/group-owners?{SPAN}&limit=1")
    second = await ask(company, f"/statistics/group-owners?{SPAN}&limit=1&after={first['next']}")
    (one,), (other,) = first["items"], second["items"]
    assert (one["owner"], other["owner"], second["next"]) == (REP, OTHER, None)
    assert (other["wecom"]["new_groups"], other["wecom"]["members"], other["here"]["joined"]) == (1, 3, 2)


async def test_a_leader_and_a_rep_see_the_groups_within_their_scope(company):
    for role in ("leader", "rep"):
        shown = await ask(company, f"/statistics/groups?{SPAN}", role)
        assert (shown["total"]["wecom"]["groups"], shown["total"]["here"]["joined"]) == (1, 1)
        page = await ask(company, f"/statistics/group-owners?{SPAN}", role)
        assert [one["owner"] for one in page["items"]] == [REP]
        assert (await company(role, "GET", f"/statistics/groups?owner={OTHER}"))[0] == 403
    shown = await ask(company, f"/statistics/groups?{SPAN}&owner={OTHER}")
    assert shown["total"]["wecom"]["members"] == 3


async def test_a_link_is_told_day_by_day_its_clicks_only_to_who_sees_all_of_it(company):
    path = f"/acquisition-links/{company.link}/statistics?{SPAN}"
    shown = await ask(company, path)
    assert [row["wecom"] for row in shown["rows"]] == [None, {"clicks": 9, "customers": 2}, None]
    assert [row["here"]["customers"] for row in shown["rows"]] == [0, 1, 1]
    assert shown["total"] == {"wecom": {"clicks": 9, "customers": 2}, "here": {"customers": 2, "lost": 0}}
    shown = await ask(company, path, "leader")
    assert shown["total"] == {"wecom": None, "here": {"customers": 1, "lost": 0}}
    assert (await company("rep", "GET", path))[0] == 403
    assert (await company("operator", "GET", "/acquisition-links/1/statistics"))[0] == 404


async def test_what_is_asked_for_backwards_is_refused(company):
    for path in ("/statistics/groups", "/statistics/group-owners", f"/acquisition-links/{company.link}/statistics"):
        status, problem = await company("operator", "GET", f"{path}?since=2026-05-02&until=2026-05-01")
        assert (status, problem["errors"][0]["field"]) == (422, "until")


async def test_all_come_as_tables_too(company):
    async def table(path):
        response = await company.ask("operator", "GET", f"{path}?{SPAN}", headers={"Accept": "text/csv"})
        assert response.status == 200
        return list(csv.reader(io.StringIO((await response.read()).decode("utf-8-sig"))))

    headings, first, _, today = await table("/statistics/groups")
    assert (headings[0], first[:3], today[:2]) == ("日期", ["2026-05-02", "2", "2"], ["2026-05-04", ""])
    assert [len(row) for row in await table("/statistics/group-owners")] == [11, 11, 11]
    assert (await table(f"/acquisition-links/{company.link}/statistics"))[2] == ["2026-05-03", "9", "2", "1", "0"]
