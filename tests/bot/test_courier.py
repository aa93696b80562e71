"""Promise 3: one effect. What WeCom accepted happens once, whatever became of the answer, by class of call."""

import pytest

from sop.intents import Prompt
from storage.scope import Scope
from storage.store import Store
from tests.stage import GREETING, MAKING, MARKING, REMARKING, SENDING, Kind, read

GETTOKEN = "gettoken"
LOST = [Kind.SILENCE, Kind.RESET_AFTER]  # performed, and no answer comes
NOT_DONE = [
    {"kind": Kind.REFUSE, "code": -1},
    {"kind": Kind.REFUSE, "code": 45033},
    {"kind": Kind.UNREACHABLE},
    {"kind": Kind.RESET_BEFORE},
]


@pytest.fixture
async def channel(living):
    channel = await living.channel(
        tags=[living.tag_id("门店")], remark="{channel}-{customer}", welcome={"text": "你好，{customer}"}
    )
    await living.until(living.idle)
    return channel


async def settle(stage, relation):
    """Let everything that a scan causes come to its end."""
    await stage.until(lambda: stage.greetings(relation))
    await stage.until(stage.idle)


async def ends(stage):
    """How every intent of scans has ended, by kind."""
    return {
        one.kind: one.status
        for one in await stage.intents()
        if one.event_id and one.handler != "channels.ways.converge"
    }


DONE = {"send_welcome": "done", "mark_tags": "done", "set_remark": "done", "prompt": "done"}


@pytest.mark.parametrize("lost", LOST)
async def test_an_answer_that_is_lost_makes_nothing_happen_twice(living, channel, lost):
    for path in (GREETING, MARKING, REMARKING, SENDING):
        living.fail(lost, path, count=1)
    relation = living.scan(channel)
    await settle(living, relation)
    for path in (GREETING, MARKING, REMARKING, SENDING):
        assert len(living.calls(path)) == 2, "it was not tried again"
    assert len(living.greetings(relation)) == 1
    assert len(living.inbox(relation.userid)) == 1
    assert list(relation.tags) == [living.tag_id("门店")]
    assert relation.remark.startswith("上海门店-")
    assert await ends(living) == DONE


@pytest.mark.parametrize("fault", NOT_DONE)
async def test_what_was_not_performed_is_tried_again_until_it_is(living, channel, fault):
    for path in (GREETING, MARKING, REMARKING, SENDING):
        living.fail(path=path, count=2, **fault)
    relation = living.scan(channel)
    await settle(living, relation)
    assert [len(living.greetings(relation)), len(living.inbox(relation.userid))] == [1, 1]
    assert await ends(living) == DONE


async def test_a_customer_who_chats_already_counts_as_greeted(living, channel):
    living.fail(Kind.REFUSE, GREETING, code=41051)
    relation = living.scan(channel)
    await living.until(lambda: living.calls(GREETING))
    await living.until(living.idle)
    assert len(living.calls(GREETING)) == 1
    assert (await living.reasons("welcome", relation))[-1] == ("sent", "chatting")
    assert "prompt_greet" not in str(await living.reasons("prompt", relation))


async def test_while_another_app_is_greeting_the_welcome_is_tried_again(living, channel):
    living.fail(Kind.REFUSE, GREETING, code=41096, count=3)
    relation = living.scan(channel)
    await settle(living, relation)
    assert [entry.code for entry in living.calls(GREETING)] == [41096, 41096, 41096, 0]
    assert (await living.reasons("welcome", relation))[-1] == ("sent", "welcomed")


async def test_a_welcome_that_wecom_refuses_is_handed_to_the_member_and_not_repeated(living, channel):
    living.fail(Kind.REFUSE, GREETING, code=41050)
    relation = living.scan(channel)
    await living.until(lambda: living.calls(GREETING))
    await living.until(living.idle)
    assert len(living.calls(GREETING)) == 1
    assert (await living.reasons("welcome", relation))[-1] == ("refused", "code_expired")
    assert ("sent", "prompt_greet") in await living.reasons("prompt", relation)


@pytest.mark.parametrize("lost", LOST)
async def test_a_code_whose_making_was_not_answered_is_found_again_by_its_state(living, lost):
    living.fail(lost, MAKING, count=1)
    channel = await living.channel(name="新渠道")
    (way,) = [way for way in living.corp.ways.values() if way.state == channel["state"]]
    assert channel["config_id"] == way.config_id
    assert len(living.calls(MAKING)) == 1


async def test_a_code_whose_making_was_given_up_is_found_when_the_channel_is_wanted_again(living):
    living.fail(Kind.SILENCE, MAKING)
    channel = await living.post("channels", {"name": "旧名", "staff": [living.rep]})
    await living.until(lambda: living.corp.ways)
    living.push(25 * 3600)
    await living.until(lambda: living.intents("create_contact_way", "late"))
    living.simulator.faults.clear()
    await living.until(living.idle)
    answer = await living.api.patch(f"{living.base}/api/v1/channels/{channel['id']}", json={"name": "新名"})
    assert answer.is_success, answer.text
    await living.until(lambda: living.intents("create_contact_way", "done"))
    await living.until(lambda: [way.remark for way in living.corp.ways.values()] == ["新名"])


async def test_a_code_that_was_not_made_is_made_once(living):
    living.fail(Kind.RESET_BEFORE, MAKING, count=2)
    channel = await living.channel(name="新渠道")
    assert [way.state for way in living.corp.ways.values()] == [channel["state"]]
    assert len(living.calls(MAKING)) == 3


async def test_an_answer_to_a_member_is_sent_once_though_nobody_heard_that_it_was(living):
    living.fail(Kind.SILENCE, SENDING, count=1)
    living.write(living.rep, "帮助")
    await living.until(lambda: len(living.calls(SENDING)) == 2)
    await living.until(living.idle)
    assert len(living.inbox(living.rep)) == 1


async def test_a_text_whose_repetition_wecom_would_not_recognise_any_more_is_not_sent_again(living):
    living.fail(Kind.SILENCE, SENDING)
    living.write(living.rep, "帮助")
    (intent,) = await living.until(lambda: doubtful(living))
    living.push(61)
    await living.until(lambda: living.intents("prompt", "dead"))
    (intent,) = await living.intents("prompt")
    assert (intent.reason, intent.doubtful) == ("unknown_not_repeated", True)
    assert len(living.inbox(living.rep)) == 1


async def test_a_process_that_stood_still_does_not_take_over_from_itself(living):
    path = "externalcontact/group_welcome_template/add"  # of which nothing recognises a second
    living.fail(Kind.LATENCY, path, seconds=1.5)
    await living.post("group-welcomes", {"name": "通用", "text": "你好"})
    await living.until(living.leased)
    living.push(60)
    await living.until(living.idle)
    (intent,) = await living.intents("add_group_welcome")
    assert (intent.status, intent.attempt, intent.doubtful) == ("done", 1, False)


async def doubtful(stage):
    return [one for one in await stage.intents("prompt") if one.doubtful]


async def test_two_prompts_with_the_same_words_are_two_messages(living):
    store = Store(Scope(database=living.database, corp_id=living.corp.id, app=living.app.name, now=living.now()))
    for cause in ("one", "two"):
        store.intend(Prompt(users=(living.rep,), title="跟进", text="同样的话", url="https://example.com", cause=cause))
    await store.commit()
    await living.until(living.idle)
    assert len(living.inbox(living.rep)) == 2


async def test_tokens_that_die_under_load_are_fetched_once(living, channel):
    before = len(living.calls(GETTOKEN))
    living.simulator.platform.latency = 0.05
    living.simulator.platform.tokens.kill_all(now=living.simulator.clock.now())
    relations = [living.scan(channel) for _ in range(40)]
    await living.until(lambda: all(living.greetings(relation) for relation in relations))
    assert living.calls(GREETING, code=42001) or living.calls("externalcontact/get", code=42001)
    assert len(living.calls(GETTOKEN)) == before + 1


async def test_a_picture_that_wecom_refuses_does_not_cost_the_words(living):
    living.fail(Kind.REFUSE, GREETING, code=40007, count=1)
    link = {"kind": "link", "title": "商城", "url": "https://example.com"}
    channel = await living.channel(welcome={"text": "你好", "attachments": [link]})
    relation = living.scan(channel)
    await settle(living, relation)
    first, second = map(read, living.calls(GREETING))
    assert first["attachments"]
    assert not second.get("attachments")
    assert ("skipped", "media_refused") in await living.reasons("attachment", relation)
