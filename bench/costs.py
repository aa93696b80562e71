"""What single steps cost: opening and parsing a callback, and calling the platform with three clients."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import httpx_aiohttp

from bench import letters, machine
from bench.child import Answer, child, obey
from bench.stores import Stores
from bench.table import Table
from bot.cli.runtime import run
from wecom import callback
from wecom.budget import MemoryBudget
from wecom.calls import App
from wecom.client import Client
from wecom.crypto import Cipher, Keyring
from wecom.customers import Remark
from wecom.exchange import default_transport
from wecom.ids import AgentId, CorpId, ExternalUserId, UserId
from wecom.tokens import MemoryTokens, Token

AT_ONCE = 64
SHARE = 10.0**6
BATCHES = 7


async def measure(_: Stores, table: Table, *, quick: bool) -> None:
    async with (
        child("peers", machine.OTHERS, peer="bare") as platform,
        child("costs", {machine.SERVER}, port=platform.hello["port"], calls=500 if quick else 3000) as one,
    ):
        costs = one.hello
    table.title("CPU of single steps (the best of several batches)")
    steps = {name: costs[name] for name in ("unwrap", "open", "parse")}
    for name, cost in steps.items():
        table.row(f"callback: {name}", cost, "µs")
    table.row("callback: verify, decrypt, parse", sum(steps.values()), "µs")
    table.title(f"CPU of one call of the platform, {AT_ONCE} at once (answered by a bare aiohttp server)")
    for name in ("ours", "httpx", "httpx over aiohttp"):
        table.row(name, costs[name], "µs", beside=f"{costs[name] / costs['ours']:.2f} × ours")


def _steps() -> dict[str, float]:
    keyring = Keyring([Cipher(letters.TOKEN, letters.KEY, letters.CORP)])
    query, body = letters.envelope(1, Cipher(letters.TOKEN, letters.KEY, letters.CORP))
    encrypted = callback.unwrap(body).encrypted
    signed = {"timestamp": query["timestamp"], "nonce": query["nonce"], "signature": query["msg_signature"]}
    plain = keyring.open(**signed, encrypted=encrypted)
    steps: dict[str, Callable[[], object]] = {
        "unwrap": lambda: callback.unwrap(body),
        "open": lambda: keyring.open(**signed, encrypted=encrypted),
        "parse": lambda: callback.parse(plain, CorpId(letters.CORP)),
    }
    return {name: min(_time(step) for _ in range(BATCHES)) for name, step in steps.items()}


def _time(step: Callable[[], object], turns: int = 2000) -> float:
    began = time.process_time()
    for _ in range(turns):
        step()
    return (time.process_time() - began) / turns * 1e6


async def _calls(port: int, count: int) -> dict[str, float]:
    """Microseconds of CPU for a remark set, by client."""
    base, path = f"http://127.0.0.1:{port}", "/cgi-bin/externalcontact/remark?access_token=" + "t" * 200
    body = {"userid": "chen.yu", "external_userid": "wm1", "remark": "南京西路店-小王"}

    async def plainly(client: httpx.AsyncClient) -> None:
        (await client.post(base + path, json=body)).raise_for_status().json()

    tokens = MemoryTokens()
    await tokens.renew(f"{letters.CORP}:crm", "", _token)
    transport = default_transport()
    app = App("crm", AgentId(1000002), "x" * 43)
    client = Client(
        CorpId(letters.CORP), app, transport=transport, tokens=tokens, budget=MemoryBudget(share=SHARE), api_base=base
    )
    who = UserId("chen.yu"), ExternalUserId("wm1")
    remark = Remark(remark=body["remark"])
    costs = {"ours": await _repeat(lambda: client.customers.remark(*who, remark), count)}
    await client.aclose()
    await transport.aclose()
    async with httpx.AsyncClient(trust_env=False, timeout=60) as stock:
        costs["httpx"] = await _repeat(lambda: plainly(stock), count)
    async with httpx_aiohttp.HttpxAiohttpClient(trust_env=False, timeout=60) as other:
        costs["httpx over aiohttp"] = await _repeat(lambda: plainly(other), count)
    return costs


async def _token() -> Token:
    return Token("t" * 200, datetime.now(UTC) + timedelta(hours=2))


async def _repeat(call: Callable[[], Awaitable[object]], count: int) -> float:
    async def lane(turns: int) -> None:
        for _ in range(turns):
            await call()

    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        await asyncio.gather(*(lane(count // AT_ONCE) for _ in range(AT_ONCE)))
        best = min(best, time.process_time() - began)
    return best / (count // AT_ONCE * AT_ONCE) * 1e6


async def start(order: Answer):
    """Measure at once; the answer is the result."""
    costs = _steps() | await _calls(order["port"], order["calls"])

    async def tell(_: Answer) -> Answer:
        return {}

    async def stop() -> None:
        return None

    return costs, tell, stop


if __name__ == "__main__":
    run(obey(start))
