"""Segments and conditions over the API: tried, made, refreshed, paged, explained, within what a caller may see."""

from datetime import timedelta

import jsonschema_rs
import pytest

from handlers import segments
from handlers.jobs import conclude
from sop.events import JobEnded, PartEnded, SegmentDue, StepDue, load
from sop.fields import Change, Field, Value
from sop.relations import Deed, Fact
from sop.segments import DROP, REFRESH
from storage.engine.sql import Statement
from tests.console import people
from tests.console.conftest import LEADER, REP

_EVENTS = Statement("SELECT kind, body FROM events WHERE corp_id = :corp_id ORDER BY id")
OTHER = "li.na"
TAGGED = {"all": [{"tag": ["et1"]}, {"not": {"lost": True}}]}


@pytest.fixture
async def crowd(site):
    """Three customers: two are tagged, one of these two is the rep's."""
    store = site.store()
    people.add_staff(store, REP, OTHER, LEADER)
    people.add_tags(store)
    for external_user_id, user_id in {"wm1": REP, "wm2": OTHER, "wm3": OTHER}.items():
        people.add_customer(store, external_user_id, name=f"王{external_user_id}")
        await people.relate(store, external_user_id, user_id)
    for external_user_id, user_id in {"wm1": REP, "wm2": OTHER}.items():
        people.tag(store, external_user_id, user_id, "et1")
    store.fields.define(Field(name="phone", kind="text", personal=True))
    await store.commit()
    store = site.store()
    await store.fields.put([Change(external_user_id="wm1", name="phone", value=Value("138"))])
    await store.commit()
    return site


class Work:
    """Does what was announced, as dispatch would."""

    def __init__(self, site) -> None:
        self.site, self.seen = site, 0

    async def __call__(self) -> None:
        self.site.clock.now += timedelta(seconds=1)
        while rows := (await self.site.store().scope.fetch(_EVENTS))[self.seen :]:
            self.seen += len(rows)
            for row in rows:
                await self._do(load(row["kind"].partition(":")[0], row["body"]))

    async def _do(self, event) -> None:
        store = self.site.store()
        match event:
            case SegmentDue():
                await segments.begin(event, store)
            case StepDue(job=job):
                await {REFRESH: segments.refresh, DROP: segments.drop}[job](event, store)
            case PartEnded():
                await conclude(event, store)
            case JobEnded(job=job) if job == REFRESH:
                await segments.tell(event, store)
        await store.commit()


@pytest.fixture
def work(crowd):
    return Work(crowd)


async def make(site, condition=None, **about):
    status, segment = await site(
        "operator", "POST", "/segments", {"name": "重点", "condition": condition or TAGGED, **about}
    )
    assert status == 201, segment
    return segment


async def ids(site, role, path):
    status, page = await site(role, "GET", path)
    assert status == 200, page
    return [row["external_user_id"] for row in page["items"]]


async def test_a_condition_is_tried_before_it_is_saved(crowd):
    status, shown = await crowd("operator", "POST", "/conditions/preview", {"condition": TAGGED})
    assert (status, shown["count"], shown["margin"]) == (200, 2, 0)
    assert shown["sentence"] == "带有标签「高意向」，且未流失"
    assert [sample["name"] for sample in shown["samples"]] == ["王wm1", "王wm2"]
    _, shown = await crowd("rep", "POST", "/conditions/preview", {"condition": TAGGED})
    assert (shown["count"], [sample["external_user_id"] for sample in shown["samples"]]) == (1, ["wm1"])
    _, shown = await crowd("reviewer", "POST", "/conditions/preview", {"condition": TAGGED})
    assert [sample["name"] for sample in shown["samples"]] == ["王**", "王**"]


async def test_the_sentence_is_in_the_language_of_the_caller(crowd):
    english = {"Accept-Language": "en"}
    _, shown = await crowd("operator", "POST", "/conditions/preview", {"condition": TAGGED}, headers=english)
    assert shown["sentence"] == "has the tag “高意向”, and is not lost"


async def test_what_is_wrong_with_a_condition_is_told_all_at_once(crowd):
    wrong = {"all": [{"age": 1}, {"did": {"event": "x", "since_days": 0}}]}
    status, problem = await crowd("operator", "POST", "/segments", {"name": "x", "condition": wrong})
    assert status == 422
    assert [violation["field"] for violation in problem["errors"]] == [
        "condition.all.0",
        "condition.all.1.did.since_days",
    ]


@pytest.mark.parametrize(
    "strange",
    [{"tag": ["et9"]}, {"segment": ["9"]}, {"field": {"name": "age"}}, {"group": ["wr9"]}, {"group_tag": ["9"]}],
)
async def test_a_condition_names_only_what_there_is(crowd, strange):
    status, problem = await crowd("operator", "POST", "/conditions/preview", {"condition": {"not": strange}})
    assert (status, [violation["field"] for violation in problem["errors"]]) == (422, ["condition"])


async def test_the_schema_of_conditions_is_published(crowd):
    _, shown = await crowd("rep", "GET", "/conditions/schema")
    assert shown["version"] == 1
    assert jsonschema_rs.validator_for(shown["condition"]).is_valid(TAGGED)


async def test_a_segment_is_filled_at_once_and_its_members_are_seen_by_those_who_may(crowd, work):
    segment = await make(crowd)
    assert (segment["count"], segment["sentence"]) == (0, "带有标签「高意向」，且未流失")
    await work()
    path = f"/segments/{segment['id']}"
    _, shown = await crowd("reviewer", "GET", path)
    assert (shown["count"], shown["run"], shown["job_id"]) == (2, 1, None)
    assert await ids(crowd, "operator", f"{path}/members") == ["wm1", "wm2"]
    assert await ids(crowd, "rep", f"{path}/members") == ["wm1"]
    _, page = await crowd("operator", "GET", f"{path}/members?limit=1")
    assert await ids(crowd, "operator", f"{path}/members?limit=1&after={page['next']}") == ["wm2"]
    _, shown = await crowd("rep", "GET", "/customers/wm1/segments")
    assert [each["name"] for each in shown["items"]] == ["重点"]
    assert (await crowd("rep", "GET", "/customers/wm2/segments"))[0] == 404


async def test_who_came_and_who_went_is_listed_by_run(crowd, work):
    segment = await make(crowd)
    await work()
    store = crowd.store()
    await store.relations.record("wm2", OTHER, fact=Fact(deed=Deed.LOST, at=store.now + timedelta(minutes=1)))
    await store.commit()
    path = f"/segments/{segment['id']}"
    assert (await crowd("operator", "POST", f"{path}/refresh"))[0] == 204
    await work()
    assert await ids(crowd, "operator", f"{path}/moves?run=1") == ["wm1", "wm2"]
    assert await ids(crowd, "operator", f"{path}/moves?entered=false") == ["wm2"]
    assert await ids(crowd, "rep", f"{path}/moves?entered=false") == []
    _, page = await crowd("operator", "GET", f"{path}/runs")
    assert [(run["run"], run["count"], run["entered"], run["left"]) for run in page["items"]] == [
        (2, 1, 0, 1),
        (1, 2, 2, 0),
    ]


async def test_why_somebody_is_in_a_segment_is_told_clause_by_clause(crowd, work):
    segment = await make(crowd)
    await work()
    _, told = await crowd("rep", "GET", f"/segments/{segment['id']}/customers/wm1")
    assert (told["holds"], told["member"]) == (True, True)
    assert [(clause["path"], clause["sentence"], clause["holds"]) for clause in told["clauses"]] == [
        ("", "带有标签「高意向」，且未流失", True),
        ("all.0", "带有标签「高意向」", True),
        ("all.1", "未流失", True),
        ("all.1.not", "已流失", False),
    ]
    assert told["clauses"][1]["actual"] == ["et1"]
    _, told = await crowd("operator", "GET", f"/segments/{segment['id']}/customers/wm3")
    assert (told["holds"], told["member"], told["clauses"][1]["holds"]) == (False, False, False)
    assert (await crowd("rep", "GET", f"/segments/{segment['id']}/customers/wm2"))[0] == 404


async def test_what_a_caller_may_not_see_is_not_told_as_a_reason(crowd):
    store = crowd.store()
    await people.relate(store, "wm1", OTHER)
    await store.commit()
    trial = {"external_user_id": "wm1", "condition": {"any": [{"staff": [OTHER]}, {"field": {"name": "phone"}}]}}
    _, told = await crowd("rep", "POST", "/conditions/explain", trial)
    assert [clause["actual"] for clause in told["clauses"]] == [None, None, "138"]
    _, told = await crowd("reviewer", "POST", "/conditions/explain", trial)
    assert [clause["actual"] for clause in told["clauses"]] == [None, [REP, OTHER], None]


async def test_a_changed_condition_is_applied_at_once(crowd, work):
    segment = await make(crowd)
    await work()
    path = f"/segments/{segment['id']}"
    status, changed = await crowd("operator", "PATCH", path, {"condition": {"not": {"tag": ["et1"]}}})
    assert (status, changed["version"]) == (200, 2)
    await work()
    assert await ids(crowd, "operator", f"{path}/members") == ["wm3"]
    _, changed = await crowd("operator", "PATCH", path, {"name": "其他", "hours": 1})
    assert (changed["name"], changed["hours"]) == ("其他", 1)


async def test_a_segment_does_not_rest_on_itself_and_what_is_used_is_not_deleted(crowd, work):
    first = await make(crowd)
    second = await make(crowd, {"segment": [first["id"]]}, name="二")
    path = f"/segments/{first['id']}"
    status, problem = await crowd("operator", "PATCH", path, {"condition": {"not": {"segment": [second["id"]]}}})
    assert (status, problem["errors"][0]["field"]) == (422, "condition")
    status, problem = await crowd("operator", "DELETE", path)
    assert status == 409, problem
    assert (await crowd("operator", "DELETE", f"/segments/{second['id']}"))[0] == 204
    assert (await crowd("operator", "DELETE", path))[0] == 204
    await work()
    assert (await crowd("operator", "GET", "/segments"))[1]["items"] == []


async def test_those_who_may_not_write_rules_make_no_segments(crowd):
    assert (await crowd("rep", "POST", "/segments", {"name": "x", "condition": TAGGED}))[0] == 403
    assert (await crowd("reviewer", "POST", "/segments", {"name": "x", "condition": TAGGED}))[0] == 403
