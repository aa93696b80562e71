"""What the service is compared with: a bare handler, and our own handler that stores nothing."""

import itertools
from datetime import UTC, datetime

from aiohttp import web

from bench import letters
from bench.child import Answer, obey
from bot.cli.runtime import run
from bot.server import Server, application
from bot.wake import Bells
from bot.wiring import reactions
from wecom.crypto import Cipher, Keyring

_numbers = itertools.count(1)


class Forgetful:
    """A database that takes everything and keeps nothing."""

    async def commit(self, _unit):
        return [[next(_numbers)]]


def bare() -> web.Application:
    """Reads the body and answers 200; also what a client is measured against."""

    async def receive(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b"success")

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b'{"errcode":0,"errmsg":"ok"}', content_type="application/json")

    app = web.Application()
    app.router.add_post("/callback/{corp_id}/{app}", receive)
    app.router.add_route("*", "/cgi-bin/{path:.*}", answer)
    return app


def unstored() -> web.Application:
    """Verifies, decrypts, parses, answers."""
    keys = {(letters.CORP, letters.APP): Keyring([Cipher(letters.TOKEN, letters.KEY, letters.CORP)])}
    server = Server(keys, Forgetful(), reactions(), Bells(), lambda: datetime.now(UTC))

    async def ready() -> dict[str, str]:
        return {}

    return application(server, ready)


async def start(order: Answer):
    app = {"bare": bare, "unstored": unstored}[order["peer"]]()
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()

    async def tell(_: Answer) -> Answer:
        return {}

    return {"port": runner.addresses[0][1]}, tell, runner.cleanup


if __name__ == "__main__":
    run(obey(start))
