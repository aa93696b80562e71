import pytest

from handlers.directory import meet, part, read, reread
from sop.events import DirectoryDue
from sop.staff import Department, Member
from tests.handlers.desk import START, after
from wecom import staff as wecom
from wecom.errors import Misconfigured, Refused
from wecom.events import DepartmentUpdated, StaffCreated, StaffDeleted, StaffUpdated

DUE = DirectoryDue(corp_id="ww1", at=START)
CHEN = wecom.Member(user_id="chen", name="陈宇", departments=(2, 3), leads=(False, True), leaders=("lead",), status=1)
LEAD = wecom.Member(user_id="lead", name="林乔", departments=(2,), status=1)


@pytest.fixture
async def company(desk):
    desk.world.tree = (
        wecom.Department(id=1, name="公司"),
        wecom.Department(id=2, name="销售", parent_id=1, leaders=("lead",)),
        wecom.Department(id=3, name="门店", parent_id=2),
    )
    desk.world.staff = {"chen": CHEN, "lead": LEAD}
    desk.world.followers = ("chen",)
    await desk.run(read, DUE)
    return desk


async def test_the_directory_is_read(company):
    staff = company.store().staff
    assert await staff.find("chen") == Member(
        user_id="chen", name="陈宇", departments=(2, 3), leads=(3,), leader="lead", contactable=True
    )
    assert not (await staff.find("lead")).contactable
    assert await staff.departments() == {
        1: Department(id=1, name="公司"),
        2: Department(id=2, name="销售", parent_id=1, leaders=("lead",)),
        3: Department(id=3, name="门店", parent_id=2, leaders=("chen",)),
    }
    assert await staff.leads("chen") == ("lead",)


async def test_who_is_missing_has_left(company):
    company.world.staff = {"lead": LEAD}
    company.now = after(minutes=1)
    await company.run(read, DUE)
    gone = await company.store().staff.find("chen")
    assert (gone.active, gone.contactable, gone.name) == (False, False, "陈宇")


async def test_an_app_that_sees_nobody_dismisses_nobody(company):
    company.world.staff = {}
    company.now = after(minutes=1)
    await company.run(read, DUE)
    assert (await company.store().staff.find("chen")).active


@pytest.mark.parametrize(
    ("status", "active"),
    [(1, True), (4, True), (0, True), (2, False), (5, False)],
)
async def test_who_is_disabled_or_has_left_is_not_active(desk, status, active):
    desk.world.staff = {"chen": wecom.Member(user_id="chen", status=status)}
    await desk.run(meet, StaffCreated(corp_id="ww1", at=START, user_id="chen"))
    assert (await desk.store().staff.find("chen")).active is active


async def test_a_change_reads_the_one_member(company):
    company.world.staff["chen"] = wecom.Member(user_id="chen", name="陈小宇", departments=(2,), status=1)
    await company.run(meet, StaffUpdated(corp_id="ww1", at=START, user_id="chen"))
    found = await company.store().staff.find("chen")
    assert (found.name, found.departments, found.contactable) == ("陈小宇", (2,), True)


async def test_a_new_user_id_leaves_the_old_one_behind(company):
    company.world.staff["yu"] = wecom.Member(user_id="yu", name="陈宇", status=1)
    await company.run(meet, StaffUpdated(corp_id="ww1", at=START, user_id="chen", new_user_id="yu"))
    staff = company.store().staff
    assert ((await staff.find("chen")).active, (await staff.find("yu")).active) == (False, True)


@pytest.mark.parametrize("refusal", [Refused("user/get", code=60111), Misconfigured("user/get", code=60011)])
async def test_who_is_out_of_sight_has_left(company, refusal):
    company.world.refusal = refusal
    await company.run(meet, StaffUpdated(corp_id="ww1", at=START, user_id="chen"))
    assert not (await company.store().staff.find("chen")).active


async def test_a_wrong_configuration_dismisses_nobody(company):
    company.world.refusal = Misconfigured("user/get", code=60020)
    with pytest.raises(Misconfigured):
        await company.run(meet, StaffUpdated(corp_id="ww1", at=START, user_id="chen"))
    assert (await company.store().staff.find("chen")).active


async def test_who_is_deleted_has_left(company):
    await company.run(part, StaffDeleted(corp_id="ww1", at=START, user_id="chen"))
    assert not (await company.store().staff.find("chen")).active


async def test_many_changes_are_read_once(desk):
    for number in range(3):
        await desk.run(reread, DepartmentUpdated(corp_id="ww1", at=START, department_id=number))
    await desk.run(reread, StaffCreated(corp_id="ww1", at=START, user_id="chen"))
    assert await desk.timers() == [("directory:changed", "directory_due")]
