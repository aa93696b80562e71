"""Members, departments and the app are read."""

from wecom.staff import Activity, Agent, Department, Member, Membership

RAW = {
    "errcode": 0,
    "errmsg": "ok",
    "userid": "chen.yu",
    "name": "陈宇",
    "department": [2, 3],
    "order": [1, 0],
    "is_leader_in_dept": [1, 0],
    "direct_leader": ["lin.qiao"],
    "position": "顾问",
    "status": 1,
    "gender": "2",
    "main_department": 2,
    "alias": "CY",
    "extattr": {"attrs": []},
}


async def test_a_member_comes_in_our_words(client, platform):
    platform.reply("user/get", RAW)
    member = await client.staff.get("chen.yu")
    assert platform.last.query["userid"] == "chen.yu"
    assert member == Member(
        user_id="chen.yu",
        name="陈宇",
        alias="CY",
        departments=(2, 3),
        main_department=2,
        leads=(True, False),
        leaders=("lin.qiao",),
        position="顾问",
        status=Activity.ACTIVE,
        gender=2,
    )


async def test_the_members_of_a_department_are_listed(client, platform):
    platform.reply("user/list", {"errcode": 0, "userlist": [RAW]})
    platform.reply("user/simplelist", {"errcode": 0, "userlist": [{"userid": "a", "name": "甲", "department": [1]}]})
    assert [member.name for member in await client.staff.list(2)] == ["陈宇"]
    assert platform.last.query["department_id"] == "2"
    assert await client.staff.names() == (Member(user_id="a", name="甲", departments=(1,)),)
    assert platform.last.query["department_id"] == "1"


async def test_memberships_come_page_by_page(client, platform):
    rows = [{"userid": "a", "department": 1}, {"userid": "a", "department": 2}]
    platform.reply("user/list_id", {"errcode": 0, "dept_user": rows, "next_cursor": "n"})
    page = await client.staff.ids("c")
    assert page.items == (Membership(user_id="a", department=1), Membership(user_id="a", department=2))
    assert (page.cursor, platform.last.body) == ("n", {"cursor": "c", "limit": 10_000})


async def test_departments_are_listed(client, platform):
    rows = [{"id": 2, "name": "门店", "parentid": 1, "order": 9, "department_leader": ["lin.qiao"]}]
    platform.reply("department/list", {"errcode": 0, "department": rows})
    assert await client.staff.departments() == (
        Department(id=2, name="门店", parent_id=1, order=9, leaders=("lin.qiao",)),
    )
    assert "id" not in platform.last.query
    await client.staff.departments(1)
    assert platform.last.query["id"] == "1"


async def test_the_app_tells_who_may_see_it(client, platform):
    raw = {
        "errcode": 0,
        "agentid": 1000002,
        "name": "crm",
        "close": 1,
        "allow_userinfos": {"user": [{"userid": "a"}]},
        "allow_partys": {"partyid": [1]},
        "redirect_domain": "example.com",
    }
    platform.reply("agent/get", raw)
    assert await client.staff.agent() == Agent(
        agent_id=1000002, name="crm", closed=True, users=("a",), departments=(1,), tags=(), domain="example.com"
    )
    assert platform.last.query["agentid"] == "1000002"


async def test_followers_and_callback_addresses_are_listed(client, platform):
    platform.reply("externalcontact/get_follow_user_list", {"errcode": 0, "follow_user": ["a", "b"]})
    platform.reply("getcallbackip", {"ip_list": ["101.226.103.*"]})
    assert await client.staff.followers() == ("a", "b")
    assert await client.staff.callback_addresses() == ("101.226.103.*",)
