"""The virtual WeCom in a process of its own: a giant company, 50 ms for every answer, and its documented limits."""

import gc

from bench.child import Answer, obey
from bot.cli.runtime import run
from simulator import giant
from simulator import run as simulate
from simulator.transcript import CALL

LATENCY = 0.05  # seconds that every API call takes


async def start(order: Answer):
    """Found the company; `staff` and `customers` say how large it is."""
    running = await simulate(seed=11, speed=1.0, kept=1000)
    running.simulator.platform.latency = LATENCY
    company = running.simulator.found_company()
    grown = giant.grow(running.simulator.world, company.corp, staff=order["staff"], customers=order["customers"])
    hired = set(grown)
    gc.freeze()
    hello = {
        "api_base": running.url,
        "corp_id": company.corp.id,
        "app": company.app.name,
        "agent_id": company.app.agent_id,
        "secret": company.app.secret,
        "token": company.token,
        "encoding_aes_key": company.encoding_aes_key,
    }

    pairs = {one.external_userid: one.userid for one in company.corp.contacts if one.userid in hired}
    known = list(pairs.items())

    async def tell(order: Answer) -> Answer:
        """How often each API was called, by path and code; `do`: some of the customers, or what is to be confirmed."""
        if order.get("do") == "people":
            return {"people": known[order["first"] : order["first"] + order["most"]]}
        if order.get("do") == "broadcasts":
            tasks = [task for each in company.corp.broadcasts.by_id.values() for task in each.tasks.values()]
            return {"tasks": len(tasks), "recipients": sum(len(task.recipients) for task in tasks)}
        counts = running.simulator.transcript.counts
        return {f"{path} {code}": count for (kind, path, code), count in counts.items() if kind == CALL}

    return hello, tell, running.stop


if __name__ == "__main__":
    run(obey(start))
