"""Addresses of the web that others have given: whether they lead to the public Internet, or into our own network."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")  # all that is given out


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public Internet; one written in the other family counts as what it is."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (IPv4Address(found.packed[-4:]) if found in _NAT64 else None)
        if inner is None and found not in _UNICAST:
            return False
        found = inner or found
    return found.is_global and not found.is_multicast


def find_host(url: str) -> str:
    """The host of an http(s) URL; "" for what is none, or has a user in it, or cannot be taken apart."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and not parts.username and parts.port != 0
    except ValueError:
        return ""
    return (parts.hostname or "") if sound else ""


def is_inside(host: str) -> bool:
    """Whether a host is written as an address of our own network; what is behind a name only a look can tell."""
    try:
        return not is_public(host)
    except ValueError:
        return False
