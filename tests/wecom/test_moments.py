"""Moments are made as jobs, and what members and customers make of them is read."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from wecom.calls import Pace
from wecom.errors import NoAnswer, OverLimit, Refused, Throttled, TryLater
from wecom.moments import Invalid, Job, Reaction, Reactions
from wecom.posts import Film, Link, Moment, Picture

CREATE = "externalcontact/add_moment_task"
RESULT = "externalcontact/get_moment_task_result"
THEN = datetime(2025, 10, 9, 8, 55, tzinfo=UTC)


async def test_a_moment_says_what_by_whom_and_for_whom(client, platform):
    platform.reply(CREATE, {"errcode": 0, "jobid": "job1"})
    moment = Moment(
        text="上新",
        attachments=(Picture(media_id="M1"), Picture(media_id="M2")),
        users=("chen.yu",),
        departments=(5,),
        tags=("et1",),
    )
    assert await client.moments.create(moment) == "job1"
    assert platform.last.body == {
        "text": {"content": "上新"},
        "attachments": [
            {"msgtype": "image", "image": {"media_id": "M1"}},
            {"msgtype": "image", "image": {"media_id": "M2"}},
        ],
        "visible_range": {
            "sender_list": {"user_list": ["chen.yu"], "department_list": [5]},
            "external_contact_list": {"tag_list": ["et1"]},
        },
    }


@pytest.mark.parametrize(
    ("attachment", "written"),
    [
        (Film(media_id="M"), {"msgtype": "video", "video": {"media_id": "M"}}),
        (
            Link(url="https://a.cn", title="题", media_id="M"),
            {"msgtype": "link", "link": {"url": "https://a.cn", "title": "题", "media_id": "M"}},
        ),
    ],
)
async def test_a_moment_for_all_holds_only_what_it_shows(client, platform, attachment, written):
    await client.moments.create(Moment(attachments=(attachment,)))
    assert platform.last.body == {"attachments": [written]}


@pytest.mark.parametrize(
    "moment",
    [
        Moment(),
        Moment(text="长" * 2001),
        Moment(attachments=(Picture(media_id="M"),) * 10),
        Moment(attachments=(Film(media_id="M"),) * 2),
        Moment(attachments=(Picture(media_id="M"), Film(media_id="M"))),
        Moment(attachments=(Picture(media_id=""),)),
        Moment(attachments=(Link(url="https://a.cn"),)),
        Moment(attachments=(Link(url="https://a.cn", media_id="M", title="题" * 65),)),
        Moment(text="x", users=("u",) * 100_001),
    ],
)
async def test_a_moment_beyond_the_limits_is_not_sent(client, platform, moment):
    with pytest.raises(OverLimit):
        await client.moments.create(moment)
    assert platform.seen == []


async def test_a_moment_without_an_answer_is_not_made_again(client, platform):
    platform.reply(CREATE, httpx.ReadTimeout("late"))
    with pytest.raises(NoAnswer):
        await client.moments.create(Moment(text="x"))
    assert len(platform.calls(CREATE)) == 1


async def test_no_more_than_ten_moments_a_minute_are_asked_for(client, platform):
    hasty = client.at(Pace(within=0.0)).moments
    ends = await asyncio.gather(*[hasty.create(Moment(text="x")) for _ in range(11)], return_exceptions=True)
    assert any(isinstance(end, Throttled) for end in ends)
    assert 5 < len(platform.calls(CREATE)) <= 10


@pytest.mark.parametrize(("code", "error"), [(41078, Throttled), (41210, Throttled), (40201, Refused)])
async def test_a_moment_is_refused_or_put_off(client, platform, code, error):
    platform.reply(CREATE, {"errcode": code, "errmsg": "no"})
    with pytest.raises(error):
        await client.moments.create(Moment(text="x"))


async def test_a_job_is_asked_until_it_is_over(client, platform):
    platform.reply(RESULT, {"errcode": 0, "status": 2, "type": "add_moment_task"})
    assert await client.moments.job("job1") == Job(finished=False)
    assert (platform.last.method, platform.last.query["jobid"]) == ("GET", "job1")


async def test_a_finished_job_names_the_moment_and_what_was_left_out(client, platform):
    result = {
        "errcode": 0,
        "errmsg": "ok",
        "moment_id": "mom1",
        "invalid_sender_list": {"user_list": ["u"], "department_list": [9]},
        "invalid_external_contact_list": {"tag_list": ["et9"]},
    }
    platform.reply(RESULT, {"errcode": 0, "status": 3, "result": result})
    invalid = Invalid(users=("u",), departments=(9,), tags=("et9",))
    assert await client.moments.job("job1") == Job(finished=True, moment_id="mom1", message="ok", invalid=invalid)


async def test_a_job_may_end_without_a_moment(client, platform):
    platform.reply(RESULT, {"errcode": 0, "status": 3, "result": {"errcode": 81013, "errmsg": "nobody"}})
    assert await client.moments.job("job1") == Job(finished=True, code=81013, message="nobody")


@pytest.mark.parametrize("at", [1760000100, "1760000100"], ids=["number", "text"])
async def test_moments_are_listed(client, platform, at):
    shown = {
        "text": {"content": "x"},
        "image": [{"media_id": "WWCISP_1"}],
        "video": {"media_id": "V", "thumb_media_id": "T"},
        "link": {"title": "t", "url": "u"},
        "location": {"latitude": "23.1", "longitude": "113.3", "name": "广州"},
    }
    record = {"moment_id": "mom1", "creator": "chen.yu", "create_time": at, "create_type": 1, "visible_type": 0}
    platform.reply(
        "externalcontact/get_moment_list", {"errcode": 0, "next_cursor": "n", "moment_list": [record | shown]}
    )
    page = await client.moments.list(THEN, datetime(2025, 10, 10, tzinfo=UTC), origin=1, creator="chen.yu", cursor="c")
    (found,) = page.items
    assert (found.moment_id, found.creator, found.created_at) == ("mom1", "chen.yu", THEN)
    assert (found.origin, found.visible, found.text.content) == (1, 0, "x")
    assert (found.image, found.video, found.link) == (
        (Picture(media_id="WWCISP_1"),),
        Film(media_id="V", cover="T"),
        Link(url="u", title="t"),
    )
    assert page.cursor == "n"
    times = {"start_time": 1760000100, "end_time": 1760054400}
    assert platform.last.body == times | {"filter_type": 1, "limit": 20, "cursor": "c", "creator": "chen.yu"}


async def test_publishers_are_read(client, platform):
    rows = [{"userid": "a", "publish_status": 1}, {"userid": "b", "publish_status": 0}]
    platform.reply("externalcontact/get_moment_task", {"errcode": 0, "task_list": rows, "next_cursor": "n"})
    page = await client.moments.parts("mom1")
    assert [(part.user_id, part.published) for part in page.items] == [("a", True), ("b", False)]
    assert (page.cursor, platform.last.body) == ("n", {"moment_id": "mom1", "limit": 1000, "cursor": ""})


async def test_a_moment_that_is_being_dispatched_is_a_wait(client, platform):
    platform.reply("externalcontact/get_moment_task", {"errcode": 41079, "errmsg": "dispatching"})
    with pytest.raises(TryLater) as caught:
        await client.moments.parts("mom1")
    assert caught.value.after == 30


async def test_who_was_chosen_and_who_sees_it_are_read(client, platform):
    rows = {"errcode": 0, "customer_list": [{"userid": "a", "external_userid": "wm1"}]}
    platform.reply("externalcontact/get_moment_customer_list", rows)
    platform.reply("externalcontact/get_moment_send_result", rows)
    assert (await client.moments.chosen("mom1", "a")).items == ("wm1",)
    assert platform.last.body == {"moment_id": "mom1", "userid": "a", "limit": 1000, "cursor": ""}
    assert (await client.moments.audience("mom1", "a", cursor="c")).items == ("wm1",)
    assert platform.last.body == {"moment_id": "mom1", "userid": "a", "limit": 5000, "cursor": "c"}


async def test_likes_and_comments_are_read(client, platform):
    answer = {
        "errcode": 0,
        "comment_list": [{"external_userid": "wm1", "create_time": "1760000100"}],
        "like_list": [{"userid": "a", "create_time": 1760000100}],
    }
    platform.reply("externalcontact/get_moment_comments", answer)
    found = await client.moments.reactions("mom1", "a")
    assert found == Reactions((Reaction(user_id="a", at=THEN),), (Reaction(external_user_id="wm1", at=THEN),))
    assert platform.last.body == {"moment_id": "mom1", "userid": "a"}


async def test_a_moment_is_cancelled(client, platform):
    await client.moments.cancel("mom1")
    expected = ("externalcontact/cancel_moment_task", {"moment_id": "mom1"})
    assert (platform.last.path, platform.last.body) == expected
