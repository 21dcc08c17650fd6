"""The outermost shell of the application: what holds for every request and every answer.

Refuses changes that come from a foreign page, bounds the size of requests, puts the security headers on,
hands out renewed session tokens, tells the time, counts and logs.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from backend import problems
from backend.access.sessions import COOKIE
from backend.clock import Clock
from backend.settings import Settings
from backend.web.address import header, is_https
from backend.web.asgi import App, Message, Receive, Scope, Send

log = structlog.get_logger("http")

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SMALL_BODY: Final = 65536
DRAIN_BYTES: Final = 4 * 2**20
DRAIN_S: Final = 5
SLOWEST: Final = 1024  # bytes a second that a body comes with at least, beside the time it may stand still
SLOW: Final = 408
UPLOADS: Final = "/api/v1/uploads"
RESCUE: Final = "/api/v1/rescue"
IMPORTS: Final = "/api/v1/equipment/import"
IMPORT_BODY: Final = 8 * 2**20
RECEIPT_BODY: Final = 2**20
TOKEN_KEY: Final = "mingcha_new_token"  # noqa: S105 (name of a key of the scope)

CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # the reader of barcodes is WebAssembly
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "worker-src 'self'",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)

HEADERS: Final = {
    b"content-security-policy": CSP.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
# When the request came and how long until the answer, ms: a device measures its clock by it (sync/clock.py).
TIME: Final = b"x-mingcha-time"
HSTS: Final = b"max-age=31536000; includeSubDomains"


class _Inbound:
    """The request's body on its way in, and whether all of it has come.

    A phone that is still sending does not listen: an answer sent meanwhile is lost when the connection closes.
    So what is left of a piece of a photo is read first and thrown away, within bounds.
    """

    def __init__(self, scope: Scope, receive: Receive, idle_s: float) -> None:
        self.receive = receive
        self.idle_s = idle_s
        self.bytes = 0
        self.waited_s = 0.0
        self.whole = header(scope, b"content-length") in ("", "0") and not header(scope, b"transfer-encoding")

    async def __call__(self) -> Message:
        """The next piece. Raises AppError `too_slow` when none comes in time, or too little of it."""
        if self.whole:
            return await self.receive()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.idle_s):
                message = await self.receive()
        except TimeoutError:
            raise problems.AppError("too_slow") from None
        self.waited_s += time.monotonic() - began
        self.bytes += len(message.get("body", b""))
        if self.waited_s > self.idle_s + self.bytes / SLOWEST:
            raise problems.AppError("too_slow")
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.whole = True
        return message

    async def drained(self) -> bool:
        """Read on for DRAIN_BYTES or DRAIN_S; False when there is still more."""
        left = DRAIN_BYTES
        try:
            async with asyncio.timeout(DRAIN_S):
                while not self.whole and left > 0:
                    left -= len((await self()).get("body", b""))
        except (TimeoutError, problems.AppError):
            return False
        return self.whole


class Metrics:
    """Requests by method, route group and status, and how long they took."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mingcha_http_requests", "answered requests", ("method", "area", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "mingcha_http_seconds", "time to the answer's end", ("area",), registry=self.registry
        )


def area(path: str) -> str:
    """A path's part of the application: few values, none of them from the caller."""
    parts = path.split("/")
    if len(parts) > 3 and parts[1] == "api":
        known = ("session", "devices", "sync", "uploads", "photos", "points", "receipts", "rescue", "keys")
        return parts[3] if parts[3] in known else "api"
    return parts[1] if parts[1] in ("schema", "healthz", "readyz", "metrics") else "app"


class Guard:
    """Wraps the whole application. `clock` is the server's time, `clock_s` a monotonic clock in seconds.

    `pictures` is another origin from which our pages may show photos and play recordings.
    """

    def __init__(
        self,
        app: App,
        settings: Settings,
        metrics: Metrics,
        cookie: Callable[[str, bool], str],
        clock: Clock,
        clock_s: Callable[[], float] = time.perf_counter,
        *,
        pictures: str = "",
    ) -> None:
        self.app = app
        self.settings = settings
        self.metrics = metrics
        self.cookie = cookie
        self.clock = clock
        self.clock_s = clock_s
        policy = CSP
        for use in ("img-src", "media-src") if pictures else ():
            policy = policy.replace(f"{use} 'self'", f"{use} 'self' {pictures}")
        self.always = {**HEADERS, b"content-security-policy": policy.encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = self.clock_s()
        received = _ms(self.clock())
        status = 0
        https = is_https(scope, self.settings)

        inbound = _Inbound(scope, receive, self.settings.request_idle_s)

        async def sender(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if status == SLOW or not await inbound.drained():
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
                message["headers"] = self._headers(scope, list(message["headers"]), https, received)
            await send(message)

        try:
            await self._checked(scope, inbound, sender)
        finally:
            seconds = self.clock_s() - began
            place = area(scope["path"])
            self.metrics.requests.labels(scope["method"], place, str(status)).inc()
            self.metrics.seconds.labels(place).observe(seconds)
            log.debug(
                "http.answered",
                method=scope["method"],
                area=place,
                status=status,
                ms=round(seconds * 1000, 1),
            )

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in SAFE_METHODS and (why := self._foreign(scope)):
            await _refuse(scope, send, "origin_refused", {"reason": why})
            return
        limit = self._limit(scope["path"])
        declared = header(scope, b"content-length")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(scope, send, "too_large", {"limit": limit})
            return
        received = 0

        async def receiver() -> Any:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise problems.AppError("too_large", limit=limit)
            return message

        await self.app(scope, receiver, send)

    def _limit(self, path: str) -> int:
        if path.startswith(UPLOADS):
            return self.settings.upload_max
        if path.startswith("/api/v1/sync/"):
            return self.settings.push_bytes
        if path.startswith(IMPORTS):
            return IMPORT_BODY
        if path == "/api/v1/receipts":
            return RECEIPT_BODY
        if path.startswith(RESCUE):
            return self.settings.upload_chunk_bytes
        return SMALL_BODY

    def _foreign(self, scope: Scope) -> str:
        """Why a change is not from our own page; "" when it is.

        A form of a foreign page can send cookies nowhere (SameSite) and cannot set a header of its own;
        a script of a foreign page would need CORS, which is never granted.
        """
        if header(scope, b"x-mingcha") != "1":
            return "header X-Mingcha: 1 is missing"
        if header(scope, b"sec-fetch-site") in ("cross-site", "same-site"):
            return "sent from another site"
        origin = header(scope, b"origin")
        if origin and not self._own(scope, origin):
            return "foreign Origin"
        return ""

    def _own(self, scope: Scope, origin: str) -> bool:
        if origin in self.settings.allowed_origins:
            return True
        if self.settings.public_url and origin == self.settings.public_url.rstrip("/"):
            return True
        return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == header(scope, b"host")

    def _headers(
        self, scope: Scope, headers: list[tuple[bytes, bytes]], https: bool, received: int
    ) -> list[tuple[bytes, bytes]]:
        given = {key.lower() for key, _ in headers}
        headers += [(key, value) for key, value in self.always.items() if key not in given]
        if https:
            headers.append((b"strict-transport-security", HSTS))
        if scope["path"].startswith("/api/") and b"cache-control" not in given:
            headers.append((b"cache-control", b"no-store"))
        if scope["path"].startswith("/api/"):
            headers.append((TIME, b"%d %d" % (received, _ms(self.clock()) - received)))
        token = scope.get(TOKEN_KEY)
        if token and not any(k.lower() == b"set-cookie" and COOKIE.encode() in v for k, v in headers):
            headers.append((b"set-cookie", self.cookie(token, https).encode()))
        return headers


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


async def _refuse(scope: Scope, send: Send, code: str, facts: dict[str, Any]) -> None:
    status, headers, content = problems.answer(code, facts, header(scope, b"accept-language"))
    raw = [(k.encode(), v.encode()) for k, v in headers.items()]
    if scope["path"].startswith(UPLOADS):
        raw.append((b"tus-resumable", b"1.0.0"))
    raw.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content, "more_body": False})
