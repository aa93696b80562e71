"""What handlers read is what the virtual WeCom really answers."""

from datetime import UTC, datetime

import pytest

from handlers import customers, directory
from handlers.reader import Reader
from handlers.tags import library as tags
from simulator import Simulator
from simulator.actions import customers as people
from simulator.actions import staff
from sop.events import DirectoryDue
from tests.handlers.desk import START
from wecom.budget import MemoryBudget
from wecom.calls import App
from wecom.client import Client
from wecom.events import ContactEdited
from wecom.tokens import MemoryTokens

DUE = DirectoryDue(corp_id="ww1", at=START)


@pytest.fixture
async def corp(desk):
    """The small company of the virtual WeCom, read through a real client."""
    sim = Simulator(seed=7)
    company = sim.found_company()
    app = App(company.app.name, company.app.agent_id, company.app.secret)
    client = Client(
        company.corp.id,
        app,
        transport=sim.transport(),
        tokens=MemoryTokens(),
        budget=MemoryBudget(),
        clock=lambda: datetime.fromtimestamp(sim.clock.now(), UTC),
    )
    desk.world = Reader(client)
    yield sim.world, company.corp
    await client.aclose()


async def test_the_directory_and_its_leads_are_read(desk, corp):
    await desk.run(directory.read, DUE)
    store = desk.store()
    members = await store.staff.members()
    assert len(members) == 30
    assert all(member.active and member.contactable and member.name for member in members)
    rep = next(member for member in members if member.departments == (5,) and not member.leads)
    lead = next(member for member in members if member.leads == (5,))
    assert await store.staff.leads(rep.user_id) == (lead.user_id,)


async def test_the_tag_library_is_read(desk, corp):
    await desk.run(tags.read, DUE)
    library = {group.name: [tag.name for tag in group.tags] for group in await desk.store().tags.library()}
    assert sorted(library["客户等级"]) == ["VIP", "普通客户", "重要客户"]
    assert len(library) == 4


async def test_a_customer_is_read_with_remark_and_tags(desk, corp):
    world, company = corp
    await desk.run(tags.read, DUE)
    vip = next(tag for group in await desk.store().tags.library() for tag in group.tags if tag.name == "VIP")
    userid = next(iter(company.directory)).userid
    relation = people.add(world, company, userid=userid, name="小周")
    pair = {"user_id": userid, "external_user_id": relation.external_userid}
    staff.tag(world, company, userid=userid, external_userid=relation.external_userid, put=[vip.id])
    staff.note(world, company, userid=userid, external_userid=relation.external_userid, remark="周女士")
    await desk.run(customers.refresh, ContactEdited(corp_id="ww1", at=START, **pair))
    store = desk.store()
    assert (await store.customers.find(relation.external_userid)).name == "小周"
    found = await store.relations.find(relation.external_userid, userid)
    assert (found.remark, found.adds) == ("周女士", 1)
    assert found.added_at.tzinfo is not None
    assert [binding.name for binding in await store.tags.bindings(relation.external_userid, userid)] == ["VIP"]
