"""A shop tells what its customers do: before they are anybody's customer, and by what it knows of them."""

import hashlib

import httpx

from simulator.actions import customers
from tests.stage import Stage


async def shop(siyu: Stage) -> httpx.AsyncClient:
    """A client of another system, that may tell of events and nothing else."""
    token = (await siyu.post("tokens", {"name": "商城", "role": "integration"}))["token"]
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=f"{siyu.base}/api/v1", headers=headers, trust_env=False, timeout=30)


async def tell(client: httpx.AsyncClient, *events: dict) -> list[str]:
    answer = await client.post("/events", json={"events": events})
    assert answer.is_success, answer.text
    return [each["status"] for each in answer.json()["events"]]


async def happened(siyu: Stage, customer: str) -> list[str]:
    return [entry.what for entry in await siyu.store().history.timeline(customer)]


async def has(siyu: Stage, customer: str, what: str, times: int = 1) -> bool:
    return (await happened(siyu, customer)).count(what) == times


async def test_an_order_from_before_the_add_is_in_the_new_customers_timeline(siyu: Stage):
    person = customers.meet(siyu.simulator.world, siyu.corp, external_userid="", name="王小明")
    order = {"name": "order_paid", "key": "o1", "unionid": person.unionid, "data": {"order_id": "o1", "amount": 99}}
    async with await shop(siyu) as client:
        assert await tell(client, order, {**order, "key": "o2", "unionid": "oSomebodyElse"}) == ["parked", "parked"]
        siyu.add(external_userid=person.external_userid)
        await siyu.until(lambda: has(siyu, person.external_userid, "order_paid"))
        await siyu.until(siyu.idle)
        assert await tell(client, order) == ["known"]
        assert await tell(client, {**order, "key": "o3"}) == ["taken"]
    page = await siyu.get(f"customers/{person.external_userid}/timeline")
    assert [entry["facts"] for entry in page["items"] if entry["what"] == "order_paid"] == [order["data"]] * 2
    waiting = await siyu.get("parked-events")
    assert [each["effect"] for each in waiting["items"]] == ["own:order_paid:o2"]


async def test_who_is_known_by_a_phone_number_from_a_table_is_found_by_its_hash(siyu: Stage):
    relation = siyu.add()
    await siyu.until(lambda: has(siyu, relation.external_userid, "added"))
    await siyu.post("fields", {"name": "phone", "kind": "text", "zh": "手机号", "personal": True, "unique": True})
    table = f"客户,手机号,客户阶段\n{relation.external_userid},138 0013 8000,won\nwmNobody,139,new\n"
    order = {"name": "order_paid", "field": "phone", "data": {"order_id": "o1"}}
    order["sha256"] = hashlib.sha256(b"13800138000").hexdigest()
    async with await shop(siyu) as client:
        assert await tell(client, {**order, "key": "early"}) == ["parked"]
        answer = await siyu.api.post(
            f"{siyu.base}/api/v1/field-values", content=table.encode(), headers={"Content-Type": "text/csv"}
        )
        plan = answer.json()
        assert (plan["noted"], plan["unknown"], plan["refused"]) == (1, 1, 0)
        await siyu.until(siyu.idle)
        assert (await siyu.get(f"jobs/{plan['job_id']}"))["status"] == "done"
        assert await tell(client, {**order, "key": "late"}) == ["taken"]
    siyu.push(5 * 60)  # the next round looks for those who became known otherwise
    await siyu.until(lambda: has(siyu, relation.external_userid, "order_paid", 2))
    shown = await siyu.get(f"customers/{relation.external_userid}")
    assert {each["name"]: each["value"] for each in shown["fields"]} == {"phone": "138 0013 8000", "stage": "won"}
    assert (await happened(siyu, relation.external_userid)).count("field_changed") == 2
