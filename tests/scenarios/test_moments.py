"""Moments: posted once whatever happens on the way, published by members, liked and commented by customers."""

import base64

import pytest

from simulator import Kind
from simulator.actions import moments as acts
from storage.tokens import Tokens
from tests.simulator.caller import PNG
from tests.stage import read

POSTING = "externalcontact/add_moment_task"
UPLOADING = "media/upload_attachment"
CANCELLING = "externalcontact/cancel_moment_task"
HOUR, DAY = 3600, 86_400


async def write(stage, *users, **wanted):
    """A moment of these members, submitted."""
    body = {"name": "上新", "text": "春季上新", "users": list(users or (stage.rep,)), **wanted}
    moment = await stage.post("moments", body)
    return await stage.post(f"moments/{moment['id']}/submit", {})


async def rest(stage, seconds):
    """Let time pass, once everything that has happened is done with."""
    if seconds and await stage.idle():
        stage.push(seconds)


async def stand(stage, moment, status, *, step=0.0, seconds=30):
    """The moment once it stands so; time goes on by `step` between looks."""

    async def look():
        shown = await stage.get(f"moments/{moment['id']}")
        if shown["status"] == status:
            return shown
        return await rest(stage, step)

    return await stage.until(look, seconds)


async def live(stage, moment):
    """The moment once members have been asked to publish it, and seen to be."""
    await stand(stage, moment, "live", step=1)
    shown = await counted(stage, moment, least=1)
    return shown["moment_id"]


async def counted(stage, moment, *, least=0, **wanted):
    """The moment once its numbers are these; a look is a minute or so away."""

    async def look():
        counts = (shown := await stage.get(f"moments/{moment['id']}"))["counts"]
        asked = counts["asked"] + counts["published"] + counts["missed"]
        if asked >= least and all(counts[name] == count for name, count in wanted.items()):
            return shown
        return await rest(stage, 60)

    return await stage.until(look, 30)


def theirs(stage):
    """What WeCom has of moments of the corp."""
    return [one for one in stage.corp.moments.by_id.values() if not one.creator]


async def picture(stage):
    content = base64.b64encode(PNG).decode()
    return (await stage.post("materials", {"kind": "image", "filename": "新品.png", "content": content}))["id"]


async def test_a_moment_is_posted_with_its_pictures_and_published(siyu):
    first, second = siyu.team[:2]
    siyu.add(first)
    shown = [{"kind": "image", "material": await picture(siyu)}]
    moment = await write(siyu, first, second, attachments=shown)
    moment_id = await live(siyu, moment)
    [made] = theirs(siyu)
    assert (made.moment_id, made.content["text"]) == (moment_id, {"content": "春季上新"})
    assert len(siyu.calls(UPLOADING, code=0)) == len(siyu.calls(POSTING)) == 1
    acts.publish(siyu.simulator.world, siyu.corp, moment_id=moment_id, userid=first)
    await counted(siyu, moment, published=1, asked=1, audience=1)
    members = (await siyu.get(f"moments/{moment['id']}/members"))["items"]
    assert {one["user_id"]: one["state"] for one in members} == {first: "published", second: "asked"}
    verdicts = await siyu.reasons("moment")
    assert verdicts == [("making", "moment_posted"), ("sent", "moment_made")]


async def test_likes_and_comments_come_into_the_timeline_once(siyu):
    fan = siyu.add(siyu.rep)
    moment = await write(siyu)
    pair = {"moment_id": await live(siyu, moment), "userid": siyu.rep}
    acts.publish(siyu.simulator.world, siyu.corp, **pair)
    acts.like(siyu.simulator.world, siyu.corp, **pair, external_userid=fan.external_userid)
    acts.comment(siyu.simulator.world, siyu.corp, **pair, external_userid=fan.external_userid)
    acts.comment(siyu.simulator.world, siyu.corp, **pair)
    await counted(siyu, moment, published=1, likes=1, comments=2)
    found = (await siyu.get(f"moments/{moment['id']}/reactions"))["items"]
    told = {(one["what"], one["external_user_id"] or one["staff_id"]) for one in found}
    assert told == {("commented", fan.external_userid), ("commented", siyu.rep), ("liked", fan.external_userid)}
    await stand(siyu, moment, "ended", step=DAY / 4, seconds=60)
    assert len(siyu.calls("externalcontact/get_moment_comments")) > 5
    story = (await siyu.get(f"customers/{fan.external_userid}/timeline"))["items"]
    told = [one["what"] for one in story if one["what"].startswith("moment_")]
    assert sorted(told) == ["moment_commented", "moment_liked"]
    assert len(siyu.calls(POSTING)) == 1


async def test_who_has_not_published_is_reminded_and_nobody_else(siyu):
    first, second = siyu.team[:2]
    moment = await write(siyu, first, second)
    acts.publish(siyu.simulator.world, siyu.corp, moment_id=await live(siyu, moment), userid=first)
    await counted(siyu, moment, published=1, asked=1)
    siyu.push(4 * HOUR)
    await siyu.until(lambda: any("上新" in str(one) for one in siyu.inbox(second)) or rest(siyu, 300), 60)
    assert not any("上新" in str(one) for one in siyu.inbox(first))


async def test_who_never_publishes_is_reminded_twice_and_has_missed_it(siyu):
    first, second = siyu.team[:2]
    moment = await write(siyu, first, second)
    await live(siyu, moment)
    ended = await stand(siyu, moment, "ended", step=DAY / 6, seconds=60)
    assert (ended["counts"]["missed"], ended["reminders"]) == (2, 2)
    await siyu.until(siyu.idle)
    assert [sum("上新" in str(one) for one in siyu.inbox(user)) for user in (first, second)] == [2, 2]


async def test_an_answer_that_never_comes_posts_nothing_twice(siyu):
    siyu.fail(Kind.SILENCE, POSTING, count=1)
    siyu.fail(Kind.REFUSE, "externalcontact/get_moment_list", code=-1, count=4)  # it is looked for for a while
    moment = await write(siyu)

    async def doubtful():
        return (await siyu.get(f"moments/{moment['id']}"))["status"] == "unknown"

    await siyu.until(doubtful, 30)
    refused = await siyu.api.post(f"{siyu.base}/api/v1/moments/{moment['id']}/publish", json={})
    assert refused.status_code == 409
    found = await stand(siyu, moment, "live", step=30)
    [made] = theirs(siyu)
    assert (found["moment_id"], found["reason"]) == (made.moment_id, "moment_found")
    siyu.push(DAY)
    await siyu.until(siyu.idle)
    assert len(siyu.calls(POSTING)) == 1


async def test_two_of_the_same_words_without_answers_are_found_each_by_itself(siyu):
    siyu.fail(Kind.SILENCE, POSTING, count=2)
    one, two = await write(siyu), await write(siyu)
    found = [await stand(siyu, each, "live", step=20) for each in (one, two)]
    assert {each["moment_id"] for each in found} == {made.moment_id for made in theirs(siyu)}
    assert len(siyu.calls(POSTING)) == 2


async def test_what_never_reached_wecom_is_told_and_can_be_posted_by_hand(siyu):
    siyu.fail(Kind.RESET_BEFORE, POSTING, count=1)
    moment = await write(siyu)
    shown = await stand(siyu, moment, "failed", step=300)
    assert shown["reason"] == "moment_absent"
    assert theirs(siyu) == []
    await siyu.post(f"moments/{moment['id']}/publish", {})
    await stand(siyu, moment, "live", step=1)
    assert len(theirs(siyu)) == 1


async def test_a_moment_of_the_same_words_that_is_another_app_s_own_is_not_taken_for_ours(siyu):
    acts.post_moment(siyu.simulator.world, siyu.corp, userid=siyu.rep, text="春季上新")
    siyu.fail(Kind.RESET_BEFORE, POSTING, count=1)
    moment = await write(siyu)
    await stand(siyu, moment, "failed", step=300)


async def test_refused_words_are_told_with_the_code(siyu):
    siyu.corp.blocked_words = frozenset({"刷单"})
    moment = await write(siyu, text="来刷单")
    shown = await stand(siyu, moment, "refused")
    assert (shown["code"], shown["reason"]) == (40201, "moment_refused")
    await siyu.api.patch(f"{siyu.base}/api/v1/moments/{moment['id']}", json={"text": "春季上新"})
    await siyu.post(f"moments/{moment['id']}/submit", {})
    await stand(siyu, moment, "live", step=1)
    assert len(siyu.calls(POSTING)) == 2


async def test_a_job_for_nobody_is_told_and_who_is_left_out_is_named(siyu):
    first, second = siyu.team[:2]
    siyu.corp.directory.find(second).customer_contact = False
    both, alone = await write(siyu, first, second), await write(siyu, second)
    shown = await stand(siyu, alone, "refused", step=1)
    assert shown["code"] == 81013
    await live(siyu, both)
    shown = await counted(siyu, both, asked=1, left_out=1)
    assert shown["invalid"] == {"users": [second]}


async def test_a_job_that_wecom_forgets_is_looked_for_in_the_list(siyu):
    siyu.fail(Kind.REFUSE, "externalcontact/get_moment_task_result", code=40088, count=1)
    moment = await write(siyu)
    shown = await stand(siyu, moment, "live", step=10)
    assert shown["moment_id"] == theirs(siyu)[0].moment_id
    assert len(siyu.calls(POSTING)) == 1


async def test_tags_say_who_may_see_it(siyu):
    tag = siyu.tag_id("VIP")
    vip, other = siyu.add(siyu.rep), siyu.add(siyu.rep)
    vip.tags[tag] = siyu.simulator.clock.now()
    moment = await write(siyu, tags=[tag])
    moment_id = await live(siyu, moment)
    assert read(siyu.calls(POSTING)[0])["visible_range"]["external_contact_list"] == {"tag_list": [tag]}
    acts.publish(siyu.simulator.world, siyu.corp, userid=siyu.rep, moment_id=moment_id)
    await counted(siyu, moment, published=1, audience=1)
    received = [siyu.corp.contacts.customers[one.external_userid].received for one in (vip, other)]
    assert [any(one.kind == "moment" for one in each) for each in received] == [True, False]


async def test_a_moment_waits_for_its_time(siyu):
    due = siyu.now().timestamp() + 2 * HOUR
    moment = await write(siyu, due_at=siyu.now().fromtimestamp(due, siyu.now().tzinfo).isoformat())
    assert moment["status"] == "approved"
    siyu.push(HOUR)
    await siyu.until(siyu.idle)
    assert siyu.calls(POSTING) == []
    siyu.push(HOUR)
    await stand(siyu, moment, "live", step=1)
    assert siyu.calls(POSTING)[0].at >= due


async def test_a_moment_whose_time_was_missed_by_far_is_not_posted(siyu):
    due = siyu.now().timestamp() + HOUR
    moment = await write(siyu, due_at=siyu.now().fromtimestamp(due, siyu.now().tzinfo).isoformat())
    await siyu.until(siyu.idle)
    siyu.push(14 * HOUR)
    shown = await stand(siyu, moment, "failed")
    assert shown["reason"] == "moment_too_late"
    assert siyu.calls(POSTING) == []


async def test_what_is_cancelled_before_its_time_is_never_posted(siyu):
    due = siyu.now().timestamp() + HOUR
    moment = await write(siyu, due_at=siyu.now().fromtimestamp(due, siyu.now().tzinfo).isoformat())
    assert (await siyu.post(f"moments/{moment['id']}/cancel", {}))["status"] == "cancelled"
    siyu.push(2 * HOUR)
    await siyu.until(siyu.idle)
    assert siyu.calls(POSTING) == []


async def test_what_is_cancelled_later_is_published_by_nobody_else(siyu):
    first, second = siyu.team[:2]
    fan = siyu.add(first)
    moment = await write(siyu, first, second)
    moment_id = await live(siyu, moment)
    acts.publish(siyu.simulator.world, siyu.corp, userid=first, moment_id=moment_id)
    await siyu.post(f"moments/{moment['id']}/cancel", {})
    await stand(siyu, moment, "cancelled")
    with pytest.raises(Exception, match="nothing to publish"):
        acts.publish(siyu.simulator.world, siyu.corp, userid=second, moment_id=moment_id)
    acts.like(siyu.simulator.world, siyu.corp, userid=first, moment_id=moment_id, external_userid=fan.external_userid)
    siyu.push(HOUR)
    await counted(siyu, moment, published=1, cancelled=1, likes=1)
    assert len(siyu.calls(CANCELLING)) == 1


async def test_what_is_cancelled_on_its_way_is_taken_back_as_soon_as_wecom_has_made_it(siyu):
    siyu.corp.moments.working = 600.0
    moment = await write(siyu)
    await stand(siyu, moment, "making")
    assert (await siyu.post(f"moments/{moment['id']}/cancel", {}))["cancelling"]
    shown = await stand(siyu, moment, "cancelled", step=60)
    assert shown["counts"]["published"] == 0
    assert theirs(siyu)[0].cancelled


async def test_a_moment_that_was_deleted_at_wecom_is_watched_no_longer(siyu):
    moment = await write(siyu)
    moment_id = await live(siyu, moment)
    acts.delete_moment(siyu.simulator.world, siyu.corp, moment_id=moment_id)
    siyu.push(HOUR)
    shown = await stand(siyu, moment, "ended", step=60)
    assert shown["reason"] == "moment_deleted"


async def test_a_media_id_is_used_as_long_as_it_lives(siyu):
    shown = [{"kind": "image", "material": await picture(siyu)}]
    for days, uploads in ((0, 1), (1, 1), (3, 2)):
        siyu.push(days * DAY)
        await stand(siyu, await write(siyu, attachments=shown), "live", step=1)
        assert len(siyu.calls(UPLOADING, code=0)) == uploads


async def test_a_picture_that_wecom_would_not_have_ends_the_moment(siyu):
    siyu.fail(Kind.REFUSE, UPLOADING, code=40009, count=1)
    moment = await write(siyu, attachments=[{"kind": "image", "material": await picture(siyu)}])
    shown = await stand(siyu, moment, "failed", step=1)
    assert (shown["reason"], shown["code"]) == ("moment_no_upload", 40009)
    assert siyu.calls(POSTING) == []


async def test_where_the_corp_demands_it_somebody_else_approves(siyu):
    await siyu.api.patch(f"{siyu.base}/api/v1/settings", json={"approvals": ["moments"]})
    moment = await write(siyu)
    assert moment["status"] == "waiting"
    address = f"{siyu.base}/api/v1/moments/{moment['id']}/approve"
    refused = await siyu.api.post(address, json={})
    assert (refused.status_code, "批准" in refused.text or "approve" in refused.text) == (409, True)
    token = await Tokens(siyu.database).create("operator", name="another", now=siyu.now())
    agreed = await siyu.api.post(address, json={}, headers={"Authorization": f"Bearer {token}"})
    assert agreed.json()["status"] == "approved"
    assert agreed.json()["approver"] != agreed.json()["author"]
    await stand(siyu, moment, "live", step=1)
    assert len(siyu.calls(POSTING)) == 1


async def test_what_is_sent_back_or_changed_must_be_approved_anew(siyu):
    await siyu.api.patch(f"{siyu.base}/api/v1/settings", json={"approvals": ["moments"]})
    moment = await write(siyu)
    back = await siyu.post(f"moments/{moment['id']}/reject", {"why": "换张图"})
    assert (back["status"], back["said"]) == ("draft", "换张图")
    await siyu.post(f"moments/{moment['id']}/submit", {})
    changed = await siyu.api.patch(f"{siyu.base}/api/v1/moments/{moment['id']}", json={"text": "夏季上新"})
    assert (changed.json()["status"], changed.json()["version"]) == ("draft", 2)
    await siyu.until(siyu.idle)
    assert siyu.calls(POSTING) == []
