"""A broadcast is killed again and again while WeCom loses answers: whom it is for has it once, or it is said why not.

SIYU_CRASH_TARGETS is for how many it is (default 20,000; half of them on a slow machine still say something).
"""

import os
import random
from collections import Counter

import pytest

from simulator import Kind, giant
from simulator.actions import broadcasts
from sop.deliveries import Content, Message
from sop.policy import Send
from storage.engine.sql import Statement
from tests.crash.test_crash import KILLS, ROLES, open_ward
from tests.stage import raised

STAFF, TARGETS = 300, int(os.environ.get("SIYU_CRASH_TARGETS", "20000"))
PAGE = 5000
PATIENCE = 300  # seconds, on a machine that does other things as well
MAKING = "externalcontact/add_msg_template"
SOON = {"look_minutes": [0.03, 0.06, 0.1, 0.15, 0.2, 0.3], "proof_minutes": 0.1, "poll_minutes": [0.1, 0.2, 0.3]}
STANDS = Statement("SELECT status, reason, COUNT(*) AS count FROM deliveries GROUP BY status, reason")
UNDER_WAY = Statement("""
    SELECT (SELECT COUNT(*) FROM deliveries WHERE status = 'planned')
         + (SELECT COUNT(*) FROM mailings WHERE status IN ('filling', 'making', 'unknown')) AS count
""")


async def plan(stage):
    """One broadcast to everybody, by the member who has them."""
    first = {one.external_userid: one for one in stage.corp.contacts if one.userid.startswith("giant.")}
    relations = list(first.values())
    content = Content(text="周年庆，到店有礼")
    for start in range(0, len(relations), PAGE):
        store = stage.store()
        judged = [
            (Message(kind="single", subject=one.external_userid, user_id=one.userid, content=content,
                     origin="broadcast", origin_id=1, effect=f"broadcast:1:{one.external_userid}", due_at=store.now),
             Send(), 1)
            for one in relations[start : start + PAGE]
        ]  # fmt: skip
        store.deliveries.plan(judged)
        await store.commit()
    return first.keys()


def misfortune(stage):
    """WeCom takes what it is told and does not say so, or says no, or is not there."""
    stage.fail(Kind.RESET_AFTER, MAKING, probability=0.15)
    stage.fail(Kind.RESET_BEFORE, MAKING, probability=0.05)
    stage.fail(Kind.GATEWAY, MAKING, code=502, probability=0.05)
    stage.fail(Kind.REFUSE, MAKING, code=-1, probability=0.05)
    for path in ("get_groupmsg_list_v2", "get_groupmsg_task", "get_groupmsg_send_result"):
        stage.fail(Kind.REFUSE, f"externalcontact/{path}", code=-1, probability=0.03)
        stage.fail(Kind.RESET_AFTER, f"externalcontact/{path}", probability=0.03)


async def stands(stage):
    return {(row["status"], row["reason"]): row["count"] for row in await stage.database.fetch(STANDS)}


async def is_made(stage):
    (row,) = await stage.database.fetch(UNDER_WAY)
    return row["count"] == 0


@pytest.mark.parametrize("backend", ROLES, indirect=True)
async def test_a_broadcast_that_is_killed_again_and_again_reaches_everybody_once(migrated_url, backend, tmp_path):
    chance = random.Random(os.environ.get("SIYU_CRASH_SEED", "11"))
    async with raised(migrated_url) as stage, open_ward(stage, tmp_path, ROLES[backend], chance) as ward:
        giant.grow(stage.simulator.world, stage.corp, staff=STAFF, customers=TARGETS)
        store = stage.store()
        store.settings.put("mailings", SOON)
        await store.commit()
        stage.simulator.platform.latency = 0.05
        misfortune(stage)
        targets = await plan(stage)
        await ward.torment(max(3, KILLS // 2))
        stage.simulator.faults.clear()
        stage.simulator.platform.latency = 0
        await stage.until(lambda: is_made(stage), PATIENCE)
        made = list(stage.corp.broadcasts.by_id.values())
        reached = Counter(one.id for each in made for task in each.tasks.values() for one in task.recipients)
        found = await stands(stage)
        failed = sum(count for (status, reason), count in found.items() if status == "failed" and reason)
        assert max(reached.values()) == 1, "somebody is in two tasks"
        assert reached.keys() <= targets
        assert found.keys() <= {("tasked", ""), ("sent", ""), ("failed", "not_reached")}
        assert len(reached) + failed == len(targets)
        for each in made:
            for userid in list(each.tasks):
                broadcasts.confirm(stage.simulator.world, stage.corp, userid=userid, msgid=each.msgid)
        await stage.until(lambda: is_sent(stage, len(targets) - failed), PATIENCE)


async def is_sent(stage, count):
    return (await stands(stage)).get(("sent", "")) == count
