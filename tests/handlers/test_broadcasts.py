"""Broadcasts run by hand: who gets what from whom, once, and what is left out with its reason."""

from tests.handlers.broadcasting import befriend, get, run, runs, start, told


async def test_everybody_in_contact_gets_one_message_that_wecom_gives_to_whom_they_chatted_with(desk):
    await befriend(desk, "anna", "bob")
    await befriend(desk, "anna", user_id="wu")
    card = await start(desk)
    await run(desk)
    assert await told(desk) == [("anna", "", "planned"), ("bob", "", "planned")]
    (one,) = await runs(desk, card)
    assert (one.status, one.size, one.number) == ("sending", 2, 1)
    assert (await get(desk, card)).status == "running"
