"""Every callback about staff, jobs, approvals and customer service tells its fact."""

from datetime import UTC, datetime

import pytest

from tests.callbacks import APP, CHEN, LIN, WU, ZHAO, on, told
from wecom.events import (
    ApprovalChanged,
    Attribute,
    DepartmentCreated,
    DepartmentDeleted,
    DepartmentUpdated,
    Event,
    JobFinished,
    KfAccountsChanged,
    KfNotified,
    LivingChanged,
    MessagesArchived,
    OwnApprovalChanged,
    StaffCreated,
    StaffDeleted,
    StaffTagged,
    StaffUpdated,
    UploadFinished,
)
from wecom.events.approval import Comment, Opinion, Record, Stage, Step
from wecom.ids import AgentId, DepartmentId, UserId

EAST, CITY, OTHER = DepartmentId(48), DepartmentId(12), DepartmentId(35)
AVATAR = "https://wework.qpic.cn/bizmail/abc/0"
UNDECIDED = Opinion(user_id=ZHAO, decision="open", at=None)


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


FACTS: dict[str, Event] = {
    "staff_created": StaffCreated(
        **on(1760499000),
        user_id=WU,
        name="吴岚",
        departments=(EAST,),
        gender="female",
        status="inactive",
        attributes=(Attribute(name="爱好", value="旅游"),),
    ),
    "staff_created_since_2022": StaffCreated(**on(1760499100), user_id=WU, departments=(EAST, CITY)),
    "staff_updated": StaffUpdated(
        **on(1760500000),
        user_id=CHEN,
        new_user_id=UserId("chen.yu2"),
        name="陈宇",
        departments=(CITY, OTHER),
        main_department=CITY,
        leads=(True, False),
        leaders=(ZHAO,),
        position="区域经理",
        mobile="13900000001",
        gender="male",
        email="chen.yu@example.com",
        work_email="chen.yu@example.wecom.work",
        status="active",
        avatar=AVATAR,
        alias="Yu",
        telephone="021-5550100",
        address="上海市",
        attributes=(
            Attribute(name="工号", value="A1007"),
            Attribute(name="主页", title="名片", url="https://example.com/c"),
        ),
    ),
    "staff_deleted": StaffDeleted(**on(1760500600), user_id=CHEN),
    "department_created": DepartmentCreated(
        **on(1760501000), department_id=EAST, name="华东二区", parent_id=CITY, order=100000
    ),
    "department_updated": DepartmentUpdated(**on(1760501100), department_id=EAST, name="", parent_id=DepartmentId(1)),
    "department_deleted": DepartmentDeleted(**on(1760501200), department_id=EAST),
    "staff_tagged": StaffTagged(
        **on(1760501300),
        tag_id=7,
        added_users=(CHEN, LIN),
        removed_users=(ZHAO,),
        added_departments=(EAST,),
        removed_departments=(CITY, OTHER),
    ),
    "job_finished": JobFinished(
        **on(1760600000),
        job_id="jobid_Zk3mQ9tR1vX7",
        job_type="export_user",
        error_code=0,
        error_message="ok",
    ),
    "upload_finished": UploadFinished(**on(1760600100), job_id="jobid_S0MrnndvRG5fadSlLwiBqiDD"),
    "messages_archived": MessagesArchived(**on(1760700000), agent_id=AgentId(2000004)),
    "living_changed": LivingChanged(
        **on(1760710000), living_id="lvQx7LdAAAtY2f8Kq0nRwZsM", status="live", user_id=CHEN, agent_id=APP
    ),
    "kf_notified": KfNotified(**on(1760750000), open_kf_id="wkQx7LdAAAe6Hn1Bv3Zs", token="ENC7tVq2PzL0mXyR5cKd"),
    "kf_accounts_changed": KfAccountsChanged(
        **on(1760750100),
        added=("wkQx7LdAAAe6Hn1Bv3Zs", "wkQx7LdAAAe6Hn1Bv3Zt"),
        removed=("wkQx7LdAAAold00000001",),
    ),
    "approval_changed": ApprovalChanged(
        **on(1760720000),
        number="202510170007",
        name="优惠申请",
        status="open",
        change="commented",
        template_id="3TmaT1QxLdAAAbcd",
        applied=moment(1760719900),
        applicant=CHEN,
        department_id=CITY,
        records=(Record(status="open", rule="any", opinions=(UNDECIDED,)),),
        notified=(LIN,),
        stages=(Stage(role="approver", status="open", rule="any", opinions=(UNDECIDED,)),),
        comments=(
            Comment(comment_id="6750538708562308221", user_id=ZHAO, at=moment(1760719990), content="请补充附件"),
        ),
        agent_id=AgentId(3010040),
    ),
    "own_approval_changed": OwnApprovalChanged(
        **on(1760721000),
        number="discount-0007",
        name="优惠申请",
        status="open",
        template_id="1250181d7a2b4c",
        applied=moment(1760720900),
        applicant=CHEN,
        applicant_name="陈宇",
        department="华东二区",
        image_url=AVATAR,
        steps=(
            Step(
                status="agreed",
                rule="any",
                appointed="member",
                opinions=(Opinion(user_id=ZHAO, name="赵敏", decision="agreed", speech="同意", at=moment(1760720950)),),
            ),
            Step(
                status="open",
                rule="all",
                appointed="superior",
                opinions=(Opinion(user_id=LIN, name="林乔", decision="open", at=None),),
            ),
        ),
        notified=(WU,),
        step=1,
        agent_id=APP,
    ),
}
KEYS = {
    "staff_updated": "staff:chen.yu",
    "department_deleted": "departments",
    "staff_tagged": "stafftag:7",
    "job_finished": "job:jobid_Zk3mQ9tR1vX7",
    "living_changed": "living:lvQx7LdAAAtY2f8Kq0nRwZsM",
    "messages_archived": "archive",
    "kf_notified": "kf:wkQx7LdAAAe6Hn1Bv3Zs",
    "kf_accounts_changed": "kf",
    "approval_changed": "approval:202510170007",
    "own_approval_changed": "approval:discount-0007",
}


@pytest.mark.parametrize("name", FACTS)
def test_a_callback_tells_its_fact(name: str) -> None:
    assert told(name) == FACTS[name]


@pytest.mark.parametrize("name", KEYS)
def test_events_of_one_subject_share_a_key(name: str) -> None:
    assert told(name).key == KEYS[name]
