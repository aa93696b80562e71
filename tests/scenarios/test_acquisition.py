"""Links win customers who are known by link and source; rules reach WeCom; quotas warn before they run out."""

from urllib.parse import parse_qs, urlsplit

from simulator.actions import acquisition, customers, staff
from sop.events import QuotasDue, UpkeepDue


def only(things):
    (found,) = things.values()
    return found


async def link(stage, **wanted):
    """An operator's link, as it is once WeCom has made it."""
    made = await stage.post("acquisition-links", {"name": "海报", "staff": [stage.rep], **wanted})
    return await stage.until(lambda: live(stage, f"acquisition-links/{made['id']}"))


async def live(stage, path, **query):
    shown = await stage.get(path, **query)
    return shown if shown["status"] == "live" else None


async def open_at(stage, link, source):
    """A customer opens the address that was handed out for a source, and adds the member."""
    shown = await stage.get(f"acquisition-links/{link['id']}", source=source)
    (channel,) = parse_qs(urlsplit(shown["address"]).query)["customer_channel"]
    about = {"link_id": link["link_id"], "channel": channel}
    return acquisition.come(stage.simulator.world, stage.corp, **about)


async def test_a_link_is_made_changed_and_deleted_at_wecom(siyu):
    made = await link(siyu, tags=[siyu.tag_id("门店")])
    there = only(siyu.corp.acquisition.links)
    assert (there.link_id, there.users, there.name[:3]) == (made["link_id"], [siyu.rep], "海报#")
    assert made["address"].startswith(there.url)
    path = f"{siyu.base}/api/v1/acquisition-links/{made['id']}"
    assert (await siyu.api.patch(path, json={"name": "展会", "departments": [5]})).json()["status"] == "pending"
    await siyu.until(lambda: only(siyu.corp.acquisition.links).departments == [5])
    await siyu.until(siyu.idle)
    changed = await siyu.get(f"acquisition-links/{made['id']}")
    assert (changed["status"], changed["name"], changed["link_id"]) == ("live", "展会", made["link_id"])
    assert (await siyu.api.delete(path)).status_code == 202
    await siyu.until(lambda: not siyu.corp.acquisition.links)
    await siyu.until(siyu.idle)
    gone = await siyu.get(f"acquisition-links/{made['id']}")
    assert (gone["status"], gone["address"]) == ("deleted", "")


async def test_a_link_whose_making_was_not_answered_is_made_once(siyu):
    siyu.fail("silence", "externalcontact/customer_acquisition/create_link", count=1)
    made = await siyu.post("acquisition-links", {"name": "海报", "staff": [siyu.rep]})
    await siyu.until(lambda: live(siyu, f"acquisition-links/{made['id']}"), seconds=30)
    assert len(siyu.corp.acquisition.links) == 1


async def test_who_comes_by_a_link_is_known_by_its_source_tagged_and_greeted_back(siyu):
    made = await link(siyu, tags=[siyu.tag_id("门店")])
    relation = await open_at(siyu, made, "海报 A")
    await siyu.until(lambda: siyu.tag_id("门店") in relation.tags)
    siyu.act(customers.reply, relation)
    for _ in range(2):
        siyu.act(customers.reply, relation)
    await siyu.until(lambda: wrote(siyu, made, relation, 3))
    await siyu.until(siyu.idle)
    (follower,) = (await siyu.get(f"customers/{relation.external_userid}"))["followers"]
    assert (follower["link_id"], follower["source"], follower["add_way"]) == (made["id"], "海报 A", 16)
    assert follower["replied_at"]
    siyu.push(60)
    siyu.act(customers.leave, relation)
    await siyu.until(lambda: siyu.events("link_contact_lost"))
    await siyu.until(siyu.idle)
    sources = await siyu.get(f"acquisition-links/{made['id']}/sources")
    (source,) = sources["items"]
    assert (source["source"], source["opened"], source["requested"]) == ("海报 A", 1, 1)
    assert (source["customers"], source["chatting"], source["lost"]) == (1, 1, 1)
    assert ("came", "came_by_link") in await siyu.reasons("link", relation)
    assert any("海报 · 海报 A" in str(one) for one in siyu.inbox(siyu.rep)), "the card says where they came from"


async def wrote(stage, link, relation, messages):
    page = await stage.get(f"acquisition-links/{link['id']}/customers")
    return any(
        (one["external_user_id"], one["messages"]) == (relation.external_userid, messages) for one in page["items"]
    )


async def test_who_came_while_we_were_not_looking_is_found_by_the_daily_round(siyu):
    made = await link(siyu)
    siyu.corp.apps[siyu.app.agent_id].enabled = False  # the callbacks are lost
    relation = await open_at(siyu, made, "web")
    siyu.corp.apps[siyu.app.agent_id].enabled = True
    await siyu.announce(UpkeepDue(corp_id=siyu.corp.id, at=siyu.now()))
    await siyu.until(lambda: wrote(siyu, made, relation, 0))
    page = await siyu.get(f"acquisition-links/{made['id']}/customers")
    assert [one["source"] for one in page["items"]] == ["web"]


async def test_clicks_and_customers_of_a_link_are_told_day_by_day(siyu):
    made = await link(siyu)
    for source in ("a", "b"):
        await open_at(siyu, made, source)
    await siyu.until(siyu.idle)
    siyu.push(2 * 86_400)
    await siyu.announce(UpkeepDue(corp_id=siyu.corp.id, at=siyu.now()))
    path = f"acquisition-links/{made['id']}/statistics"
    shown = await siyu.until(lambda: counted(siyu, path))
    assert shown["total"] == {"wecom": {"clicks": 2, "customers": 2}, "here": {"customers": 2, "lost": 0}}
    assert [row["day"] for row in shown["rows"] if row["wecom"] and row["wecom"]["clicks"]] == [
        row["day"] for row in shown["rows"] if row["here"]["customers"]
    ]


async def counted(stage, path):
    shown = await stage.get(path)
    return shown if shown["total"]["wecom"] else None


async def test_a_link_deleted_in_the_console_and_one_without_members_are_told(siyu):
    await siyu.api.patch(f"{siyu.base}/api/v1/settings", json={"alarm_receivers": [siyu.lead]})
    made = await link(siyu, staff=[siyu.company.members[12].userid])
    staff.resign(siyu.simulator.world, siyu.corp, userid=siyu.company.members[12].userid)
    await siyu.until(lambda: any("不可用" in str(one) for one in siyu.inbox(siyu.lead)))
    assert (await siyu.get(f"acquisition-links/{made['id']}"))["available"] is False
    acquisition.delete_link(siyu.simulator.world, siyu.corp, link_id=made["link_id"])
    await siyu.until(lambda: any("被删除" in str(one) for one in siyu.inbox(siyu.lead)))
    assert (await siyu.get(f"acquisition-links/{made['id']}"))["status"] == "deleted"


async def test_a_quota_that_runs_out_is_told_once_and_shown(siyu):
    await siyu.api.patch(f"{siyu.base}/api/v1/settings", json={"alarm_receivers": [siyu.lead]})
    made = await link(siyu)
    siyu.corp.acquisition.set_balance(20)
    for source in ("a", "b"):
        await open_at(siyu, made, source)
    await siyu.until(lambda: alerts(siyu))
    await siyu.announce(QuotasDue(corp_id=siyu.corp.id, at=siyu.now()))
    await siyu.until(siyu.idle)
    assert len(alerts(siyu)) == 1
    quotas = {one["name"]: one for one in (await siyu.get("quotas"))["items"]}
    shown = quotas["acquisition"]
    assert (shown["used"], shown["limit"], shown["level"], shown["source"]) == (982, 1000, "warn", "wecom")
    assert (quotas["acquisition_links"]["used"], quotas["acquisition_links"]["limit"]) == (1, None)
    assert (quotas["corp_tags"]["used"], quotas["corp_tags"]["limit"]) == (len(siyu.corp.tags.tags), 10_000)
    sent = sum(len(siyu.inbox(member.userid)) for member in siyu.company.members)
    assert (quotas["app_messages"]["used"], quotas["app_messages"]["facts"]) == (sent, {"app": siyu.app.name})


def alerts(stage):
    return [one for one in stage.inbox(stage.lead) if "额度" in str(one)]


RULE = {"name": "竞品", "words": ["对手"], "semantics": ["phone"], "kind": "warn"}


async def test_an_intercept_rule_reaches_wecom_is_changed_and_deleted(siyu):
    made = await siyu.post("intercept-rules", {**RULE, "staff": [siyu.rep]})
    path = f"intercept-rules/{made['id']}"
    await siyu.until(lambda: live(siyu, path))
    there = only(siyu.corp.intercepts.rules)
    assert (there.words, there.semantics, there.kind, there.users) == (["对手"], [1], 2, [siyu.rep])
    change = {"words": ["同行"], "semantics": [], "staff": [], "departments": [5]}
    answer = await siyu.api.patch(f"{siyu.base}/api/v1/{path}", json=change)
    assert answer.is_success, answer.text
    await siyu.until(lambda: only(siyu.corp.intercepts.rules).words == ["同行"])
    there = only(siyu.corp.intercepts.rules)
    assert (there.semantics, there.users, there.departments) == ([], [], [5])
    await siyu.until(siyu.idle)
    assert (await siyu.api.delete(f"{siyu.base}/api/v1/{path}")).status_code == 202
    await siyu.until(lambda: not siyu.corp.intercepts.rules)
    log = "\n".join(str(one) for one in await siyu.decisions("intercept", "sent"))
    assert "对手" not in log


async def test_rules_and_strategies_made_elsewhere_are_shown_and_not_changed(siyu):
    world = siyu.simulator.world
    acquisition.write_intercept(world, siyu.corp, name="总部", words=["秘密"], departments=[1])
    about = {"app": siyu.app.name, "name": "华东", "admins": [siyu.lead], "users": [siyu.rep], "departments": [5]}
    number = acquisition.found_strategy(world, siyu.corp, **about)
    await siyu.announce(UpkeepDue(corp_id=siyu.corp.id, at=siyu.now()))
    await siyu.until(lambda: shown(siyu))
    await siyu.until(siyu.idle)
    (rule,) = (await siyu.get("intercept-rules"))["items"]
    assert (rule["status"], rule["words"]) == ("foreign", ["秘密"])
    answer = await siyu.api.patch(f"{siyu.base}/api/v1/intercept-rules/{rule['id']}", json={"name": "x"})
    assert answer.status_code == 409
    strategy = await siyu.get(f"strategies/{number}")
    assert (strategy["name"], strategy["staff"], strategy["departments"]) == ("华东", [siyu.rep], [5])
    assert strategy["privilege"]["contact_me"] is True


async def shown(stage):
    rules, strategies = await stage.get("intercept-rules"), await stage.get("strategies")
    return rules["items"] and strategies["items"]
