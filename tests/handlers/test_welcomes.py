import asyncio

import pytest

from handlers.welcomes import greet, settled
from sop import reasons
from sop.events import Outcome
from sop.greeting import Draft
from sop.intents import Attachment, Prompt, SendWelcome
from sop.relations import Deed
from sop.staff import Member
from storage.engine.sql import Statement
from tests.handlers.desk import PAIR, START, Desk, after
from wecom.errors import NoAnswer, NotRelated
from wecom.events import ArchiveConsented, ContactAdded, ContactHalfAdded

ADDED = ContactAdded(corp_id="ww1", at=START, welcome_code="wlc", **PAIR)
WELCOME = SendWelcome(code="wlc", text="您好", **PAIR)
DEADLINES = Statement("SELECT deadline_at FROM intents WHERE corp_id = :corp_id")
FACTS = Statement("SELECT rule, version, intent_id FROM decisions WHERE corp_id = :corp_id AND what = 'welcome'")


async def rule(desk: Desk, kind="corp", scope="", **more):
    store = desk.store()
    written = store.welcomes.add(
        Draft(
            **{"name": "r", "scope_kind": kind, "scope_id": str(scope), "text": "{customer}您好，我是{staff}", **more}
        )
    )
    await store.commit()
    return written


async def member(desk: Desk) -> None:
    store = desk.store()
    store.staff.put(Member(user_id="chen", name="陈宇", departments=(3,)), at=START)
    await store.commit()


async def material(desk: Desk, media_id: str = "") -> int:
    store = desk.store()
    kept = await store.materials.add("image", "p.png", content=b"picture")
    await store.commit()
    if media_id:
        store = desk.store()
        store.materials.lend(kept.id, media_id, expires_at=after(days=3))
        await store.commit()
    return kept.id


async def test_a_scan_is_greeted_by_name_within_twenty_seconds(desk):
    await member(desk)
    written = await rule(desk)
    desk.world.show("小周")
    await desk.run(greet, ADDED)
    (welcome,) = await desk.intents(SendWelcome)
    assert (welcome.code, welcome.text) == ("wlc", "小周您好，我是陈宇")
    (deadline,) = await desk.store().scope.fetch(DEADLINES)
    assert deadline["deadline_at"] == int(after(seconds=20).timestamp() * 1000)
    assert await desk.decisions() == [("welcome", "wanted", reasons.BY_CORP)]
    (why,) = await desk.store().scope.fetch(FACTS)
    assert (why["rule"], why["version"], bool(why["intent_id"])) == (f"welcome:{written.id}", 1, True)


async def test_the_channels_rule_comes_before_the_members(desk):
    channel = await desk.channel()
    await rule(desk, "staff", "chen", text="staff")
    await rule(desk, "channel", channel.id, text="{channel}")
    await desk.run(greet, ContactAdded(corp_id="ww1", at=START, welcome_code="wlc", state=channel.state, **PAIR))
    (welcome,) = await desk.intents(SendWelcome)
    assert welcome.text == "上海门店"
    assert await desk.decisions() == [("welcome", "wanted", reasons.BY_CHANNEL)]


async def test_without_state_the_members_rule_greets(desk):
    await rule(desk, "staff", "chen", text="staff")
    await rule(desk, text="corp")
    await desk.run(greet, ADDED)
    assert [welcome.text for welcome in await desk.intents(SendWelcome)] == ["staff"]


async def test_an_add_told_twice_is_greeted_once(desk):
    await rule(desk)
    await desk.run(greet, ADDED)
    await desk.run(greet, ADDED)
    assert len(await desk.intents(SendWelcome)) == 1


async def test_a_half_add_is_greeted_and_the_add_after_it_says_so(desk):
    await rule(desk)
    desk.world.profiles["wm1"] = NotRelated("externalcontact/get", code=84061)
    await desk.run(greet, ContactHalfAdded(corp_id="ww1", at=START, welcome_code="wlc", **PAIR))
    (welcome,) = await desk.intents(SendWelcome)
    assert welcome.text.startswith("朋友您好")
    await desk.settle(settled, welcome)
    desk.now = after(minutes=5)
    await desk.run(greet, ContactAdded(corp_id="ww1", at=desk.now, **PAIR))
    assert (await desk.decisions())[-1] == ("welcome", "skipped", reasons.GREETED_BEFORE)


@pytest.mark.parametrize(("customer", "reason"), [("wm1", reasons.NO_CODE), ("wo1", reasons.WECOM_CONTACT)])
async def test_without_a_code_nobody_is_greeted_and_the_reason_is_known(desk, customer, reason):
    await rule(desk)
    await desk.run(greet, ContactAdded(corp_id="ww1", at=START, user_id="chen", external_user_id=customer))
    assert await desk.decisions() == [("welcome", "skipped", reason)]
    assert await desk.intents(Prompt) == []


async def test_without_a_rule_nobody_is_greeted_nor_prompted(desk):
    await desk.run(greet, ADDED)
    assert await desk.decisions() == [("welcome", "skipped", reasons.NO_RULE)]
    assert await desk.intents(Prompt) == []


@pytest.mark.parametrize("failure", [NoAnswer("externalcontact/get"), None])
async def test_a_name_that_cannot_be_read_is_the_one_we_knew(desk, failure):
    await rule(desk)
    await desk.know("老周")
    if failure:
        desk.world.profiles["wm1"] = failure
    await desk.run(greet, ADDED)
    assert (await desk.intents(SendWelcome))[0].text.startswith("老周您好")


async def test_a_name_that_takes_too_long_is_not_waited_for(desk):
    await rule(desk)
    desk.now = after(seconds=19.95)
    desk.world.customer = lambda _: asyncio.Event().wait()
    await desk.run(greet, ADDED)
    assert (await desk.intents(SendWelcome))[0].text.startswith("朋友您好")


async def test_wecom_is_not_asked_for_a_name_that_nobody_says(desk):
    await rule(desk, text="您好")

    async def customer(_):
        raise AssertionError("asked")

    desk.world.customer = customer
    await desk.run(greet, ADDED)
    assert len(await desk.intents(SendWelcome)) == 1


async def test_too_late_means_no_greeting_but_a_prompt_and_a_task(desk):
    await rule(desk)
    await desk.know("小周")
    desk.now = after(seconds=20)
    await desk.run(greet, ADDED)
    await desk.run(greet, ADDED)
    assert await desk.intents(SendWelcome) == []
    (prompt,) = await desk.intents(Prompt)
    assert prompt.users == ("chen",)
    assert "小周" in prompt.title
    assert prompt.url == "http://siyu/sidebar/customers/wm1"
    assert [task.what for task in await desk.store().tasks.open("chen")] == ["greet"]
    assert (await desk.decisions())[0] == ("welcome", "late", reasons.TOO_LATE)


async def test_a_moment_before_the_deadline_is_in_time(desk):
    await rule(desk)
    desk.now = after(seconds=19.999)
    await desk.run(greet, ADDED)
    assert len(await desk.intents(SendWelcome)) == 1


async def test_a_picture_whose_media_lives_is_attached(desk):
    number = await material(desk, "MEDIA")
    await rule(desk, attachments=(Attachment(kind="image", material=str(number)),))
    await desk.run(greet, ADDED)
    (welcome,) = await desk.intents(SendWelcome)
    assert [each.media_id for each in welcome.attachments] == ["MEDIA"]


@pytest.mark.parametrize("age", [None, {"days": 2, "hours": 23, "seconds": 3585}])
async def test_a_picture_without_living_media_is_left_out_and_the_text_still_goes(desk, age):
    number = await material(desk, "MEDIA" if age else "")
    await rule(desk, attachments=(Attachment(kind="image", material=str(number)),))
    desk.now = after(**age) if age else START
    await desk.run(greet, ContactAdded(corp_id="ww1", at=desk.now, welcome_code="wlc", **PAIR))
    (welcome,) = await desk.intents(SendWelcome)
    assert welcome.attachments == ()
    assert ("attachment", "skipped", reasons.MEDIA_MISSING) in await desk.decisions()


async def test_where_nothing_is_left_to_send_the_member_greets(desk):
    number = await material(desk)
    await rule(desk, text="", attachments=(Attachment(kind="image", material=str(number)),))
    await desk.run(greet, ADDED)
    assert await desk.intents(SendWelcome) == []
    assert ("welcome", "skipped", reasons.NOTHING_LEFT) in await desk.decisions()
    assert len(await desk.intents(Prompt)) == 1


async def test_the_consent_to_archiving_is_greeted_by_the_channel_of_the_add(desk):
    channel = await desk.channel()
    await rule(desk, "channel", channel.id, text="channel")
    await rule(desk, text="corp")
    await desk.record(Deed.ADDED, state=channel.state)
    await desk.run(greet, ArchiveConsented(corp_id="ww1", at=after(minutes=1), welcome_code="wlc2", **PAIR))
    assert [welcome.text for welcome in await desk.intents(SendWelcome)] == ["channel"]


async def test_a_welcome_that_was_sent_is_in_the_timeline(desk):
    await desk.settle(settled, WELCOME)
    assert await desk.decisions() == [("welcome", "sent", reasons.WELCOMED)]
    assert await desk.timeline() == ["welcomed"]
    assert await desk.intents(Prompt) == []


async def test_greeted_already_is_greeted(desk):
    await desk.settle(settled, WELCOME, code=41051, reason="started")
    assert await desk.decisions() == [("welcome", "sent", reasons.CHATTING)]
    assert await desk.intents(Prompt) == []


@pytest.mark.parametrize(
    ("outcome", "code", "verdict", "reason"),
    [
        (Outcome.REFUSED, 41050, "refused", reasons.CODE_EXPIRED),
        (Outcome.REFUSED, 40058, "refused", reasons.WELCOME_REFUSED),
        (Outcome.LATE, 41096, "late", reasons.TOO_LATE),
        (Outcome.DEAD, 0, "dead", reasons.WELCOME_DEAD),
        (Outcome.CANCELLED, 0, "cancelled", reasons.CANCELLED),
    ],
)
async def test_a_customer_who_was_not_greeted_is_the_members_to_greet_once(desk, outcome, code, verdict, reason):
    for intent_id in (98, 99):
        await desk.settle(settled, WELCOME, outcome=outcome, code=code, intent_id=intent_id)
    assert (await desk.decisions())[0] == ("welcome", verdict, reason)
    (prompt,) = await desk.intents(Prompt)
    assert [fact.value for fact in prompt.facts][-1] == reasons.explain(reason).zh
    assert WELCOME.code not in prompt.effect
    assert len(await desk.store().tasks.open("chen")) == 1
    assert await desk.timeline() == []


async def test_a_late_welcome_that_may_have_been_sent_is_told_as_such(desk):
    await desk.settle(settled, WELCOME, outcome=Outcome.LATE, reason="no_answer", result={"doubtful": True})
    assert (await desk.decisions())[0] == ("welcome", "late", reasons.MAYBE_WELCOMED)
    (prompt,) = await desk.intents(Prompt)
    assert "可能已发出" in [fact.value for fact in prompt.facts][-1]


async def test_a_welcome_that_waits_for_the_customers_consent_bothers_nobody(desk):
    await desk.settle(settled, WELCOME, outcome=Outcome.REFUSED, code=41053)
    assert await desk.decisions() == [("welcome", "delayed", reasons.CONSENT_PENDING)]
    assert await desk.intents(Prompt) == []


async def test_attachments_that_wecom_refused_have_a_reason(desk):
    await desk.settle(settled, WELCOME, result={"left_out": 2, "because": 40007})
    assert ("attachment", "skipped", reasons.MEDIA_REFUSED) in await desk.decisions()
    assert await desk.timeline() == ["welcomed"]
