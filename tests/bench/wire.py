"""HTTP/1.1 over one kept connection, with next to no work for the client.

A benchmark's client shares the machine with the server: what it spends is missing there. Requests are bytes made
before the clock runs; of an answer only status, length and body are looked at.
"""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """A header's value by its lower-case name; empty when there is none."""
        at = self.head.lower().find(b"\r\n" + name + b":")
        if at < 0:
            return b""
        return self.head[at + len(name) + 3 : self.head.index(b"\r\n", at + 2)].strip()


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A whole request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
    if body or method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Wire:
    """One connection, opened at the first request and again after the server closed it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname == "127.0.0.1", "a load test stays on this machine"
        self.port = parts.port
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, raw: bytes) -> Answer:
        """Raises OSError or EOFError (IncompleteReadError) when the server goes away in between.

        A connection that the server closed while nothing was asked is opened again, as every browser does.
        """
        kept = self._writer is not None
        try:
            return await self._send(raw)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            if not kept or getattr(error, "partial", b""):
                raise
            return await self._send(raw)

    async def _send(self, raw: bytes) -> Answer:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**23)
        self._writer.write(raw)
        try:
            answer = await self._answer()
        except BaseException:
            self.close()
            raise
        if answer.header(b"connection") == b"close":
            self.close()
        return answer

    async def _answer(self) -> Answer:
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        answer = Answer(status, head, b"")
        if status in (204, 304):
            return answer
        if b"chunked" in answer.header(b"transfer-encoding"):
            return Answer(status, head, await self._chunks())
        return Answer(
            status, head, await self._reader.readexactly(int(answer.header(b"content-length") or 0))
        )

    async def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            body += await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readuntil(b"\r\n")
        return bytes(body)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
