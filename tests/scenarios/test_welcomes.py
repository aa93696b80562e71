"""A customer adds a member without any code: the narrowest rule greets."""

import base64

import pytest

from sop.events import MaterialsDue
from tests.stage import GREETING, read

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 64).decode()
DAY = 86_400


async def rule(stage, kind, text, *, scope_id=None, **more):
    scope = {"kind": kind} | ({"id": scope_id} if scope_id else {})
    return await stage.post("welcomes", {"name": f"{kind} 规则", "scope": scope, "text": text, **more})


async def greeted(stage, userid=""):
    relation = stage.add(userid)
    await stage.until(lambda: stage.greetings(relation))
    return stage.greetings(relation)[0]


async def test_the_staffs_rule_goes_before_the_departments_and_that_before_the_corps(siyu):
    department = siyu.corp.directory.find(siyu.rep).departments[0]
    await rule(siyu, "corp", "公司欢迎您")
    assert (await greeted(siyu))["text"]["content"] == "公司欢迎您"
    await rule(siyu, "department", "部门欢迎您", scope_id=str(department))
    assert (await greeted(siyu))["text"]["content"] == "部门欢迎您"
    await rule(siyu, "staff", "{staff}欢迎您", scope_id=siyu.rep)
    name = siyu.corp.directory.find(siyu.rep).name
    assert (await greeted(siyu))["text"]["content"] == f"{name}欢迎您"
    assert (await greeted(siyu, siyu.company.members[0].userid))["text"]["content"] == "公司欢迎您"


async def test_without_any_rule_nobody_is_greeted_and_the_reason_is_known(siyu):
    relation = siyu.add()
    await siyu.until(lambda: siyu.reasons("welcome", relation))
    await siyu.until(siyu.idle)
    assert siyu.calls(GREETING) == []
    assert await siyu.reasons("welcome", relation) == [("skipped", "no_rule")]
    assert len(siyu.inbox(relation.userid)) == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_picture_is_uploaded_ahead_and_renewed_before_its_three_days_end(siyu):
    material = await siyu.post("materials", {"kind": "image", "filename": "a.png", "content": PICTURE})
    await siyu.until(lambda: ready(siyu, material))
    assert len(siyu.calls("media/upload")) == 1
    attachments = [{"kind": "image", "material": material["id"]}]
    await rule(siyu, "corp", "你好", attachments=attachments)
    first = (await greeted(siyu))["attachments"][0]["image"]["media_id"]
    assert len(siyu.calls("media/upload")) == 1, "nothing is uploaded while a customer waits"

    for _ in range(16):  # four days, and a round of the clock every six hours
        siyu.push(DAY / 4)
        await siyu.announce(MaterialsDue(corp_id=siyu.corp.id, at=siyu.now()))
        await siyu.until(siyu.idle)
        shown = await siyu.get(f"materials/{material['id']}")
        assert shown["ready"], "the picture could not be sent"
    last = (await greeted(siyu))["attachments"][0]["image"]["media_id"]
    assert last != first
    assert len(siyu.calls("media/upload", code=0)) == 2
    assert read(siyu.calls(GREETING)[-1])["attachments"][0]["image"]["media_id"] == last


async def ready(stage, material):
    return (await stage.get(f"materials/{material['id']}"))["ready"]
