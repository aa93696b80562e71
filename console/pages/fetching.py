"""Fetching the pictures that WeCom's answers point to: of bounded size, never from inside our own network."""

import asyncio
import io
from urllib.parse import urljoin

import aiohttp
import structlog
from PIL import Image

from console import outside
from console.api.problem import Problem
from console.outside import Forbidden
from storage.pictures import Picture, Pictures
from storage.scope import Scope

MOST_BYTES = 2 * 2**20
_PATIENCE = aiohttp.ClientTimeout(total=10)
_HOPS = 3
_KINDS = {"PNG": "image/png", "JPEG": "image/jpeg"}
log = structlog.get_logger()


async def obtain(scope: Scope, url: str, *, inside: bool) -> Picture:
    """The picture at an address, from our store or from there; written with the rest of the unit.

    `inside` allows addresses of this machine and its network: where WeCom itself is there, as in tests.
    Raises `Problem` "no-picture" where it cannot be had now.
    """
    kept = await Pictures(scope).find(url)
    if kept is not None:
        return kept
    try:
        picture = await asyncio.to_thread(_sniff, await fetch(url, inside=inside))
    except (Forbidden, OSError, ValueError, TimeoutError, aiohttp.ClientError) as error:
        log.warning("picture_not_fetched", url=url, why=f"{type(error).__name__}: {error}"[:200])
        raise Problem("no-picture") from error
    Pictures(scope).put(url, picture)
    return picture


async def fetch(url: str, *, inside: bool) -> bytes:
    """What is at an address; raises `Forbidden`, OSError, ValueError, TimeoutError or `aiohttp.ClientError`."""
    connector = outside.connector(inside=inside)
    async with aiohttp.ClientSession(connector=connector, timeout=_PATIENCE) as session:
        for _ in range(_HOPS):
            outside.check(url, inside=inside)
            async with session.get(url, allow_redirects=False) as answer:
                if answer.status in {301, 302, 303, 307, 308}:
                    url = urljoin(url, answer.headers.get("Location", ""))
                    continue
                answer.raise_for_status()
                content = await answer.content.read(MOST_BYTES + 1)
                while len(content) <= MOST_BYTES and (more := await answer.content.read(MOST_BYTES)):
                    content += more
                if len(content) > MOST_BYTES:
                    raise ValueError("too large")
                return content
    raise ValueError("too many redirections")


def _sniff(content: bytes) -> Picture:
    """The picture, by what it is and not by what it is said to be; raises OSError or ValueError for what is none."""
    try:
        with Image.open(io.BytesIO(content), formats=list(_KINDS)) as picture:
            picture.verify()
            return Picture(_KINDS[picture.format or ""], content)
    except (SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from error
