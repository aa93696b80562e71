"""Asking others over HTTP: never inside our own network, whatever a name server says, and to what was looked at.

A name is resolved once, and the connection goes to the very addresses that were found good.
"""

import asyncio
import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from sop.addresses import find_host, is_inside, is_public

_LOOK_SECONDS = 3.0


class Forbidden(Exception):
    """The address is not one that may be asked."""


def check(url: str, *, inside: bool) -> None:
    """Raise `Forbidden` for what is no http(s) address, or is written as one of our own network.

    `inside` allows these: where WeCom itself is on this machine, as in tests and the demo.
    """
    host = find_host(url)
    if not host:
        raise Forbidden("is no address that can be asked")
    if not inside and is_inside(host):
        raise Forbidden(f"{host} is an address of this network")


def connector(*, inside: bool) -> aiohttp.TCPConnector:
    """What connects to names of the public Internet only."""
    return aiohttp.TCPConnector(resolver=DefaultResolver() if inside else _Outside(), use_dns_cache=False)


async def leads_inside(url: str) -> bool:
    """Whether the name in a URL leads into our own network now; one that leads nowhere does not."""
    resolver = _Outside()
    try:
        await asyncio.wait_for(resolver.resolve(find_host(url), 0, socket.AF_UNSPEC), _LOOK_SECONDS)
    except Forbidden:
        return True
    except (OSError, TimeoutError, ValueError):
        return False
    finally:
        await resolver.close()
    return False


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
