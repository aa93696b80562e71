"""Customers leave members, members remove customers: those who can act are told."""

from simulator.actions import customers, staff


async def known(stage, number=1):
    """Customers of one member."""
    channel = await stage.channel(name="老客", welcome={"text": "你好"})
    relations = [stage.scan(channel, name=f"客户{count}") for count in range(number)]
    await stage.until(lambda: all(map(stage.greetings, relations)))
    await stage.until(stage.idle)
    return relations


def titles(stage, userid):
    """What the messages to a member begin with: a card with its title, a text with its first line."""
    return [
        one["main_title"]["title"] if "main_title" in one else one["content"].split("\n")[0]
        for one in stage.inbox(userid)
    ]


async def test_a_customer_who_leaves_is_told_to_the_member_and_the_lead(siyu):
    (relation,) = await known(siyu)
    siyu.push(5)
    siyu.act(customers.leave, relation)
    await siyu.until(lambda: siyu.inbox(siyu.lead))
    await siyu.until(siyu.idle)
    assert "客户0" in str(siyu.inbox(siyu.lead)[-1])
    assert titles(siyu, relation.userid)[-1] == titles(siyu, siyu.lead)[-1]
    (follower,) = (await siyu.get(f"customers/{relation.external_userid}"))["followers"]
    assert follower["status"] == "lost"


async def test_a_member_who_removes_a_customer_is_told_to_the_lead_only(siyu):
    (relation,) = await known(siyu)
    before = len(siyu.inbox(relation.userid))
    siyu.push(5)
    siyu.act(staff.remove, relation)
    await siyu.until(lambda: siyu.inbox(siyu.lead))
    await siyu.until(siyu.idle)
    assert len(siyu.inbox(siyu.lead)) == 1
    assert len(siyu.inbox(relation.userid)) == before


async def test_many_removals_in_a_short_time_are_one_alarm(siyu):
    relations = await known(siyu, 12)
    siyu.push(5)
    for relation in relations:
        siyu.act(staff.remove, relation)
    await siyu.until(lambda: alarmed(siyu))
    await siyu.until(siyu.idle)
    assert sum("批量" in title for title in titles(siyu, siyu.lead)) == 1
    assert (await siyu.reasons("alert")).count(("sent", "alert_bulk")) == 1


async def alarmed(stage):
    return ("sent", "alert_bulk") in await stage.reasons("alert")
