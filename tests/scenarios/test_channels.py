"""An operator makes, changes and removes a channel; WeCom follows."""


def way(stage):
    """The one contact way there is, as WeCom has it now."""
    (found,) = stage.corp.ways.values()
    return found


async def test_a_channel_is_made_changed_and_removed_at_wecom(siyu):
    channel = await siyu.channel(name="展会", staff=siyu.team[:2])
    made = way(siyu)
    assert (channel["config_id"], channel["state"], channel["qr_code"]) == (made.config_id, made.state, made.qr_code)
    assert (made.users, made.remark) == (siyu.team[:2], "展会")

    path = f"{siyu.base}/api/v1/channels/{channel['id']}"
    answer = await siyu.api.patch(path, json={"name": "年度展会", "staff": siyu.team[2:5]})
    assert answer.json()["status"] == "pending"
    await siyu.until(lambda: way(siyu).remark == "年度展会")
    await siyu.until(siyu.idle)
    assert way(siyu).users == siyu.team[2:5]
    shown = (await siyu.api.get(path)).json()
    assert (shown["status"], shown["config_id"]) == ("live", made.config_id)

    assert (await siyu.api.delete(path)).status_code == 202
    await siyu.until(lambda: not siyu.corp.ways)
    await siyu.until(siyu.idle)
    assert (await siyu.api.get(path)).json()["status"] == "deleted"


async def test_changes_that_overtake_each_other_end_in_the_last_one(siyu):
    channel = await siyu.channel(name="一号")
    siyu.simulator.platform.latency = 0.2
    for name in ("二号", "三号", "四号"):
        answer = await siyu.api.patch(f"{siyu.base}/api/v1/channels/{channel['id']}", json={"name": name})
        assert answer.is_success
    await siyu.until(lambda: way(siyu).remark == "四号")
    await siyu.until(siyu.idle)
    shown = await siyu.get(f"channels/{channel['id']}")
    assert (shown["status"], shown["name"], shown["config_id"]) == ("live", "四号", channel["config_id"])


async def test_a_channel_that_wecom_refuses_says_why(siyu):
    siyu.fail("refuse", "externalcontact/add_contact_way", code=41054)
    channel = await siyu.post("channels", {"name": "坏", "staff": [siyu.rep]}, wait=10)
    assert channel["status"] == "refused"
    assert "41054" in channel["reason"]
