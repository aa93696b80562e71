"""A token is shown once, found by its digest, and useless once revoked."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from storage.engine.sql import Statement
from storage.tokens import PERSONAL, ROLES, Tokens

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def tokens(database) -> Tokens:
    return Tokens(database)


@pytest.mark.parametrize("role", ROLES)
async def test_a_token_names_its_role_and_is_found(tokens, role):
    text = await tokens.create(role, name="Li Lei", user_id="li.lei" if role in PERSONAL else "", now=NOW)
    assert re.fullmatch(rf"siyu_{role}_[A-Za-z0-9_-]{{43}}", text)
    found = await tokens.find(text)
    assert (found.name, found.role, found.created_at, found.used_at) == ("Li Lei", role, NOW, None)


async def test_only_the_digest_is_kept(tokens, database):
    text = await tokens.create("admin", name="x", now=NOW)
    (row,) = await database.fetch(Statement("SELECT * FROM tokens"))
    assert row["digest"] == hashlib.sha256(text.encode()).hexdigest()
    assert text not in {row[name] for name in row.keys()}  # noqa: SIM118 - the keys of a row


async def test_two_tokens_are_never_the_same(tokens):
    assert len({await tokens.create("admin", name="x", now=NOW) for _ in range(5)}) == 5


@pytest.mark.parametrize("wrong", ["", "siyu_admin_", "siyu_admin_" + "x" * 43, "ü\ud800"])
async def test_an_unknown_token_is_nobodys(tokens, wrong):
    await tokens.create("admin", name="x", now=NOW)
    assert await tokens.find(wrong) is None


async def test_a_rep_needs_a_member_of_staff(tokens):
    with pytest.raises(ValueError, match="user id"):
        await tokens.create("rep", name="x", now=NOW)
    with pytest.raises(ValueError, match="no role"):
        await tokens.create("boss", name="x", now=NOW)
    assert await tokens.list() == []


async def test_a_revoked_token_is_nobodys_but_listed(tokens):
    text = await tokens.create("rep", name="x", user_id="chen.yu", now=NOW)
    (token,) = await tokens.list()
    assert await tokens.revoke(token.id, now=NOW)
    assert not await tokens.revoke(token.id, now=NOW)
    assert await tokens.find(text) is None
    (token,) = await tokens.list()
    assert (token.user_id, token.revoked_at) == ("chen.yu", NOW)


async def test_the_last_use_is_noted_to_the_minute(tokens):
    text = await tokens.create("admin", name="x", now=NOW)
    identity = (await tokens.find(text)).id
    await tokens.touch(identity, now=NOW)
    await tokens.touch(identity, now=NOW + timedelta(seconds=59))
    assert (await tokens.find(text)).used_at == NOW
    await tokens.touch(identity, now=NOW + timedelta(seconds=60))
    assert (await tokens.find(text)).used_at == NOW + timedelta(seconds=60)
