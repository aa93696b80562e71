"""`siyu deliveries` says which messages somebody was sent, or was not, and why."""

import asyncio
import json

from bot.cli import main
from bot.cli.codes import Exit
from sop.deliveries import Content, Message
from sop.policy import Send, Skip
from sop.policy.causes import OPTED_OUT
from tests.daemon import write
from tests.services import free_port


async def told(stage, tmp_path, capsys, *words: str) -> str:
    path = write(stage.config(free_port()), tmp_path)
    assert await asyncio.to_thread(main, ["deliveries", words[0], "-c", str(path), *words[1:]]) == Exit.OK
    return capsys.readouterr().out


async def test_a_message_that_was_left_out_tells_why_to_people_and_to_scripts(stage, tmp_path, capsys):
    store = stage.store()
    about = {"kind": "single", "content": Content(text="你好"), "origin": "flow", "origin_id": 3, "due_at": store.now}
    store.deliveries.plan(
        [
            (Message(subject="wm1", user_id="chen", effect="a", **about), Send(), 1),
            (Message(subject="wm1", user_id="chen", effect="b", **about), Skip(OPTED_OUT), 2),
            (Message(subject="wm2", user_id="chen", effect="c", **about), Send(), 1),
        ]
    )
    await store.commit()
    printed = await told(stage, tmp_path, capsys, "list", "--to", "wm1")
    assert printed.count("flow:3") == 2
    assert "客户已退订该主题" in printed
    (skipped,) = json.loads(await told(stage, tmp_path, capsys, "list", "--status", "skipped", "--json"))
    assert (skipped["subject"], skipped["reason"]) == ("wm1", OPTED_OUT)
    shown = await told(stage, tmp_path, capsys, "show", skipped["id"])
    assert "skipped" in shown
    assert "The customer has opted out" in shown
