"""Promise 7 and 8: every decision has a reason; handlers read, the courier writes."""

import ast
import contextlib
import inspect
from datetime import timedelta
from pathlib import Path

import pytest

import handlers
from bot import wiring
from handlers.links import Links
from handlers.reader import Reader
from simulator.actions import customers
from sop import reasons
from storage.inspect import DecisionFilter
from storage.store import Store
from tests.stage import GREETING, MANY, MARKING, SENDING, Kind
from wecom.errors import Refused
from wecom.ids import ChatId, ConfigId, DepartmentId, LinkId, RuleId, StrategyId

READS = {
    "externalcontact/get", "externalcontact/get_follow_user_list", "externalcontact/get_corp_tag_list",
    "externalcontact/get_strategy_tag_list",
    "externalcontact/get_contact_way", "externalcontact/get_unassigned_list", "externalcontact/transfer_result",
    "externalcontact/groupchat/list", "externalcontact/groupchat/get", "externalcontact/groupchat/get_join_way",
    "externalcontact/batch/get_by_user", "externalcontact/list", "externalcontact/list_contact_way",
    "externalcontact/customer_acquisition/list_link", "externalcontact/customer_acquisition/get",
    "externalcontact/groupchat/statistic", "externalcontact/groupchat/statistic_group_by_day",
    "externalcontact/customer_acquisition/statistic",
    "externalcontact/customer_acquisition/customer", "externalcontact/customer_acquisition/get_chat_info",
    "externalcontact/customer_acquisition_quota", "externalcontact/get_intercept_rule_list",
    "externalcontact/get_intercept_rule", "externalcontact/customer_strategy/list",
    "externalcontact/customer_strategy/get", "externalcontact/customer_strategy/get_range",
    "externalcontact/get_groupmsg_list_v2", "externalcontact/get_groupmsg_task",
    "externalcontact/get_groupmsg_send_result", "externalcontact/get_moment_task_result",
    "externalcontact/get_moment_list", "externalcontact/get_moment_task", "externalcontact/get_moment_comments",
    "externalcontact/get_moment_send_result",
    "user/get", "user/list", "department/list", "gettoken",
}  # fmt: skip


async def test_whatever_is_sent_skipped_or_refused_has_a_reason(living):
    channel = await living.channel(
        tags=[living.tag_id("门店")], remark="{channel}-{customer}", welcome={"text": "{customer} 你好"}
    )
    greeted = living.scan(channel)
    skipped = living.add(living.company.members[12].userid)  # nobody wrote a rule for this one
    await living.until(lambda: living.greetings(greeted))
    await living.until(living.idle)
    living.fail(Kind.REFUSE, GREETING, code=41050, count=1)
    living.fail(Kind.REFUSE, MARKING, code=40068, count=1)
    refused = living.scan(channel)
    await living.until(lambda: living.calls(MARKING, code=40068))
    await living.until(living.idle)
    living.write(living.rep, "帮助")
    await living.until(lambda: living.events("text_received"))
    await living.until(living.idle)
    living.act(customers.leave, greeted)
    await living.until(lambda: living.events("staff_removed"))
    await living.until(living.idle)

    assert await silent(living) == []
    assert (await living.reasons("welcome", greeted)) == [("wanted", "by_channel"), ("sent", "welcomed")]
    assert (await living.reasons("welcome", skipped)) == [("skipped", "no_rule")]
    assert (await living.reasons("welcome", refused))[-1] == ("refused", "code_expired")
    assert (await living.reasons("tag", refused))[-1][0] == "refused"
    assert ("sent", "alert_lost") in await living.reasons("alert", greeted)


async def silent(stage):
    """Intents without any reason; the reasons that there are can all be read."""
    decisions = await stage.inspect.decisions(DecisionFilter(), limit=MANY)
    assert {decision.reason for decision in decisions} <= set(reasons.REASONS)
    explained = {decision.intent_id for decision in decisions}
    return [intent.effect for intent in await stage.intents() if intent.id not in explained]


async def test_a_reason_names_the_rule_its_version_and_the_facts(living):
    relation = living.scan(await living.channel(welcome={"text": "{customer} 你好"}))
    await living.until(lambda: living.greetings(relation))
    which = DecisionFilter(what="welcome", verdict="wanted", customer=relation.external_userid)
    (decision,) = await living.inspect.decisions(which)
    assert decision.rule.startswith("welcome:")
    assert decision.version == 1
    assert (decision.handler, decision.user_id) == ("welcomes.greet", relation.userid)
    assert (await living.inspect.event(decision.event_id)).kind == "contact_added"
    assert (await living.inspect.intent(decision.intent_id)).kind == "send_welcome"


async def test_a_prompt_that_wecom_refuses_has_a_reason(living):
    living.fail(Kind.REFUSE, SENDING, code=60020, count=1)
    living.write(living.rep, "帮助")
    (intent,) = await living.until(lambda: living.intents("prompt", "refused"))
    (decision,) = await living.inspect.decisions(DecisionFilter(intent_id=intent.id, verdict="refused"))
    assert (decision.reason, decision.facts["code"], decision.handler) == ("not_delivered", 60020, "messages.answer")


def test_handlers_are_given_nothing_that_writes_to_wecom():
    rows = [row for rows in wiring.reactions().table.values() for row in rows]
    assert {need for row in rows for need in row.needs} <= {Store, Reader, Links}


def test_handlers_import_no_client_of_wecom():
    """Values, ids, errors and events only: what could call is not within their reach, save for the reader."""
    callers = {"client", "caller", "line", "exchange", "wire", "tokens", "budget"}
    for path in Path(handlers.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.ImportFrom)
                and (node.module or "").startswith("wecom.")
                and path.stem not in {"reader", "outreach"}
            ):
                assert node.module.split(".")[1] not in callers, path


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_all_that_a_reader_offers_is_reading(living):
    yesterday = living.now() - timedelta(days=1)
    arguments = {
        "customer": ("wm1",),
        "member": (living.rep,),
        "members": (DepartmentId(1),),
        "transfer_results": (living.rep, living.lead, ""),
        "groups": ((),),
        "group": (ChatId("wr1"),),
        "count_groups": ((living.rep,), yesterday),
        "count_days": (living.rep, yesterday, yesterday),
        "link_visits": (LinkId("none"), yesterday),
        "join_way": (ConfigId("none"),),
        "unassigned": ("",),
        "contacts": ((living.rep,), ""),
        "customers_of": (living.rep,),
        "colleagues": (DepartmentId(1),),
        "contact_ways": ("",),
        "links": ("",),
        "link": (LinkId("none"),),
        "link_customers": (LinkId("none"), ""),
        "link_chat": ("none",),
        "intercept": (RuleId("0"),),
        "strategies": ("",),
        "strategy": (StrategyId(0),),
        "strategy_range": (StrategyId(0), ""),
        "broadcasts": ("single", yesterday, living.now(), ""),
        "broadcast_tasks": ("none", ""),
        "broadcast_results": ("none", living.rep, ""),
        "moment_job": ("none",),
        "moments": (yesterday, living.now(), ""),
        "publishers": ("none", ""),
        "reactions": ("none", living.rep),
        "audience": ("none", living.rep),
        "contact_way": (ConfigId((await living.channel())["config_id"]),),
    }
    named = {
        "transfer_results": {"resigned": False},
        "groups": {"cursor": "", "most": 10},
        "contact_ways": {"most": 9},
        "links": {"most": 9},
        "strategies": {"most": 9},
    }
    offered = [name for name, _ in inspect.getmembers(Reader, inspect.isfunction) if not name.startswith("_")]
    reader = Reader(living.services[0]._clients[0])
    asked = len(living.simulator.transcript)
    for name in offered:
        with contextlib.suppress(Refused):  # what is answered does not matter here
            await getattr(reader, name)(*arguments.get(name, ()), **named.get(name, {}))
    paths = {entry.path for entry in list(living.simulator.transcript)[asked:] if entry.kind == "call"}
    assert len(offered) > 5
    assert paths <= READS


async def test_what_handlers_want_is_not_done_before_the_courier_does_it(stage):
    """With nobody to carry intents out, a scan reads and wants, and changes nothing at WeCom."""
    service = await stage.serve()
    await stage.settled()
    channel = await stage.channel(tags=[stage.tag_id("门店")], remark="{channel}", welcome={"text": "{customer}"})
    await stage.until(stage.idle)
    service._loops["courier"].cancel()
    await stage.until(service._loops["courier"].done)
    asked = len(stage.simulator.transcript)
    stage.scan(channel)
    await stage.until(lambda: four(stage))
    paths = {entry.path for entry in list(stage.simulator.transcript)[asked:] if entry.kind == "call"}
    assert paths <= READS


async def four(stage):
    """Whether welcome, tags, remark and prompt are wanted."""
    return len(await stage.intents(status="open")) == 4
