"""Another system: it takes webhooks over HTTP, remembers them, and answers as it is told."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Delivery:
    """One request."""

    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.content)

    def is_signed(self, secret: str) -> bool:
        """Whether it is from who knows the secret, by the letter of standardwebhooks.com."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = b".".join(
            [self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), self.content]
        )
        right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(right, self.headers["webhook-signature"])


@dataclass
class Receiver:
    """Answers with the next of `answers` (a status, "hang up", "sleep"), then with 204."""

    answers: list[Any] = field(default_factory=list)
    took: list[Delivery] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.took.append(
            Delivery({name.lower(): value for name, value in request.headers.items()}, await request.read())
        )
        answer = self.answers.pop(0) if self.answers else 204
        if answer == "hang up":
            request.transport.abort()
            return web.Response()
        if answer == "sleep":
            await asyncio.sleep(30)
        return web.Response(status=answer if isinstance(answer, int) else 200, headers=self.headers)


@asynccontextmanager
async def receiving(**how: Any) -> AsyncIterator[Receiver]:
    """A receiver on this machine."""
    receiver = Receiver(**how)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    server = TestServer(app)
    await server.start_server()
    receiver.url = str(server.make_url("/hook"))
    yield receiver
    await server.close()
