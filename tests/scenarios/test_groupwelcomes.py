"""An operator writes what newcomers of groups are told; WeCom has it as a material for group owners."""

import base64

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 100).decode()


def template(siyu):
    (found,) = siyu.corp.groups.welcomes.values()
    return found


async def live(siyu, welcome):
    return (await siyu.get(f"group-welcomes/{welcome['id']}"))["status"] == "live"


async def test_a_group_welcome_is_made_changed_and_removed(siyu):
    link = {"kind": "link", "title": "新人礼", "url": "https://example.com/g"}
    body = {"name": "通用", "text": "%NICKNAME% 你好", "attachment": link, "notify": False}
    welcome = await siyu.post("group-welcomes", body)
    await siyu.until(lambda: live(siyu, welcome))
    made = template(siyu)
    assert made.content == {
        "text": {"content": "%NICKNAME% 你好"},
        "link": {"title": "新人礼", "url": "https://example.com/g"},
    }
    assert made.notified is False
    path = f"{siyu.base}/api/v1/group-welcomes/{welcome['id']}"
    answer = await siyu.api.patch(path, json={"text": "你好", "attachment": None})
    assert answer.json()["attachment"] is None
    await siyu.until(lambda: template(siyu).content == {"text": {"content": "你好"}})
    await siyu.until(siyu.idle)
    shown = (await siyu.api.get(path)).json()
    assert (shown["status"], shown["template_id"], shown["version"]) == ("live", made.template_id, 2)
    assert (await siyu.api.delete(path)).status_code == 202
    await siyu.until(lambda: not siyu.corp.groups.welcomes)


async def test_a_picture_goes_with_it_once_it_is_uploaded(siyu):
    siyu.fail("refuse", "media/upload", code=-1, count=1)
    material = await siyu.post("materials", {"kind": "image", "filename": "a.png", "content": PICTURE})
    body = {"name": "带图", "attachment": {"kind": "image", "material": material["id"]}}
    welcome = await siyu.post("group-welcomes", body)

    async def settled():
        siyu.push(5)
        return await live(siyu, welcome)

    await siyu.until(settled)
    media_id = template(siyu).content["image"]["media_id"]
    assert media_id
    assert (await siyu.get(f"group-welcomes/{welcome['id']}"))["attachment"]["material"] == material["id"]


async def test_everything_that_is_wrong_with_it_is_told_at_once(siyu):
    body = {"name": "坏", "text": "{customer}" + "字" * 1000, "attachment": {"kind": "image", "material": "7"}}
    answer = await siyu.api.post(f"{siyu.base}/api/v1/group-welcomes", json=body)
    assert answer.status_code == 422
    assert {each["field"] for each in answer.json()["errors"]} == {"text", "attachment.material"}
    answer = await siyu.api.post(f"{siyu.base}/api/v1/group-welcomes", json={"name": "空"})
    assert answer.status_code == 422


async def test_one_whose_end_nobody_knows_is_not_made_twice_blindly(siyu):
    siyu.fail("reset_after", "externalcontact/group_welcome_template/add", count=1)
    welcome = await siyu.post("group-welcomes", {"name": "通用", "text": "你好"})

    async def refused():
        return (await siyu.get(f"group-welcomes/{welcome['id']}"))["status"] == "refused"

    await siyu.until(refused)
    assert len(siyu.corp.groups.welcomes) == 1
    await siyu.post(f"group-welcomes/{welcome['id']}/retry", {})
    await siyu.until(lambda: live(siyu, welcome))
    assert len(siyu.corp.groups.welcomes) == 2
