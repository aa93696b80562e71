"""Who is let in, what each role may do, and patience with guessers."""

from datetime import timedelta

import pytest

from console.api.auth import ALLOWED_FAILURES, RECOVERY
from console.api.roles import PERMISSIONS, Permission, Role
from console.site import collect
from storage.tokens import Tokens
from tests.console.conftest import REP

ROUTES = list(collect())
WITH_AND_WITHOUT = [
    {"name": "x", "role": "rep"},
    {"name": "x", "role": "leader"},
    {"name": "x", "role": "admin", "user_id": "a"},
]


@pytest.fixture
def backend() -> str:
    """Nothing here depends on the store."""
    return "sqlite"


async def test_a_token_is_needed(site):
    response = await site.ask("", "GET", "/events")
    assert response.status == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await response.json(content_type=None))["type"] == "urn:siyu:problem:token-missing"


async def test_an_unknown_and_a_revoked_token_are_told_apart(site):
    await site.token("operator")
    (token,) = await Tokens(site.database).list()
    await Tokens(site.database).revoke(token.id, now=site.clock())
    status, problem = await site("operator", "GET", "/events")
    assert (status, problem["type"]) == (401, "urn:siyu:problem:token-revoked")
    site.tokens["operator"] = "siyu_operator_guessed"
    status, problem = await site("operator", "GET", "/events")
    assert (status, problem["type"]) == (401, "urn:siyu:problem:token-invalid")


async def test_each_role_reaches_what_its_permissions_say_and_nothing_else(site):
    for route in ROUTES:
        path = route.path.removeprefix("/api/v1").format_map(dict.fromkeys(route.places, "1"))
        for role in Role:
            status, problem = await site(role.value, route.method, path)
            refused = status == 403 and problem["type"] == "urn:siyu:problem:forbidden"
            assert refused == (route.needs not in PERMISSIONS[role]), (role, route.method, route.path, status)


def test_no_reviewer_and_no_rep_may_write_rules():
    writing = {Permission.WRITE_RULES, Permission.WRITE_WORKINGS, Permission.MANAGE_TOKENS}
    assert not writing & PERMISSIONS[Role.REVIEWER]
    assert not writing & PERMISSIONS[Role.REP]
    assert Permission.SEE_PEOPLE not in PERMISSIONS[Role.REVIEWER]
    assert Permission.MANAGE_TOKENS not in PERMISSIONS[Role.OPERATOR]


def test_a_route_that_writes_asks_for_a_permission_to_write():
    for route in ROUTES:
        if route.writes and route.path.rpartition("/")[2] not in {"preview", "explain", "lint"}:
            assert route.needs.value.endswith((".write", ".mark", ".manage", ".approve")), route.path


async def test_the_body_is_not_even_read_without_a_token(site):
    response = await site.ask("", "POST", "/tokens", data=b"not json", headers={"Content-Type": "text/plain"})
    assert response.status == 401


async def test_an_address_that_guesses_is_slowed_but_not_those_who_are_known(site):
    await site("operator", "GET", "/events")
    await site.token("reviewer")
    known = site.tokens["operator"]
    for number in range(ALLOWED_FAILURES):
        site.tokens["operator"] = f"siyu_operator_{number}"
        assert (await site("operator", "GET", "/events"))[0] == 401
    response = await site.ask("operator", "GET", "/events")
    assert response.status == 429
    assert 0 < int(response.headers["Retry-After"]) <= RECOVERY.total_seconds() + 1
    assert (await site("reviewer", "GET", "/events"))[0] == 429
    site.tokens["operator"] = known
    assert (await site("operator", "GET", "/events"))[0] == 200
    site.clock.now += RECOVERY + timedelta(seconds=1)
    assert (await site("reviewer", "GET", "/events"))[0] == 200


async def test_a_token_is_made_shown_once_and_revoked(site):
    headers = {"Idempotency-Key": "a"}
    body = {"name": "前台", "role": "rep", "user_id": REP}
    status, made = await site("admin", "POST", "/tokens", body, headers=headers)
    assert status == 201
    site.tokens["rep"] = made["token"]
    assert (await site("rep", "GET", "/decisions"))[0] == 200
    status, again = await site("admin", "POST", "/tokens", body, headers=headers)
    assert (status, again) == (201, {**made, "token": None})
    assert (await site("admin", "DELETE", f"/tokens/{made['id']}"))[0] == 204
    assert (await site("rep", "GET", "/decisions"))[0] == 401
    assert (await site("admin", "DELETE", f"/tokens/{made['id']}"))[0] == 404


@pytest.mark.parametrize("body", WITH_AND_WITHOUT)
async def test_only_a_reps_or_leaders_token_speaks_for_a_member(site, body):
    status, problem = await site("admin", "POST", "/tokens", body)
    assert status == 422
    assert [error["field"] for error in problem["errors"]] == ["user_id"]
