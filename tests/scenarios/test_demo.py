"""The living demo: what its operator sets up, what the town then does, and every command that its screen shows."""

import asyncio
import os
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.demo import plan, season
from bot.demo.campaign import Campaign
from bot.demo.desk import Desk
from bot.demo.operator import Operator
from bot.demo.seed import Seed
from bot.demo.story import Story
from bot.demo.town import CUSTOMERS, HABITS, LINKED, populate
from simulator.actions import customers, groups, staff
from storage.tokens import Tokens
from tests.stage import raised

PROMPT = re.compile(r"^    (\S.*?)\s+# ", re.MULTILINE)
PATIENCE = 60.0


@pytest.fixture
async def shop(migrated_url):
    """The demo's company with Siyu set up for it by the demo's operator."""
    async with raised(migrated_url) as stage:
        stage.app.contact_events = True
        populate(stage.simulator, stage.company, (*plan.GROUPS, plan.SPARE))
        await stage.serve(wired=True)
        token = await Tokens(stage.database).create("admin", name="demo", now=stage.now())
        stage.operator = Operator(stage.base, token)
        stage.shop = await Seed(stage.operator)()
        yield stage
        await stage.operator.close()


async def test_all_that_the_operator_sets_up_is_live_at_wecom(shop):
    corp = shop.corp
    assert len(corp.ways) == len(plan.CHANNELS)
    assert {channel["status"] for channel in shop.shop.channels} == {"live"}
    assert {channel["folder"] is not None for channel in shop.shop.channels} == {True}
    (way,) = corp.groups.ways.values()
    assert [corp.groups.by_id[one].now.name for one in way.chat_ids] == list(plan.GROUPS)
    assert [len(corp.groups.welcomes), len(corp.acquisition.links), len(corp.intercepts.rules)] == [1, 1 + 1, 1]
    assert {group.name for group in corp.tags.groups.values()} >= {"来源场景", "沟通状态", "意向程度", "生命周期"}
    assert [rule["name"] for rule in (await shop.get("tag-rules"))["items"][::-1]] == [name for name, _ in plan.RULES]
    overview = await shop.get("overview")
    assert (overview["backlog"]["dead_intents"], overview["backlog"]["dead_events"]) == (0, 0)
    assert (await shop.get("unassigned"))["items"] == []


async def test_who_comes_is_offered_the_group_and_known_by_the_poster(shop):
    inviting = next(one for one in shop.shop.channels if one["name"] == plan.INVITING[1])
    customer = shop.scan(inviting)
    (welcome,) = await shop.until(lambda: shop.greetings(customer))
    assert welcome["attachments"][-1]["msgtype"] == "link"
    shop.simulator.behaviour.live(
        replace(HABITS, arrivals=60, links=1, searches=0, addresses=tuple(shop.shop.addresses))
    )
    await shop.until(lambda: len(shop.corp.acquisition.visits) > CUSTOMERS / LINKED + 3)
    shop.simulator.behaviour.live(replace(HABITS, **dict.fromkeys(("arrivals", "shifts", "friends", "resigns"), 0)))
    (link,) = [one for one in (await shop.get("acquisition-links"))["items"] if one["name"] == plan.LINK["name"]]

    async def sourced():
        found = (await shop.get(f"acquisition-links/{link['id']}/sources"))["items"]
        return {one["source"] for one in found if one["customers"]} <= set(plan.SOURCES) and found

    await shop.until(sourced)


async def test_who_resigns_has_their_customers_and_groups_handed_over(shop):
    said = []
    leaver = next(member for member in shop.company.members if member.serves and not member.leads)
    group = groups.found_group(shop.simulator.world, shop.corp, owner=leaver.userid, name="老客群")
    shop.push(5)
    await shop.until(lambda: known(shop, f"groups/{group.chat_id}"))
    staff.resign(shop.simulator.world, shop.corp, userid=leaver.userid)
    await shop.until(lambda: gone(shop, leaver.userid))
    desk = Desk(shop.operator, said.append)
    await desk._place("groups", {"user_id": leaver.userid, "name": ""}, ["nobody"])
    assert said == [], "refused: tried again at the next look"
    await shop.until(lambda: placed(shop, desk, said))
    await desk.look()
    transfers = (await shop.get("transfers"))["items"]
    assert {one["what"] for one in transfers} == {"customers", "groups"}
    assert len(said) == len(transfers) == 2, "once each"
    assert {len(one["takers"]) for one in transfers} == {2}
    await shop.until(lambda: shop.corp.directory.find(group.now.owner))


async def test_what_goes_to_many_is_approved_by_somebody_else_than_its_author(shop):
    said = []
    token = await Tokens(shop.database).create("reviewer", name="approver", now=shop.now())
    approver = Operator(shop.base, token)
    try:
        campaign = Campaign(shop.operator, approver, said.append)
        await campaign.prepare()
        card = await shop.get(f"broadcasts/{await campaign.broadcast()}")
        moment = await shop.get(f"moments/{await campaign.moment()}")
    finally:
        await approver.close()
    assert sum("may not approve" in line for line in said) == 2
    by = {act["what"]: act["who"] for act in card["acts"]}
    assert by["created"] != by["approved"]
    assert moment["author"] != moment["approver"] != ""
    flows = (await shop.get("flows"))["items"]
    assert [flow["status"] for flow in flows] == ["running"] * (len(season.FLOWS) + 1)


async def placed(stage, desk, said):
    stage.push(20)  # the list of the unassigned is read a minute after somebody has left
    await desk.look()
    return len(said) == 2


async def known(stage, path):
    return (await stage.api.get(f"{stage.base}/api/v1/{path}")).is_success


async def gone(stage, user_id):
    return not (await stage.get(f"staff/{user_id}"))["active"]


async def test_the_story_tells_each_thing_once_and_no_sooner_than_it_has_ended(shop):
    said = []
    story = Story(shop.database, said.append)
    await story.skip()
    customer = shop.scan(shop.shop.channels[0], name="小周")

    async def told():
        await story.go_on()
        return said

    (line,) = await shop.until(told)
    assert "added by / 客户添加" in line
    assert "小周" in line
    assert "welcomed" in line
    shop.act(customers.leave, customer)
    await shop.until(lambda: told_of(story, said, "customer left"))
    await story.go_on()
    assert sum("小周" in one for one in said) == len({one.split()[-1] for one in said if "小周" in one})


async def told_of(story, said, what):
    await story.go_on()
    return any(what in one for one in said)


async def test_every_command_on_the_screen_works_and_ctrl_c_stops_it(tmp_path):
    here = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    demo = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "demo", cwd=tmp_path, env=here, **pipes)
    try:
        screen = ""
        async with asyncio.timeout(PATIENCE):
            while "What happens" not in screen:
                line = (await demo.stdout.readline()).decode()
                assert line, (await demo.stderr.read()).decode()
                screen += line
        enter, *commands = PROMPT.findall(screen)
        assert len(commands) >= 6
        for command in commands:
            await works(f"{enter} && {command}", tmp_path)
        for page in re.findall(r"http://\S+/[cg]/\S+", screen):
            assert "长按识别" in await works(f"curl -sf -H 'Accept-Language: zh' {page}", tmp_path)
    finally:
        demo.send_signal(signal.SIGINT)
        said, trouble = await asyncio.wait_for(demo.communicate(), PATIENCE)
    assert demo.returncode == 0
    assert "stopped cleanly" in said.decode()
    assert [line for line in trouble.decode().splitlines() if '"level": "info"' not in line] == []


async def works(command, folder):
    """Run what somebody would type; JSON where the API was asked."""
    shell = await asyncio.create_subprocess_exec(
        "sh", "-c", command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(shell.communicate(), PATIENCE)
    assert shell.returncode == 0, (command, out, err)
    assert "problem" not in out.decode(), command
    return out.decode()


def test_the_town_has_a_past():
    from simulator import Simulator

    sim = Simulator(seed=7)
    company = sim.found_company()
    populate(sim, company, plan.GROUPS)
    assert len(company.corp.contacts.customers) == CUSTOMERS
    assert all(group.seen(sim.clock.now()) for group in company.corp.groups.by_id.values())
