"""Moments: jobs, members who publish, customers who see, like and comment."""

import struct

import pytest

from simulator import Simulator
from simulator.actions import customers, moments
from simulator.actions.errors import Impossible
from simulator.behaviour import Habits
from tests.simulator.caller import PNG, Caller

TEXT = {"text": {"content": "周三会员日"}}
CREATE = "externalcontact/add_moment_task"
RESULT = "externalcontact/get_moment_task_result"
CANCEL = "externalcontact/cancel_moment_task"
LIST = "externalcontact/get_moment_list"
TASK = "externalcontact/get_moment_task"
RANGE = "externalcontact/get_moment_customer_list"
SEEN = "externalcontact/get_moment_send_result"
COMMENTS = "externalcontact/get_moment_comments"


def senders(*users: str, departments: tuple[int, ...] = (), tags: tuple[str, ...] = ()) -> dict:
    found: dict = {"sender_list": {"user_list": list(users), "department_list": list(departments)}}
    return {"visible_range": found | ({"external_contact_list": {"tag_list": list(tags)}} if tags else {})}


async def finish(crm: Caller, body: dict) -> dict:
    """Create a moment and return the result of its job."""
    answer = crm.post(CREATE, {**TEXT, **body})
    assert answer["errcode"] == 0, answer
    await crm.sim.advance(10)
    return crm.get(RESULT, jobid=answer["jobid"])["result"]


async def make(crm: Caller, *users: str, **more) -> str:
    return (await finish(crm, senders(*(users or ("chen.yu",)), **more)))["moment_id"]


def picture(crm: Caller, content: bytes = PNG, kind: str = "image") -> str:
    answer = crm.upload("media/upload_attachment", content, attachment_type="1", media_type=kind)
    assert answer["errcode"] == 0, answer
    return answer["media_id"]


def sized(width: int, height: int) -> bytes:
    return PNG[:8] + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"0" * 20


def image(media_id: str) -> dict:
    return {"msgtype": "image", "image": {"media_id": media_id}}


async def test_a_job_begins_works_and_ends_in_a_moment(sim: Simulator, crm: Caller):
    jobid = crm.post(CREATE, TEXT, **senders("chen.yu", "nobody", departments=(5, 99)))["jobid"]
    answers = [crm.get(RESULT, jobid=jobid)]
    for seconds in (2, 3):
        sim.clock.advance(seconds)
        answers.append(crm.get(RESULT, jobid=jobid))
    assert [one["status"] for one in answers] == [1, 2, 3]
    assert "result" not in answers[1]
    done = answers[2]["result"]
    assert done["invalid_sender_list"] == {"user_list": ["nobody"], "department_list": [99]}
    assert crm.post(TASK, moment_id=done["moment_id"])["errcode"] == 41079
    assert crm.post(CANCEL, moment_id=done["moment_id"])["errcode"] == 41079
    sim.clock.advance(1)
    userids = [one["userid"] for one in crm.post(TASK, moment_id=done["moment_id"])["task_list"]]
    assert "chen.yu" in userids
    assert len(userids) == 7  # and six of the department
    sim.clock.advance(86_400)
    assert Caller(sim, crm.corp, crm.app).get(RESULT, jobid=jobid)["errcode"] == 40088


async def test_customers_see_it_once_the_member_has_published(sim: Simulator, crm: Caller):
    friend, gone = crm.friend(), crm.friend()
    moment_id = await make(crm, "chen.yu", "lin.qiao")
    pair = {"moment_id": moment_id, "userid": "chen.yu"}
    assert [crm.post(path, pair)["errcode"] for path in (RANGE, SEEN, COMMENTS)] == [41062] * 3
    moments.publish(sim.world, crm.corp, **pair)
    with pytest.raises(Impossible):
        moments.publish(sim.world, crm.corp, **pair)
    assert {one["userid"]: one["publish_status"] for one in crm.post(TASK, pair)["task_list"]} == {
        "chen.yu": 1,
        "lin.qiao": 0,
    }
    received = crm.corp.contacts.customers[friend.external_userid].received
    assert [(one.kind, one.content) for one in received] == [("moment", TEXT)]
    customers.leave(sim.world, crm.corp, userid="chen.yu", external_userid=gone.external_userid)
    chosen = [one["external_userid"] for one in crm.post(RANGE, pair)["customer_list"]]
    assert chosen == [friend.external_userid, gone.external_userid]
    seen = [one["external_userid"] for one in crm.post(SEEN, pair)["customer_list"]]
    assert seen == [friend.external_userid]
    assert crm.post(SEEN, pair, userid="zhou.min")["errcode"] in (41061, 60111)


async def test_likes_and_comments_are_told_without_their_words(sim: Simulator, crm: Caller):
    friend, stranger = crm.friend(), crm.friend("lin.qiao")
    pair = {"moment_id": await make(crm), "userid": "chen.yu"}
    who = {"external_userid": friend.external_userid}
    with pytest.raises(Impossible):
        moments.like(sim.world, crm.corp, **pair, **who)
    moments.publish(sim.world, crm.corp, **pair)
    moments.like(sim.world, crm.corp, **pair, **who)
    moments.comment(sim.world, crm.corp, **pair, **who)
    moments.comment(sim.world, crm.corp, **pair)
    for impossible in (who, {"external_userid": stranger.external_userid}):
        with pytest.raises(Impossible):
            moments.like(sim.world, crm.corp, **pair, **impossible)
    answer, now = crm.post(COMMENTS, pair), int(sim.clock.now())
    assert answer["like_list"] == [{**who, "create_time": now}]
    assert answer["comment_list"] == [{**who, "create_time": now}, {"userid": "chen.yu", "create_time": now}]


async def test_tags_narrow_who_publishes_and_who_sees(sim: Simulator, crm: Caller):
    vip, other = (crm.corp.tags.named("客户等级").named(name).id for name in ("VIP", "普通客户"))
    tagged, plain, theirs = crm.friend(), crm.friend(), crm.friend("lin.qiao")
    crm.friend("zhang.wei")
    for one, tag in ((tagged, vip), (theirs, vip), (plain, other)):
        crm.post("externalcontact/mark_tag", userid=one.userid, external_userid=one.external_userid, add_tag=[tag])
    result = await finish(crm, senders(tags=(vip, "etNone")))
    assert result["invalid_external_contact_list"] == {"tag_list": ["etNone"]}
    moment = crm.corp.moments.by_id[result["moment_id"]]
    assert set(moment.publications) == {"chen.yu", "lin.qiao"}
    moments.publish(sim.world, crm.corp, userid="chen.yu", moment_id=moment.moment_id)
    assert list(moment.publications["chen.yu"].audience) == [tagged.external_userid]
    both = crm.corp.moments.by_id[await make(crm, "chen.yu", "zhang.wei", tags=(vip,))]
    assert set(both.publications) == {"chen.yu"}
    now = int(sim.clock.now())
    listed = crm.post(LIST, start_time=now - 600, end_time=now + 1)["moment_list"]
    assert [one["visible_type"] for one in listed] == [0, 0]


async def test_a_moment_for_all_goes_to_everyone_whom_the_app_sees(crm: Caller):
    result = await finish(crm, {})
    assert len(crm.corp.moments.by_id[result["moment_id"]].publications) == 30


async def test_a_job_for_nobody_ends_without_a_moment(crm: Caller):
    result = await finish(crm, senders("nobody"))
    assert (result["errcode"], "moment_id" in result) == (81013, False)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 41089),
        ({"text": {"content": "好" * 2001}}, 40058),
        ({"text": {"content": "好" * 2000}}, 0),
        ({"attachments": [{"msgtype": "miniprogram", "miniprogram": {}}]}, 41065),
        ({"attachments": [image("x")]}, 40007),
        ({**TEXT, "visible_range": {"sender_list": {"user_list": "chen.yu"}}}, 40058),
        ({**TEXT, "visible_range": {"sender_list": {"user_list": ["x"] * 100_001}}}, 40058),
    ],
)
def test_a_moment_names_what_is_wrong(crm: Caller, body: dict, code: int):
    assert crm.post(CREATE, body)["errcode"] == code


def test_one_kind_of_attachments_and_so_many(crm: Caller):
    one, video = image(picture(crm)), picture(crm, b"0000ftyp" + b"0" * 20, "video")
    film = {"msgtype": "video", "video": {"media_id": video}}
    link = {"msgtype": "link", "link": {"url": "https://a.test", "media_id": one["image"]["media_id"]}}
    titled = {"msgtype": "link", "link": {**link["link"], "title": "题" * 65}}
    lent = image(crm.media())
    wide = image(picture(crm, sized(1081, 10_000)))
    tall = image(picture(crm, sized(1080, 10_800)))
    bodies = [[one] * 9, [one] * 10, [one, film], [film, film], [film], [link], [link, link], [titled], [lent], [wide]]
    codes = [crm.post(CREATE, attachments=body)["errcode"] for body in bodies]
    assert codes == [0, 41064, 41065, 41064, 0, 0, 41064, 40058, 41072, 41081]
    crm.sim.clock.advance(60)
    assert crm.post(CREATE, attachments=[tall])["errcode"] == 0


async def test_pictures_of_a_moment_can_be_had_for_ever(sim: Simulator, crm: Caller):
    await finish(crm, {"attachments": [image(picture(crm))]})
    sim.clock.advance(10 * 86_400)
    later, now = Caller(sim, crm.corp, crm.app), int(sim.clock.now())
    [listed] = later.post(LIST, start_time=now - 20 * 86_400, end_time=now)["moment_list"]
    [shown] = listed["image"]
    assert shown["media_id"].startswith("WWCISP_")
    request = later.request("GET", "media/get", access_token=later.token, media_id=shown["media_id"])
    assert later.respond(request).body == PNG


def test_the_platform_takes_so_many(crm: Caller):
    crm.corp.moments.most_running = 2
    assert [crm.post(CREATE, TEXT)["errcode"] for _ in range(3)] == [0, 0, 41078]
    crm.sim.clock.advance(10)
    crm.corp.moments.most_monthly = 3
    assert [crm.post(CREATE, TEXT)["errcode"] for _ in range(2)] == [0, 41210]
    crm.sim.clock.advance(60)
    crm.corp.moments.most_monthly, crm.corp.moments.most_running = 100, 100
    assert [crm.post(CREATE, TEXT)["errcode"] for _ in range(11)] == [0] * 10 + [45009]


def test_words_that_nobody_may_send_are_refused(crm: Caller):
    crm.corp.blocked_words = frozenset({"刷单"})
    assert crm.post(CREATE, text={"content": "来刷单"})["errcode"] == 40201


async def test_a_cancelled_moment_is_published_by_nobody_else(sim: Simulator, crm: Caller):
    moment_id = await make(crm, "chen.yu", "lin.qiao")
    moments.publish(sim.world, crm.corp, userid="chen.yu", moment_id=moment_id)
    assert crm.post(CANCEL, moment_id=moment_id)["errcode"] == 0
    with pytest.raises(Impossible):
        moments.publish(sim.world, crm.corp, userid="lin.qiao", moment_id=moment_id)
    assert crm.post(COMMENTS, moment_id=moment_id, userid="chen.yu")["errcode"] == 0
    assert [crm.post(CANCEL, moment_id=one)["errcode"] for one in ("", "x")] == [41059, 41060]


async def test_a_member_posts_a_moment_of_their_own(sim: Simulator, crm: Caller):
    crm.friend()
    corp_moment = await make(crm, "lin.qiao")
    sim.clock.advance(5)
    mine = moments.post_moment(sim.world, crm.corp, userid="chen.yu", text="今天到货").moment_id
    sim.clock.advance(5)
    now = int(sim.clock.now())

    def listed(**more: object) -> list[str]:
        answer = crm.post(LIST, {"start_time": now - 600, "end_time": now, **more})
        return [one["moment_id"] for one in answer["moment_list"]]

    assert (listed(), listed(filter_type=0), listed(filter_type=1)) == ([corp_moment, mine], [corp_moment], [mine])
    assert (listed(creator="chen.yu"), listed(creator="lin.qiao")) == ([mine], [])
    assert crm.post(TASK, moment_id=mine)["errcode"] == 41067
    assert crm.post(CANCEL, moment_id=mine)["errcode"] == 41067
    pair = {"moment_id": mine, "userid": "chen.yu"}
    assert len(crm.post(RANGE, pair)["customer_list"]) == 1
    assert crm.post(COMMENTS, pair, userid="lin.qiao")["errcode"] == 41061
    moments.delete_moment(sim.world, crm.corp, moment_id=mine)
    assert listed() == [corp_moment]
    assert crm.post(COMMENTS, pair)["errcode"] == 41060


def test_the_list_is_of_thirty_days_by_twenties(sim: Simulator, crm: Caller):
    ids = [moments.post_moment(sim.world, crm.corp, userid="chen.yu", text=f"{n}").moment_id for n in range(25)]
    now = int(sim.clock.now())
    span = {"start_time": now - 60, "end_time": now + 60}
    page = crm.post(LIST, span, limit=100)
    rest = crm.post(LIST, span, cursor=page["next_cursor"])
    assert [one["moment_id"] for one in (*page["moment_list"], *rest["moment_list"])] == ids
    assert (len(page["moment_list"]), rest["next_cursor"]) == (20, "")
    assert crm.post(LIST, start_time=now - 31 * 86_400, end_time=now)["errcode"] == 40058


async def test_by_habit_members_publish_and_customers_react(sim: Simulator, crm: Caller):
    for _ in range(40):
        crm.friend()
    sim.behaviour.habits = Habits(publishes=1, likes=0.5, comments=0.2)
    moment_id = await make(crm)
    await sim.advance(86_400)
    part = crm.corp.moments.by_id[moment_id].publications["chen.yu"]
    assert part.published_at
    assert 10 < len(part.likes) < 30
    assert 0 < len(part.comments) < 20
