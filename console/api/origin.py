"""Where a request comes from, for whoever has patience with one address and not with another."""

from ipaddress import IPv6Address, ip_address, ip_network

from aiohttp import web

_MOST_HOPS = 8
_HOME = 64  # bits of an IPv6 address that are one network's: who has one address there has them all


def trace(request: web.Request) -> str:
    """The address, or the IPv6 network, that a request comes from; what no proxy of ours has written is not believed.

    A connection from inside our own network is a reverse proxy's: then it is the last address of X-Forwarded-For that
    is none of our own network's. Otherwise all who come through the proxy would wait for the one who guesses.
    """
    told = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    found = request.remote or ""
    for hop in reversed(told[-_MOST_HOPS:]):
        if _is_outside(found) or not _is_address(hop.strip()):
            break
        found = hop.strip()
    return _network(found)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_outside(address: str) -> bool:
    return not _is_address(address) or not ip_address(address).is_private


def _network(address: str) -> str:
    if not _is_address(address):
        return address
    found = ip_address(address)
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or ip_network((found.packed, _HOME), strict=False))
