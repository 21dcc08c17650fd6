"""The one way out to addresses that a setting or a phone names: never into the own machine or network unawares.

The name is looked up once, every address that it has must be a public one or lie in an allowed network, and the call
goes to that very address: a name that changes its mind between the look and the call (DNS rebinding) gains nothing.
Redirects are not followed, no proxy of the environment is used.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are the address meant
MOST = 65_536  # bytes of an answer that are read


class Undelivered(Exception):  # noqa: N818 (an outcome, not a fault)
    """It did not go out: `refused`, `timeout`, `unreachable`, `http_500`, `said_93000`. The code names no address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`plain`: http is allowed too, for trials; `networks` may be reached though they are not public."""

    networks: Sequence[str] = ()
    plain: bool = False
    timeout_s: float = 10

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer, all within `timeout_s`. Raises Undelivered."""
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._post(url, body, headers)
        except (TimeoutError, httpx.TimeoutException):
            raise Undelivered("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
            raise Undelivered("unreachable") from None

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        target = httpx.URL(url)
        if target.scheme != "https" and not (self.plain and target.scheme == "http"):
            raise Undelivered("refused")
        port = target.port or (443 if target.scheme == "https" else 80)
        for address in await self._addresses(target.host, port):
            with suppress(httpx.ConnectError):
                return await self._call(target, address, body, headers)
        raise Undelivered("unreachable")

    async def _call(
        self, target: httpx.URL, address: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        request = httpx.Request(
            "POST",
            target.copy_with(host=address),
            content=body,
            headers={**headers, "Host": target.netloc.decode()},
            extensions={
                "sni_hostname": target.host,
                "timeout": httpx.Timeout(self.timeout_s).as_dict(),
            },
        )
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, verify=_trusted()) as client:
            answer = await client.send(request, stream=True)
            try:
                said = b""
                async for piece in answer.aiter_bytes():
                    said += piece
                    if len(said) >= MOST:
                        break
                return answer.status_code, said[:MOST]
            finally:
                await answer.aclose()

    async def _addresses(self, host: str, port: int) -> list[str]:
        """All that the name has. Raises Undelivered when one of them is not allowed."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if not all(self.allows(address) for address in addresses):
            raise Undelivered("refused")
        return addresses

    def allows(self, address: str) -> bool:
        """Whether a call may go to this address."""
        ip = _meant(address)
        inside = any(ip in ip_network(each) for each in self.networks)
        return inside or (ip.is_global and not ip.is_multicast)


def _meant(address: str) -> IPv4Address | IPv6Address:
    """Where a call to this address ends: those of version 6 that stand for one of version 4 are that one."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return ip
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


@cache
def _trusted() -> ssl.SSLContext:
    """Whom a receiver's certificate may be from: the usual, and this machine's authorities for one's own gateway."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
