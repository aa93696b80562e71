"""Fetching the pictures that WeCom's answers point to: of bounded size, never from inside our own network."""

import asyncio
import io
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urljoin, urlsplit

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver
from PIL import Image

from console.api.problem import Problem
from storage.pictures import Picture, Pictures
from storage.scope import Scope

MOST_BYTES = 2 * 2**20
_PATIENCE = aiohttp.ClientTimeout(total=10)
_HOPS = 3
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")  # all that is given out
_KINDS = {"PNG": "image/png", "JPEG": "image/jpeg"}
log = structlog.get_logger()


class Forbidden(Exception):
    """The address is not one that may be asked."""


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
    resolver = DefaultResolver() if inside else _Outside()
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector, timeout=_PATIENCE) as session:
        for _ in range(_HOPS):
            _check(url, inside=inside)
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


class _Outside(AbstractResolver):
    """Names of the public Internet only, whatever a name server says of them."""

    def __init__(self) -> None:
        self._resolver = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name, unless one of them is inside."""
        found = await self._resolver.resolve(host, port, family)
        if not all(is_public(each["host"]) for each in found):
            raise Forbidden(f"{host} is an address of this network")
        return found

    async def close(self) -> None:
        """Let go of the name server."""
        await self._resolver.close()


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public Internet; one written in the other family counts as what it is."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (IPv4Address(found.packed[-4:]) if found in _NAT64 else None)
        if inner is None and found not in _UNICAST:
            return False
        found = inner or found
    return found.is_global and not found.is_multicast


def _check(url: str, *, inside: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise Forbidden("is no address of a picture")
    try:
        literal = ip_address(parts.hostname)
    except ValueError:
        return  # a name: the resolver looks at what is behind it
    if not inside and not is_public(str(literal)):
        raise Forbidden(f"{literal} is an address of this network")


def _sniff(content: bytes) -> Picture:
    """The picture, by what it is and not by what it is said to be; raises OSError or ValueError for what is none."""
    try:
        with Image.open(io.BytesIO(content), formats=list(_KINDS)) as picture:
            picture.verify()
            return Picture(_KINDS[picture.format or ""], content)
    except (SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from error
