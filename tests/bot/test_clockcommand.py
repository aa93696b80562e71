"""`siyu clock` shows what is due, what ran and who leads, to people and to scripts."""

import asyncio
import json
from datetime import timedelta

from bot.cli import main
from bot.cli.codes import Exit
from sop.rounds import ROUNDS
from storage.leases import CLOCK, Leases
from tests.daemon import write
from tests.services import free_port
from tests.storage.rows import enrol, flow


async def told(stage, tmp_path, capsys, *more: str) -> str:
    path = write(stage.config(free_port()), tmp_path)
    assert await asyncio.to_thread(main, ["clock", "-c", str(path), *more]) == Exit.OK
    return capsys.readouterr().out


async def seen(stage, tmp_path, capsys) -> dict:
    printed = await told(stage, tmp_path, capsys, "--json")
    return json.loads(printed[printed.index("{") :])


async def rung(stage) -> bool:
    return len({event.kind for event in await stage.events()}) >= len(ROUNDS)


async def test_without_a_clock_nobody_leads_and_nothing_has_run(stage, tmp_path, capsys):
    found = await seen(stage, tmp_path, capsys)
    assert found["leader"] is None
    assert {one["state"] for one in found["rounds"]} == {"never"}
    printed = await told(stage, tmp_path, capsys)
    assert "no clock leads" in printed
    assert "没有主时钟" in printed


async def test_what_is_overdue_is_counted_with_how_long_and_what_comes_next(stage, tmp_path, capsys):
    flow_id = await flow(stage.database, stage.corp.id)
    now, hour = stage.now(), timedelta(hours=1)
    await enrol(stage.database, stage.corp.id, flow_id, now - hour, now - 2 * hour, now + hour)
    found = await seen(stage, tmp_path, capsys)
    (flows,) = [one for one in found["due"] if one["name"] == "flows"]
    assert flows["overdue"] == 2
    assert 7190 < flows["late"] < 7500
    printed = await told(stage, tmp_path, capsys)
    assert "旅程步骤" in printed
    assert "2 h" in printed


async def test_rounds_that_ran_are_told_with_how_they_ended(stage, tmp_path, capsys):
    await stage.serve()
    await stage.settled()
    found = await seen(stage, tmp_path, capsys)
    leader = (await Leases(stage.database).read())[CLOCK]
    assert found["leader"]["holder"] == leader.holder
    assert {one["kind"]: one["state"] for one in found["rounds"]} == {one.event.kind: "done" for one in ROUNDS}
    assert all(one["next_at"] > one["began_at"] for one in found["rounds"])
    printed = await told(stage, tmp_path, capsys)
    assert leader.holder in printed
    assert "materials_due" in printed


async def test_a_round_that_waits_for_a_worker_is_open(stage, tmp_path, capsys):
    await stage.serve(role="clock")
    await stage.until(lambda: rung(stage))
    found = await seen(stage, tmp_path, capsys)
    assert {one["state"] for one in found["rounds"]} == {"open"}
