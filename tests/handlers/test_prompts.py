import pytest

from handlers.prompts import introduce
from sop.intents import Prompt
from sop.relations import Deed
from storage.tags import Tag, TagGroup
from tests.handlers.desk import PAIR, START, after
from wecom.customers import Mark
from wecom.errors import Misconfigured, TryLater
from wecom.events import ContactAdded

ADDED = ContactAdded(corp_id="ww1", at=START, **PAIR)


async def card(desk, event=ADDED) -> Prompt:
    await desk.run(introduce, event)
    return (await desk.intents(Prompt))[-1]


def facts(prompt: Prompt) -> dict[str, str]:
    return {fact.name: fact.value for fact in prompt.facts}


async def test_the_member_is_told_who_came_and_from_where(desk):
    store = desk.store()
    vip, new = Tag(id="et1", name="VIP", group_id="g1"), Tag(id="et2", name="新客", group_id="g1")
    await store.tags.replace([TagGroup(id="g1", name="等级", tags=(vip, new))], at=START)
    store.tags.bury("et2")
    await store.commit()
    channel = await desk.channel(tags=("et1", "et2"))
    desk.world.show("小周", marks=(Mark(name="老乡", kind=2),))
    prompt = await card(desk, ContactAdded(corp_id="ww1", at=START, state=channel.state, **PAIR))
    assert prompt.users == ("chen",)
    assert prompt.title == "新客户：小周"
    assert prompt.url == "http://siyu/sidebar/customers/wm1"
    assert facts(prompt) == {"客户": "小周", "来源": "上海门店", "时间": "2025-10-09 16:00", "标签": "老乡、VIP"}
    assert await desk.decisions() == [("prompt", "sent", "prompt_added")]


async def test_one_add_is_one_card_however_often_it_is_told(desk):
    desk.world.show("小周", add_way=4)
    await card(desk)
    prompt = await card(desk)
    assert len(await desk.intents(Prompt)) == 1
    assert facts(prompt)["来源"] == "群聊"
    await card(desk, ContactAdded(corp_id="ww1", at=after(days=2), **PAIR))
    assert len(await desk.intents(Prompt)) == 2


@pytest.mark.parametrize("refusal", [None, Misconfigured("externalcontact/get", code=48002)])
async def test_a_card_goes_out_though_wecom_shows_nobody(desk, refusal):
    if refusal:
        desk.world.profiles["wm1"] = refusal
    assert (await card(desk)).title == "新客户：未知客户"


async def test_a_known_name_helps_out(desk):
    await desk.know("小周")
    assert (await card(desk)).title == "新客户：小周"


async def test_a_busy_wecom_is_asked_again(desk):
    desk.world.profiles["wm1"] = TryLater("externalcontact/get", code=-1)
    with pytest.raises(TryLater):
        await card(desk)


@pytest.mark.parametrize("related_first", [True, False])
async def test_a_customer_who_returns_is_welcomed_back(desk, related_first):
    desk.world.show("小周")
    await desk.record(Deed.ADDED, after(days=-9))
    await desk.record(Deed.LOST, after(days=-3))
    if related_first:
        await desk.record(Deed.ADDED)
    assert (await card(desk)).title == "客户回来了：小周"


async def test_a_confirmed_half_add_is_no_return(desk):
    desk.world.show("小周")
    await desk.record(Deed.HALF_ADDED, after(seconds=-5))
    assert (await card(desk)).title == "新客户：小周"


async def test_the_corp_speaks_its_language(desk):
    store = desk.store()
    store.settings.put("language", "en")
    store.settings.put("zone", "UTC")
    await store.commit()
    desk.world.show("Zhou", add_way=1)
    assert facts(await card(desk)) == {"Name": "Zhou", "From": "QR code", "Time": "2025-10-09 08:00"}
