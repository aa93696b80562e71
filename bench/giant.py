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
    giant.grow(running.simulator.world, company.corp, staff=order["staff"], customers=order["customers"])
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

    async def tell(_: Answer) -> Answer:
        """How often each API was called, by path and code."""
        counts = running.simulator.transcript.counts
        return {f"{path} {code}": count for (kind, path, code), count in counts.items() if kind == CALL}

    return hello, tell, running.stop


if __name__ == "__main__":
    run(obey(start))
