"""A small company to play with: 30 members, three levels of departments, tags, and one app."""

from dataclasses import dataclass, field

from simulator.names import STAFF
from simulator.world import World
from simulator.world.corp import App, Corp
from simulator.world.people import Department, Member

CORP_ID = "ww7c1e5a90b3d2f486"
NAME = "山茶生活"
AGENT_ID = 1_000_002
APP_NAME = "crm"

_DEPARTMENTS = (
    # id, name, parent, how many of the staff, counted on in the order of names.STAFF
    (1, NAME, 0, 1),
    (2, "销售部", 1, 1),
    (3, "客户服务部", 1, 1),
    (4, "运营部", 1, 4),
    (5, "华东一组", 2, 6),
    (6, "华南一组", 2, 6),
    (7, "售前顾问组", 3, 6),
    (8, "售后服务组", 3, 5),
)
_TAGS = {
    "客户等级": ("普通客户", "重要客户", "VIP"),
    "意向程度": ("高意向", "中意向", "低意向"),
    "来源渠道": ("门店", "公众号", "短视频", "朋友推荐"),
    "购买阶段": ("新客", "已下单", "复购", "流失预警"),
}


@dataclass(frozen=True, slots=True)
class Company:
    """The corp, its app, and what the app's owner needs to know to configure a service."""

    corp: Corp
    app: App
    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)

    @property
    def members(self) -> list[Member]:
        """Everyone, the head first."""
        return list(self.corp.directory)


def found_company(world: World, *, corp_id: str = CORP_ID, callback_url: str = "") -> Company:
    """Found the small company; with a callback URL its app is told what happens."""
    corp = world.found(corp_id, NAME)
    _hire(corp)
    for group_name, names in _TAGS.items():
        group = corp.tags.found(group_name, now=world.now(), agent_id=AGENT_ID)
        for name in names:
            corp.tags.add(group, name, now=world.now(), agent_id=AGENT_ID)
    app = App(AGENT_ID, APP_NAME, corp.mint.text("", 43))
    corp.apps[app.agent_id] = app
    company = Company(corp, app, corp.mint.text("", 20), corp.mint.text("", 43))
    if callback_url:
        corp.receive(app.agent_id, url=callback_url, token=company.token, encoding_aes_key=company.encoding_aes_key)
    return company


def _hire(corp: Corp) -> None:
    """Fill the departments; the first of each leads it, and reports to the leader above."""
    people = iter(STAFF)
    for number, name, parent, count in _DEPARTMENTS:
        department = corp.directory.departments.get(number) or corp.directory.found(Department(number, name, parent))
        above = corp.directory.departments[parent].leaders if parent else []
        for position in range(count):
            userid, full_name = next(people)
            leaders = department.leaders if position else above
            title = "顾问" if position else "负责人"
            member = Member(userid, full_name, [number], title, direct_leaders=list(leaders[:1]))
            corp.directory.add(member)
            if not position:
                corp.directory.promote(member, number)
