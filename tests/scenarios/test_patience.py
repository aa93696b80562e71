"""Who waits is answered once WeCom has made what they wanted, whatever it is; or at the end of their patience."""

import pytest

from simulator.actions import groups

INTERCEPT = {"name": "竞品", "words": ["对手"]}


@pytest.mark.parametrize(
    ("path", "body", "given"),
    [
        ("acquisition-links", {"name": "海报"}, "link_id"),
        ("intercept-rules", INTERCEPT, "rule_id"),
        ("group-welcomes", {"name": "入群", "text": "欢迎"}, "template_id"),
        ("channels", {"name": "门店"}, "config_id"),
    ],
)
async def test_what_is_wanted_is_answered_as_made(siyu, path, body, given):
    staff = {} if path == "group-welcomes" else {"staff": [siyu.rep]}
    made = await siyu.post(path, {**body, **staff}, wait=10)
    assert made["status"] == "live"
    assert made[given]


async def test_a_group_code_is_answered_with_its_seats(siyu):
    customer = siyu.add().external_userid
    about = {"owner": siyu.rep, "name": "福利群", "customers": [customer]}
    chat_id = groups.found_group(siyu.simulator.world, siyu.corp, **about).chat_id
    siyu.push(10)

    async def known():
        return (await siyu.get("groups"))["items"]

    await siyu.until(known)
    made = await siyu.post("group-codes", {"name": "群码", "groups": [chat_id]}, wait=10)
    assert (made["status"], made["seats"], made["shown"]) == ("live", 198, [chat_id])


async def test_patience_has_an_end_and_what_was_stored_is_answered(siyu):
    siyu.fail("refuse", "externalcontact/customer_acquisition/create_link", code=-1)
    made = await siyu.post("acquisition-links", {"name": "海报", "staff": [siyu.rep]}, wait=0.3)
    assert (made["status"], made["link_id"]) == ("pending", "")
