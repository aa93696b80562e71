"""Codes over their lives: exclusive and temporary ones, copies, expiry, archive."""

import base64
from datetime import timedelta

import pytest

from simulator.actions.errors import Impossible
from sop.slots import SHANGHAI
from tests.stage import GREETING

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 64).decode()


async def test_a_channel_expires_and_its_history_stays(siyu):
    expires_at = (siyu.now() + timedelta(hours=1)).isoformat()
    channel = await siyu.channel(expires_at=expires_at)
    relation = siyu.scan(channel)
    await siyu.until(siyu.idle)
    siyu.push(3601)
    await siyu.until(lambda: not siyu.corp.ways)
    await siyu.until(siyu.idle)
    gone = await siyu.get(f"channels/{channel['id']}")
    assert (gone["status"], gone["customers"]) == ("deleted", 1)
    assert ("wanted", "expired") in await siyu.reasons("channel")
    assert relation.external_userid in str(await siyu.get("customers", channel=channel["id"]))
    assert (await siyu.get("channels", archived="true"))["items"] == [gone]


async def test_a_temporary_code_is_of_one_member_and_ends_as_wecom_ends_it(siyu):
    channel = await siyu.channel(temporary=3600)
    (way,) = siyu.corp.ways.values()
    assert (way.is_temp, way.kind, way.expires_in, way.users) == (True, 1, 3600, [siyu.rep])
    siyu.scan(channel)
    siyu.push(3601)
    with pytest.raises(Impossible):
        siyu.scan(channel)
    await siyu.until(lambda: not siyu.corp.ways)
    await siyu.until(siyu.idle)
    assert (await siyu.get(f"channels/{channel['id']}"))["status"] == "deleted"


async def test_a_temporary_chat_ends_with_its_conclusion(siyu):
    siyu.fail("refuse", "media/upload", code=-1, count=1)
    material = await siyu.post("materials", {"kind": "image", "filename": "药单.png", "content": PICTURE})
    conclusion = {"text": "问诊已结束", "attachment": {"kind": "image", "material": material["id"]}}
    about = {"temporary": 14 * 86_400, "session": 3600, "conclusion": conclusion}
    channel = await siyu.post("channels", {"name": "问诊", "staff": [siyu.rep], **about})
    await siyu.until(lambda: made(siyu))
    (way,) = siyu.corp.ways.values()
    assert (way.chat_expires_in, way.conclusions["text"]) == (3600, {"content": "问诊已结束"})
    assert way.conclusions["image"]["media_id"]
    shown = await siyu.get(f"channels/{channel['id']}")
    assert (shown["status"], shown["session"], shown["conclusion"]["text"]) == ("live", 3600, "问诊已结束")

    relation = siyu.scan(channel)
    answer = await siyu.api.patch(
        f"{siyu.base}/api/v1/channels/{channel['id']}", json={"conclusion": {"text": "祝您健康"}}
    )
    assert answer.is_success
    await siyu.until(lambda: next(iter(siyu.corp.ways.values())).conclusions == {"text": {"content": "祝您健康"}})
    late = siyu.scan(channel)
    siyu.push(3601)
    await siyu.until(lambda: told(siyu, late))
    assert told(siyu, relation)[0]["image"], "said as it was when the chat began"
    assert told(siyu, late) == [{"text": {"content": "祝您健康"}}]


async def made(stage):
    """Whether there is a code and nothing left to do; time passes, as for pictures that are looked at anew."""
    stage.push(5)
    await stage.until(stage.idle)
    return stage.corp.ways


def told(stage, relation):
    """What the customer was told at the end of the chat."""
    received = stage.corp.contacts.customers[relation.external_userid].received
    return [one.content for one in received if one.kind == "conclusion"]


async def test_an_exclusive_code_stays_so(siyu):
    channel = await siyu.channel(exclusive=True)
    (way,) = siyu.corp.ways.values()
    assert way.is_exclusive
    path = f"{siyu.base}/api/v1/channels/{channel['id']}"
    answer = await siyu.api.patch(path, json={"exclusive": False})
    assert answer.status_code == 422
    assert (await siyu.api.patch(path, json={"name": "专属"})).is_success
    await siyu.until(lambda: next(iter(siyu.corp.ways.values())).remark == "专属")
    assert next(iter(siyu.corp.ways.values())).is_exclusive


async def test_a_copy_works_like_the_original(siyu):
    original = await siyu.channel(
        tags=[siyu.tag_id("门店")], description="{channel}", welcome={"text": "从{channel}来"}
    )
    assert (await siyu.api.delete(f"{siyu.base}/api/v1/channels/{original['id']}")).is_success
    await siyu.until(lambda: not siyu.corp.ways)
    copy = await siyu.post(f"channels/{original['id']}/copy", {"name": "二店"}, wait=10)
    assert copy["status"] == "live"
    relation = siyu.scan(copy)
    await siyu.until(lambda: siyu.greetings(relation))
    assert siyu.greetings(relation)[0]["text"]["content"] == "从二店来"
    await siyu.until(siyu.idle)
    assert len(siyu.calls(GREETING)) == 1
    assert list(relation.tags) == [siyu.tag_id("门店")]
    assert relation.description == "二店"


async def test_a_change_that_wecom_would_not_see_is_not_told_to_it(siyu):
    channel = await siyu.channel()
    path = f"{siyu.base}/api/v1/channels/{channel['id']}"
    folder = await siyu.post("channel-folders", {"name": "华东"})
    assert (await siyu.api.patch(path, json={"folder": folder["id"], "tags": [siyu.tag_id("门店")]})).is_success
    await siyu.until(siyu.idle)
    shown = await siyu.get(f"channels/{channel['id']}")
    assert (shown["status"], shown["version"], shown["folder"]) == ("live", 2, folder["id"])
    assert siyu.calls("externalcontact/update_contact_way") == []


async def test_a_code_greets_by_the_hour(siyu):
    now = siyu.now().astimezone(SHANGHAI)
    slot = {"from": f"{now - timedelta(hours=1):%H}:00", "to": f"{now + timedelta(hours=2):%H}:00", "text": "现在"}
    channel = await siyu.channel(welcome={"text": "平时", "slots": [slot]})
    relation = siyu.scan(channel)
    await siyu.until(lambda: siyu.greetings(relation))
    siyu.push(4 * 3600)
    later = siyu.scan(channel)
    await siyu.until(lambda: siyu.greetings(later))
    assert [siyu.greetings(one)[0]["text"]["content"] for one in (relation, later)] == ["现在", "平时"]
