"""A flow as customers and members live it: from the scan to the message that a member has confirmed."""

from simulator.actions import broadcasts, customers, staff

ADDED = [{"kind": "event", "event": "added"}]


async def publish(stage, nodes, **rest):
    """A flow that runs; its nodes follow each other in the order they are given, unless they say otherwise."""
    names = list(nodes)
    whole = {
        name: {**({"next": names[number + 1]} if number + 1 < len(names) else {}), **node}
        for number, (name, node) in enumerate(nodes.items())
    }
    document = {"name": "新客", "entries": ADDED, "start": names[0], "nodes": whole, **rest}
    made = await stage.post("flows", {"document": document})
    await stage.post(f"flows/{made['id']}/publish", {"mode": "follow", "edition": made["edition"]})
    return made["id"]


async def arrived(stage):
    """Somebody who has scanned a code, been greeted, and come into the flow."""
    channel = await stage.channel(name="门店", welcome={"text": "你好"})
    relation = stage.scan(channel)
    await stage.until(lambda: stage.greetings(relation))

    async def inside():
        return (await stage.get(f"customers/{relation.external_userid}/flows"))["items"]

    await stage.until(inside)
    return relation


async def place(stage, relation):
    """Where the customer is in the flow, or how they ended."""
    (one,) = (await stage.get(f"customers/{relation.external_userid}/flows"))["items"]
    return one


def tasks(stage):
    """The mass messages that members are asked to confirm."""
    return list(stage.corp.broadcasts.by_id.values())


async def test_a_message_a_day_after_the_add_is_confirmed_by_the_member_and_arrives(siyu):
    await publish(siyu, {"day": {"kind": "wait", "for": "P1D"}, "tip": {"kind": "message", "text": "小贴士"}})
    relation = await arrived(siyu)
    assert tasks(siyu) == []
    siyu.push(86_400)
    (task,) = await siyu.until(lambda: tasks(siyu))
    assert task.content["text"]["content"] == "小贴士"
    assert list(task.tasks) == [relation.userid]
    broadcasts.confirm(siyu.simulator.world, siyu.corp, userid=relation.userid, msgid=task.msgid)
    assert any(one.kind == "broadcast" for one in siyu.corp.contacts.customers[relation.external_userid].received)

    async def ended():
        return (await place(siyu, relation))["status"] == "done"

    await siyu.until(ended)
    way = await siyu.get(f"enrolments/{(await place(siyu, relation))['id']}")
    assert [(step["node"], step["verdict"]) for step in way["steps"]] == [("day", "done"), ("tip", "done")]


async def test_who_leaves_before_hears_nothing_more(siyu):
    await publish(siyu, {"day": {"kind": "wait", "for": "P1D"}, "tip": {"kind": "message", "text": "小贴士"}})
    relation = await arrived(siyu)
    siyu.push(3600)
    siyu.act(customers.leave, relation)

    async def gone():
        return (await place(siyu, relation))["status"] == "exited"

    await siyu.until(gone)
    assert (await place(siyu, relation))["reason"]["code"] == "flow_gone"
    siyu.push(2 * 86_400)
    await siyu.until(siyu.idle)
    assert tasks(siyu) == []


async def test_who_answers_with_a_tag_goes_another_way(siyu):
    tag = siyu.tag_id("已下单")
    nodes = {
        "wait": {"kind": "wait", "for": "P1D"},
        "how": {"kind": "branch", "cases": [{"name": "bought", "if": {"tag": [tag]}, "next": "mark"}], "next": "call"},
        "mark": {"kind": "tag", "add": [siyu.tag_id("流失预警")], "next": ""},
        "call": {"kind": "task", "name": "打个电话", "text": "问问需求", "due": "PT2H", "next": ""},
    }
    await publish(siyu, nodes)
    relation = await arrived(siyu)
    other = await arrived(siyu)
    siyu.push(60)
    siyu.act(staff.tag, relation, put=[tag])
    await siyu.until(lambda: siyu.events("contact_edited"))
    siyu.push(86_400)
    await siyu.until(lambda: siyu.tag_id("流失预警") in relation.tags)

    async def given():
        found = await siyu.get("tasks", staff=other.userid)
        return [task for task in found["items"] if task["external_user_id"] == other.external_userid]

    (task,) = await siyu.until(given)
    assert (task["title"], task["status"]) == ("打个电话", "open")


async def test_a_flow_greets_in_its_own_words_the_same_arm_as_its_way(siyu):
    arms = [{"name": name, "share": 1, "next": name} for name in ("a", "b")]
    nodes = {
        "split": {"kind": "split", "arms": arms},
        "a": {"kind": "welcome", "text": "A 款欢迎", "next": ""},
        "b": {"kind": "welcome", "text": "B 款欢迎", "next": ""},
    }
    flow = await publish(siyu, nodes)
    channel = await siyu.channel(name="门店", welcome={"text": "平时的"})
    relations = [siyu.scan(channel) for _ in range(6)]

    async def exposed():
        arms = (await siyu.get(f"flows/{flow}/numbers"))["arms"]
        return arms if sum(arm["exposed"] for arm in arms) == len(relations) else None

    arms = await siyu.until(exposed)
    said = [siyu.greetings(one)[0]["text"]["content"][0].lower() for one in relations]
    assert {arm["arm"]: arm["exposed"] for arm in arms} == {name: said.count(name) for name in set(said)}
    assert ("wanted", "by_flow") in await siyu.reasons("welcome", relations[0])
