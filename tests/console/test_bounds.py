"""What callers may send: every text, list and number has an end, and a write is asked for by a permission to write."""

import re
from typing import Any

import pytest

from console.api.openapi import describe
from console.api.roles import PERMISSIONS, Permission, Role
from console.site import collect
from tests.test_house import ROOT

ROUTES = list(collect())
SCHEMAS = describe(collect(), "1")["components"]["schemas"]
# A greeting that is tried out is neither stored nor sent; who may call is for those to see who decide it.
ODD = {
    "preview.preview",
    "broadcasts.forecasts.preview",
    "conditions.trying.preview",
    "conditions.trying.tell",
    "deliveries.workload.preview",
    "tokens.browse",
    "flows.sheets.lint",
    "schedules.preview",
    "feed.types.show",
}
# Bounded by the rules, which tell more than a schema can: bytes of a table or a file, depth and tests of a condition.
ELSEWHERE = {"ChannelTable.csv", "NewMaterial.content", "BulkTag.condition", "NewTagRule.condition"} | {
    "PreviewIn.condition", "TagRuleChange.condition",
    "ConditionTrial.condition", "CustomerTrial.condition", "NewSegment.condition", "SegmentChange.condition",
    "BroadcastIn.document", "BroadcastChange.document", "FlowIn.document", "FlowChange.document", "Entrance.data",
    "BusinessEvent.data", "FieldTable.csv", "Question.schedule",
}  # fmt: skip


@pytest.fixture
def backend() -> str:
    """Nothing here depends on the store."""
    return "sqlite"


def test_every_write_asks_for_a_permission_to_write_and_no_reading_does():
    odd = set()
    for route in ROUTES:
        writing = route.needs.value.endswith((".write", ".mark", ".manage", ".approve"))
        odd |= {f"{route.subject}.{route.name}"} if writing != route.writes else set()
    assert odd == ODD


def endless(schema: dict[str, Any], place: str) -> list[str]:
    """The places below a schema that have no end."""
    if place in ELSEWHERE or "$ref" in schema:
        return []
    inner = [each for key in ("anyOf", "oneOf", "allOf") for each in schema.get(key, ())]
    found = [name for each in inner for name in endless(each, place)]
    for key, each in schema.get("properties", {}).items():
        found += endless(each, f"{place}.{key}")
    if "items" in schema:
        found += endless(schema["items"], place)
    return found if ends(schema) else [*found, place]


def ends(schema: dict[str, Any]) -> bool:
    """Whether what a schema says of a value itself has an end."""
    told = schema.keys()
    match schema.get("type"):
        case "string" if "pattern" in told and "maxLength" not in told:
            return not re.search(r"[*+]|,}", schema["pattern"])
        case "string":
            return bool(told & {"maxLength", "enum", "const", "format"})
        case "array":
            return "maxItems" in told
        case "object":
            return bool(told & {"properties", "maxProperties"})
        case "integer" | "number":
            return bool(told & {"maximum", "exclusiveMaximum"})
    return True


def bodies() -> set[str]:
    """The names of the schemas that requests are made of, with all inside."""
    waiting = {route.body.__name__ for route in ROUTES if route.body}
    known: set[str] = set()
    while waiting:
        name = waiting.pop()
        known.add(name)
        waiting |= set(re.findall(r"#/components/schemas/(\w+)", str(SCHEMAS[name]))) - known
    return known


def test_everything_in_a_body_has_an_end():
    assert {place for name in bodies() for place in endless(SCHEMAS[name], name)} == set()


def test_everything_in_a_query_has_an_end():
    for route in ROUTES:
        schema = route.query.model_json_schema()
        dates = [name for name, field in schema.get("properties", {}).items() if "date" in str(field)]
        assert set(endless(schema, "query")) <= {f"query.{name}" for name in dates}, route.path


def test_no_body_is_larger_than_what_it_is_for():
    large = {f"{route.subject}.{route.name}" for route in ROUTES if route.limit > 256 * 1024}
    assert large == {
        "broadcasts.sheets.change",
        "broadcasts.sheets.create",
        "feed.intake.take",
        "fields.tables.write",
        "flows.people.enter",
        "flows.sheets.change",
        "flows.sheets.create",
        "flows.sheets.lint",
        "tags.bulk.start",
        "materials.create",
        "moments.drafts.change",
        "moments.drafts.create",
        "channels.tables.create",
        "transfers.orders.preview",
        "transfers.orders.start",
    }


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "3000-01-01", "9999-12-31"])
async def test_days_that_no_clock_of_ours_has_are_refused(site, day):
    for name in ("since", "until"):
        status, problem = await site("admin", "GET", f"/statistics/channels?{name}={day}")
        assert (status, problem["errors"][0]["field"]) == (422, name)


@pytest.mark.parametrize("user_id", ["a\0b", "a" * 65])
async def test_a_member_that_cannot_be_one_gets_no_token(site, user_id):
    status, problem = await site("admin", "POST", "/tokens", {"name": "a", "role": "rep", "user_id": user_id})
    assert (status, problem["errors"][0]["field"]) == (422, "user_id")


@pytest.mark.parametrize("texts", [["a\0"], ["a" * 201], ["a"] * 1001])
async def test_a_condition_keeps_within_bounds(site, texts):
    status, problem = await site("admin", "POST", "/tag-rules/preview", {"condition": {"state": texts}})
    assert (status, problem["errors"][0]["field"]) == (422, "condition.state")


def test_the_table_of_permissions_is_the_one_in_force():
    page = (ROOT / "docs" / "api.md").read_text()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| `")
    ]
    told = {cells[0].strip("`"): set(cells[2].split(", ")) for cells in rows}
    held = {each.value: {role.value for role in Role if each in PERMISSIONS[role]} for each in Permission}
    assert told == held
