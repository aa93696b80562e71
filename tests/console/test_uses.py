"""What flows, broadcasts and segments rest on is not deleted under them: who uses it is told."""

import base64

import pytest

from tests.console.conftest import REP
from tests.console.people import add_staff

HELLO = {"kind": "message", "text": "你好"}


@pytest.fixture
async def company(site):
    store = site.store()
    add_staff(store, REP)
    await store.commit()
    return site


async def segment(company, name="常客"):
    _, made = await company("operator", "POST", "/segments", {"name": name, "condition": {"lost": False}})
    return made["id"]


async def flow(company, nodes=None, **rest):
    document = {"name": "旅程甲", "entries": [{"kind": "list"}], "start": "a", "nodes": nodes or {"a": HELLO}, **rest}
    status, made = await company("operator", "POST", "/flows", {"document": document})
    assert status == 201, made
    return f"/flows/{made['id']}", document


async def refused(company, path):
    status, problem = await company("operator", "DELETE", path)
    return problem["detail"] if status == 409 else status


async def test_a_segment_is_kept_for_a_flow_until_it_ends(company):
    identity = await segment(company)
    path, _ = await flow(company, exits={"segment": int(identity)})
    assert await refused(company, f"/segments/{identity}") == "仍被引用：旅程“旅程甲”。请先修改、结束或删除它们。"
    await company("operator", "POST", f"{path}/publish", {"mode": "finish", "edition": 1})
    assert (await company("operator", "POST", f"{path}/end", {}))[0] in (200, 204)
    assert await refused(company, f"/segments/{identity}") == 204


async def test_a_published_version_counts_though_the_draft_has_gone_on(company):
    identity = await segment(company)
    path, document = await flow(company, entries=[{"kind": "segment", "segment": int(identity)}])
    await company("operator", "POST", f"{path}/publish", {"mode": "finish", "edition": 1})
    _, shown = await company("operator", "GET", path)
    changed = {**document, "entries": [{"kind": "list"}]}
    await company("operator", "PUT", path, {"document": changed, "edition": shown["edition"]})
    assert "旅程甲" in await refused(company, f"/segments/{identity}")


async def test_a_segment_is_kept_for_a_broadcast(company):
    identity = await segment(company)
    document = {"name": "群发甲", "audience": {"segments": [identity]}, "contents": [{"text": "节日快乐"}]}
    status, made = await company("operator", "POST", "/broadcasts", {"document": document})
    assert status == 201, made
    assert "群发“群发甲”" in await refused(company, f"/segments/{identity}")
    await company("operator", "DELETE", f"/broadcasts/{made['id']}")
    assert await refused(company, f"/segments/{identity}") == 204


async def test_a_field_is_kept_for_a_segment_that_asks_for_it(company):
    await company("operator", "POST", "/fields", {"name": "city", "kind": "text", "zh": "城市", "en": "City"})
    condition = {"field": {"name": "city", "equals": "上海"}}
    _, made = await company("operator", "POST", "/segments", {"name": "上海", "condition": condition})
    assert "分群“上海”" in await refused(company, "/fields/city")
    await company("operator", "DELETE", f"/segments/{made['id']}")
    assert await refused(company, "/fields/city") == 204


async def test_a_material_is_kept_for_a_flow_and_a_broadcast(company):
    content = base64.b64encode(b"picture" * 9).decode()
    body = {"kind": "image", "filename": "x.png", "content": content}
    _, picture = await company("operator", "POST", "/materials", body)
    image = [{"kind": "image", "material": picture["id"]}]
    await flow(company, {"a": {**HELLO, "attachments": image}})
    document = {"name": "群发甲", "audience": {"everyone": True}, "contents": [{"text": "x", "attachments": image}]}
    await company("operator", "POST", "/broadcasts", {"document": document})
    said = await refused(company, f"/materials/{picture['id']}")
    assert said == "仍被引用：旅程“旅程甲”、群发“群发甲”。请先修改、结束或删除它们。"
