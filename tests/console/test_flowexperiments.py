"""The experiments of a flow say no more than their numbers bear, in the caller's language."""

from storage.engine.sql import Unit, insert
from tests.console.conftest import CORP
from tests.console.test_flows import DOCUMENT, published

SPLIT = {
    **DOCUMENT,
    "start": "half",
    "nodes": {
        **DOCUMENT["nodes"],
        "half": {"kind": "split", "arms": [{"name": "A", "next": "hello"}, {"name": "B", "next": "tip"}]},
    },
}
_EXPOSE = insert("exposures", ("corp_id", "flow_id", "node", "subject", "arm", "at", "converted_at"))


async def expose(site, flow, **arms):
    unit = Unit()
    for arm, (exposed, converted) in arms.items():
        for number in range(exposed):
            unit.add(
                _EXPOSE,
                corp_id=CORP,
                flow_id=int(flow),
                node="half",
                subject=f"wm{arm}{number}",
                arm=arm,
                at=0,
                converted_at=1 if number < converted else None,
            )
    await site.database.commit(unit)


async def readout(site, flow, query="", **more):
    status, answer = await site("operator", "GET", f"/flows/{flow}/experiments{query}", **more)
    assert status == 200
    (item,) = answer["items"]
    return item


async def test_an_experiment_without_anybody_is_no_decision(site):
    item = await readout(site, await published(site, SPLIT))
    assert (item["node"], item["state"], item["lifts"][0]["p"]) == ("half", "small", 1.0)
    assert item["sentence"].startswith("尚无结论")


async def test_a_sure_difference_is_told_with_its_interval(site):
    flow = await published(site, SPLIT)
    await expose(site, flow, A=(400, 40), B=(405, 120))
    item = await readout(site, flow, "?effect=0.1&least=400", headers={"Accept-Language": "en"})
    assert item["state"] == "decided"
    assert 0 < item["lifts"][0]["low"] < item["lifts"][0]["difference"] < item["lifts"][0]["high"]
    assert item["sentence"].startswith("B converts 19.63 percentage points more than A")


async def test_a_wrong_division_is_an_alarm(site):
    flow = await published(site, SPLIT)
    await expose(site, flow, A=(200, 20), B=(400, 120))
    assert (await readout(site, flow, "?least=100"))["state"] == "skewed"


async def test_a_draft_has_no_experiments(site):
    _, made = await site("operator", "POST", "/flows", {"document": SPLIT})
    assert await site("operator", "GET", f"/flows/{made['id']}/experiments") == (200, {"items": []})
    assert (await site("rep", "GET", f"/flows/{made['id']}/experiments"))[0] == 403
