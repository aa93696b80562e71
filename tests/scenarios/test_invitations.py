"""Who was just added is offered the right group; customers with a tag are to be invited by their members."""

import httpx
import pytest

from tests.scenarios.crowd import READING, Crowd
from tests.scenarios.test_groupcodes import create, made

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.49"}


@pytest.fixture
def crowd(siyu):
    return Crowd(siyu)


async def greeted(siyu, channel):
    relation = siyu.scan(channel)
    await siyu.until(lambda: siyu.greetings(relation))
    await siyu.until(siyu.idle)
    return relation, siyu.greetings(relation)[0]


def links(greeting):
    return [one["link"] for one in greeting.get("attachments", ())]


async def test_a_welcome_offers_the_group_and_its_link_leads_there(siyu, crowd):
    (group,) = await made(crowd, 1)
    code = await create(siyu, [group])
    channel = await siyu.channel(welcome={"text": "你好"})
    other = await siyu.channel(name="其他", welcome={"text": "你好"})
    body = {"name": "进群", "codes": [code["id"]], "channels": [channel["id"]], "title": "点我进群"}
    await siyu.post("group-invitations", body)
    asked = len(siyu.calls(READING))
    relation, greeting = await greeted(siyu, channel)
    (link,) = links(greeting)
    assert link["title"] == "点我进群"
    assert len(siyu.calls(READING)) == asked, "WeCom is asked nothing about groups while a customer waits"
    assert ("sent", "invited") in await siyu.reasons("invitation", relation)
    async with httpx.AsyncClient(trust_env=False, headers=PHONE) as phone:
        page = await phone.get(link["url"])
        picture = await phone.get(link["url"] + "/picture")
    assert "加入群聊" in page.text
    assert picture.headers["Content-Type"] == "image/png"
    _, greeting = await greeted(siyu, other)
    assert links(greeting) == []


async def test_the_group_of_the_city_with_free_seats_is_chosen(siyu, crowd):
    one, two, three = await made(crowd, 3)
    full = await create(siyu, [one], city="上海", threshold=1, name="满")
    near = await create_another(siyu, two, city="上海", name="上海群")
    far = await create_another(siyu, three, city="北京", name="北京群")
    channel = await siyu.channel(welcome={"text": "你好"})
    department = next(member for member in siyu.company.members if member.userid == siyu.rep).departments[0]
    cities = [{"kind": "department", "id": str(department), "city": "上海"}]
    await siyu.api.patch(f"{siyu.base}/api/v1/group-settings", json={"cities": cities})
    codes = [far["id"], full["id"], near["id"]]
    await siyu.post("group-invitations", {"name": "同城", "codes": codes, "by_city": True})
    relation, greeting = await greeted(siyu, channel)
    assert [link["title"] for link in links(greeting)] == ["上海群"]
    assert ("sent", "invited_by_city") in await siyu.reasons("invitation", relation)


async def create_another(siyu, group, **about):
    before = set(siyu.corp.groups.ways)
    code = await siyu.post("group-codes", {"groups": [group.chat_id], **about})
    await siyu.until(lambda: set(siyu.corp.groups.ways) - before)
    await siyu.until(siyu.idle)
    return code


async def test_without_free_seats_the_welcome_goes_out_as_it_is(siyu, crowd):
    (group,) = await made(crowd, 1)
    code = await create(siyu, [group], threshold=1)
    channel = await siyu.channel(welcome={"text": "你好"})
    await siyu.post("group-invitations", {"name": "进群", "codes": [code["id"]]})
    relation, greeting = await greeted(siyu, channel)
    assert greeting["text"]["content"] == "你好"
    assert links(greeting) == []
    assert ("skipped", "no_seats") in await siyu.reasons("invitation", relation)


async def test_customers_with_a_tag_become_tasks_and_each_member_is_told_once(siyu, crowd):
    (group,) = await made(crowd, 1)
    code = await create(siyu, [group])
    tag = siyu.tag_id("VIP")
    channel = await siyu.channel(staff=siyu.team[:2], tags=[tag])
    relations = [siyu.scan(channel) for _ in range(6)]
    await siyu.until(lambda: tagged(siyu, tag, 6))
    crowd.invite(group, customers=[relations[0].external_userid])
    await crowd.settle(group)
    begun = await siyu.post(f"group-codes/{code['id']}/invite", {"tags": [tag]})
    assert begun["customers"] == 5, "who is in the group already is left alone"
    await siyu.until(lambda: ended(siyu, begun))
    await siyu.until(siyu.idle)
    tasks = [each for each in (await siyu.get("tasks", limit=200))["items"] if each["what"] == "invite"]
    assert {each["external_user_id"] for each in tasks} == {one.external_userid for one in relations[1:]}
    for userid in siyu.team[:2]:
        assert sum("邀请客户进群" in str(message) for message in siyu.inbox(userid)) == 1


async def tagged(siyu, tag, number):
    marked = sum(tag in relation.tags for relation in siyu.corp.contacts)
    return marked == number and await siyu.idle()


async def ended(siyu, begun):
    return (await siyu.get(f"jobs/{begun['job_id']}"))["status"] == "done"
