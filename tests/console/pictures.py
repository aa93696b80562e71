"""Somebody who has WeCom's pictures of codes, and phones that read them."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import segno
import zxingcpp
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

CONTENT = "https://work.weixin.qq.com/ca/cawcde1234567890"


def draw(content: str = CONTENT) -> bytes:
    """What WeCom would show."""
    out = io.BytesIO()
    segno.make(content, micro=False).save(out, kind="png", scale=8)
    return out.getvalue()


def read(picture: bytes) -> list[str]:
    """What a phone finds in a picture."""
    return [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("RGB"))]


@dataclass
class Host:
    """Answers every request with what it was given, and remembers which came."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    base: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        answer = self.answers.get(request.path)
        if isinstance(answer, str):
            raise web.HTTPFound(answer)
        if answer is None:
            raise web.HTTPNotFound
        return web.Response(body=answer)


@asynccontextmanager
async def hosted(**answers: bytes | str) -> AsyncIterator[Host]:
    """A server on this machine: `hosted(code=draw())` has it at /code."""
    host = Host({f"/{name}": answer for name, answer in answers.items()})
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", host.answer)
    server = TestServer(app)
    await server.start_server()
    host.base = str(server.make_url("")).rstrip("/")
    yield host
    await server.close()
