"""Where a request really comes from, when it came through a proxy."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from backend.settings import Settings


@lru_cache(maxsize=16)
def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text) for text in texts)


def within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the networks; text that is no address lies in none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _networks(networks))


def _peer(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def header(scope: Mapping[str, Any], name: bytes) -> str:
    """A request header as text; "" when it is not there, joined by commas when it is there twice."""
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def client_address(scope: Mapping[str, Any], settings: Settings) -> str:
    """The last address before the trusted proxies. A client cannot invent it: only proxies' words count."""
    address = _peer(scope)
    hops = [hop.strip() for hop in header(scope, b"x-forwarded-for").split(",") if hop.strip()]
    while hops and within(address, settings.trusted_proxies):
        address = hops.pop()
    return address


def is_https(scope: Mapping[str, Any], settings: Settings) -> bool:
    """Whether the browser speaks TLS to us or to our proxy."""
    if settings.https or scope.get("scheme") == "https":
        return True
    forwarded = header(scope, b"x-forwarded-proto").split(",")[-1].strip()
    return forwarded == "https" and within(_peer(scope), settings.trusted_proxies)
