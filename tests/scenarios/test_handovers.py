"""Groups get another owner: on the job and after a resignation, 300 a day from one person."""

from simulator.actions import groups, staff

DAY = 86_400
GIVING = "externalcontact/groupchat/onjob_transfer"


async def found(stage, owner, count):
    """Groups of a member, as the ledger knows them."""
    made = []
    for number in range(count):
        customer = stage.add(owner).external_userid
        about = {"owner": owner, "name": f"福利群{number}", "customers": [customer]}
        made.append(groups.found_group(stage.simulator.world, stage.corp, **about))
    stage.push(10)
    await stage.until(lambda: known(stage, count), 60)
    await stage.until(stage.idle)
    return made


async def known(stage, count):
    return len((await stage.get("groups", limit=200))["items"]) == count


async def give(stage, giver, *takers, **more):
    body = {"what": "groups", "handover": giver, "takers": [{"user_id": one} for one in takers], **more}
    return await stage.post("transfers", body)


async def stand(stage, transfer, **wanted):
    async def counted():
        counts = (await stage.get(f"transfers/{transfer['id']}"))["counts"]
        return counts == wanted

    return await stage.until(counted, 30)


async def test_groups_are_split_over_takers_and_what_is_refused_has_its_code(siyu):
    giver, first, second, *_ = siyu.team
    made = await found(siyu, giver, 5)
    made[0].internal = True  # its last customer has gone
    transfer = await give(siyu, giver, first, second, which={"subjects": [one.chat_id for one in made]})
    await stand(siyu, transfer, done=4, failed=1)
    (missed,) = (await siyu.get(f"transfers/{transfer['id']}/customers", state="failed"))["items"]
    assert (missed["subject"], missed["code"]) == (made[0].chat_id, 90501)
    assert sorted(group.now.owner for group in made[1:]) == sorted([first, first, second, second])
    siyu.push(10)
    await siyu.until(lambda: owners(siyu, giver, first, second))


async def owners(stage, *expected):
    return {one["owner"] for one in (await stage.get("groups", limit=200))["items"]} == set(expected)


async def test_groups_of_who_left_are_given_away(siyu):
    giver, taker, *_ = siyu.team
    (group,) = await found(siyu, giver, 1)
    staff.resign(siyu.simulator.world, siyu.corp, userid=giver)
    siyu.push(60)
    transfer = await give(siyu, giver, taker, resigned=True)
    await stand(siyu, transfer, done=1)
    assert group.now.owner == taker


async def test_what_is_beyond_300_a_day_waits_for_the_next(siyu):
    giver, taker, *_ = siyu.team
    (group,) = await found(siyu, giver, 1)
    midnight = siyu.now().timestamp() - (siyu.now().timestamp() + 8 * 3600) % DAY
    await used_up(siyu, giver, at=midnight + 1)
    transfer = await give(siyu, giver, taker)
    await siyu.until(lambda: waits(siyu, transfer))
    assert siyu.calls(GIVING) == []
    siyu.push(DAY)
    await stand(siyu, transfer, done=1)
    assert group.now.owner == taker


async def used_up(stage, giver, *, at):
    """Three hundred groups given away on this day."""
    await stage.run(f"""
        INSERT INTO transfer_rows (transfer_id, subject, corp_id, what, handover, asked_at, changed_at)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
        SELECT 1, CAST(i AS TEXT), '{stage.corp.id}', 'groups', '{giver}', {int(at * 1000)}, 0 FROM n
    """)


async def waits(stage, transfer):
    pieces = (await stage.get(f"jobs/{transfer['job_id']}"))["pieces"]
    return any("300" in piece["reason"] for piece in pieces)
