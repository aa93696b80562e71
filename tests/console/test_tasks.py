from datetime import timedelta

import pytest

from sop.tasks import Give, Status
from tests.console import people
from tests.console.conftest import NOW, REP

HOUR = timedelta(hours=1)
OTHER = "li.na"
LATER = (NOW + 3 * HOUR).isoformat()


@pytest.fixture
async def team(site):
    store = site.store()
    people.add_staff(store, REP, OTHER)
    people.add_customer(store, "wm1", name="王小明")
    await people.relate(store, "wm1", REP)
    await store.commit()
    return site


async def give(site, **more) -> str:
    about = {"user_id": REP, "external_user_id": "wm1", "what": "call", "title": "回访王小明", "text": "您好"}
    store = site.store()
    task_id = store.tasks.give(Give(**{**about, "effect": "a", "due_at": NOW + HOUR, **more}))
    await store.commit()
    return str(task_id)


async def test_an_operator_gives_a_task_by_hand(team):
    body = {"staff": REP, "customer": "wm1", "title": "回访", "text": "您好", "due_at": LATER}
    status, given = await team("operator", "POST", "/tasks", {**body, "escalate_after_minutes": 30})
    assert (status, given["status"], given["what"], given["origin_id"]) == (201, "open", "given", None)
    status, task = await team("rep", "GET", f"/tasks/{given['id']}")
    assert (status, task) == (200, given)
    assert (await team.store().tasks.get(int(given["id"]))).escalate_after == HOUR / 2


@pytest.mark.parametrize(
    ("change", "field"),
    [({"staff": "nobody"}, "staff"), ({"customer": "wm9"}, "customer"), ({"staff": OTHER}, "customer")],
)
async def test_a_task_names_who_is_there_and_a_customer_of_theirs(team, change, field):
    body = {"staff": REP, "customer": "wm1", "title": "回访", "due_at": LATER, **change}
    status, problem = await team("operator", "POST", "/tasks", body)
    assert (status, [error["field"] for error in problem["errors"]]) == (422, [field])


async def test_a_rep_gives_tasks_to_nobody_else(team):
    body = {"staff": OTHER, "title": "回访", "due_at": LATER}
    status, problem = await team("rep", "POST", "/tasks", body)
    assert (status, problem["type"]) == (403, "urn:siyu:problem:out-of-scope")
    task_id = await give(team)
    assert (await team("rep", "POST", f"/tasks/{task_id}/hand", {"staff": OTHER}))[0] == 403


async def test_a_task_is_put_off_handed_on_and_cancelled(team):
    task_id = await give(team)
    status, task = await team("rep", "POST", f"/tasks/{task_id}/postpone", {"until": LATER})
    assert (status, task["status"], task["due_at"]) == (200, "postponed", LATER.replace("+00:00", "Z"))
    status, task = await team("operator", "POST", f"/tasks/{task_id}/hand", {"staff": OTHER})
    assert (status, task["status"], task["user_id"]) == (200, "open", OTHER)
    assert (await team("rep", "GET", f"/tasks/{task_id}"))[0] == 404
    status, task = await team("operator", "POST", f"/tasks/{task_id}/cancel")
    assert (status, task["status"], task["reason"]) == (200, "cancelled", "task_cancelled")
    for action, body in (("done", None), ("cancel", None), ("hand", {"staff": REP}), ("postpone", {"until": LATER})):
        assert (await team("operator", "POST", f"/tasks/{task_id}/{action}", body))[0] == 409, action


async def test_what_cannot_be_put_off_says_why(team):
    task_id = await give(team)
    status, problem = await team("rep", "POST", f"/tasks/{task_id}/postpone", {"until": NOW.isoformat()})
    assert (status, problem["errors"][0]["field"]) == (422, "until")
    assert (await team.store().tasks.get(int(task_id))).status is Status.OPEN


async def test_a_task_that_was_done_keeps_its_moment(team):
    task_id = await give(team)
    _, first = await team("rep", "POST", f"/tasks/{task_id}/done")
    team.clock.now += HOUR
    status, again = await team("rep", "POST", f"/tasks/{task_id}/done")
    assert (status, again["ended_at"], again["ended_by"]) == (200, first["ended_at"], REP)


async def test_names_in_tasks_are_hidden_from_who_may_not_see_people(team):
    task_id = await give(team)
    _, task = await team("reviewer", "GET", f"/tasks/{task_id}")
    assert (task["title"], task["text"]) == ("", "")


async def test_tasks_are_found_by_where_they_come_from_and_whether_they_wait(team):
    mine = await give(team, origin="flow", origin_id=7)
    await give(team, effect="b")
    _, page = await team("operator", "GET", "/tasks?origin=flow&origin_id=7&pending=true&what=call")
    assert [task["id"] for task in page["items"]] == [mine]
    await team("operator", "POST", f"/tasks/{mine}/done")
    _, page = await team("operator", "GET", "/tasks?origin=flow&pending=true")
    assert page["items"] == []


async def test_members_are_told_in_numbers_page_by_page(team):
    task_id = await give(team)
    await give(team, effect="b")
    await team("rep", "POST", f"/tasks/{task_id}/done")
    _, page = await team("operator", "GET", "/tasks/numbers?limit=1")
    assert page["items"] == [
        {
            "user_id": REP, "name": f"员工{REP}", "pending": 1, "late": 0, "escalated": 0,
            "done": 1, "in_time": 1, "cancelled": 0,
        }
    ]  # fmt: skip
    _, rest = await team("operator", "GET", f"/tasks/numbers?limit=1&after={page['next']}")
    assert [(row["user_id"], row["pending"]) for row in rest["items"]] == [(OTHER, 0)]
    _, own = await team("rep", "GET", "/tasks/numbers")
    assert [row["user_id"] for row in own["items"]] == [REP]
    team.clock.now += timedelta(days=9)
    _, page = await team("rep", "GET", "/tasks/numbers")
    assert page["items"][0]["done"] == 0


async def test_the_morning_is_set_by_operators(team):
    _, settings = await team("operator", "GET", "/settings")
    assert (settings["digest_enabled"], settings["digest_hour"]) == (False, 9)
    status, settings = await team("operator", "PATCH", "/settings", {"digest_enabled": True, "digest_hour": 8})
    assert (status, settings["digest_enabled"], settings["digest_hour"]) == (200, True, 8)
