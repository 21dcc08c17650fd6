"""The thin HTTP side: bytes in, bytes out. The application provides what the handlers name."""

import zlib
from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import Annotated, Any

import msgspec
import structlog
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter, SkipValidation

from sync.batch import MAX_BYTES
from sync.caller import Caller
from sync.errors import SyncError
from sync.group import Database, Pushes
from sync.kept import lacking as find_lacking
from sync.pull import Asked
from sync.push import Engine

log = structlog.get_logger("sync")
_encode = msgspec.json.Encoder().encode
_NO_STORE = {"Cache-Control": "no-store"}


async def body(request: Request[Any, Any, Any], limit: int = MAX_BYTES) -> bytes:
    """The request's body, unpacked when it came with gzip.

    Raises SyncError `too_large` beyond `limit` bytes before or after unpacking, `unsupported_encoding`,
    `malformed` for broken gzip.
    """
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise SyncError("unsupported_encoding", encoding=encoding)
    parts, size = list[bytes](), 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > limit:
            raise SyncError("too_large", limit=limit)
    raw = b"".join(parts)
    return raw if encoding == "identity" else _unpacked(raw, limit)


def _unpacked(raw: bytes, limit: int) -> bytes:
    unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = unpack.decompress(raw, limit + 1)
    except zlib.error:
        raise SyncError("malformed", reason="gzip") from None
    if len(plain) > limit:
        raise SyncError("too_large", limit=limit)
    if not unpack.eof or unpack.unused_data:
        raise SyncError("malformed", reason="gzip")
    return plain


def router(engine: Engine, pushes: Pushes, db: Database, clock: Callable[[], datetime]) -> Router:
    """The routes under `/api/v1/sync`.

    What they work with is bound here: resolved for each request, it would cost as much as a small push.
    """

    @post("/push", status_code=200, operation_id="SyncPush", summary="Send numbered operations")
    async def push(
        request: Request[Any, Any, Any], caller: NamedDependency[SkipValidation[Caller]]
    ) -> Response[bytes]:
        """Applies each operation once and answers one by one; one bad operation does not stop the others."""
        began = perf_counter()
        batch = await pushes.read(await body(request))
        answer = await pushes.push(caller, batch)
        log.info(
            "push.applied",
            org=caller.org,
            device=batch.device,
            n=answer.acked,
            ops=len(batch.ops),
            ms=round((perf_counter() - began) * 1000, 1),
        )
        return Response(_encode(answer), media_type="application/json", headers=_NO_STORE)

    @get("/pull", operation_id="SyncPull", summary="Read what changed after a cursor")
    async def pull(
        request: Request[Any, Any, Any],
        caller: NamedDependency[SkipValidation[Caller]],
        cursor: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=5000)] = 1000,
        schema: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 1,
        level: Annotated[int | None, QueryParameter(ge=0, le=6)] = None,
        again: FromQuery[str | None] = None,
    ) -> Response[bytes]:
        """Answers 304 when nothing changed for the caller, 410 when the reader has to start again."""
        held = cursor or (request.headers.get("if-none-match") or "").removeprefix("W/").strip('"') or None
        asked = Asked(level, frozenset(filter(None, (again or "").split(","))))
        async with db.read() as conn:
            page = await engine.pull(conn, caller, clock(), held, limit, schema, asked)
        if page is None:
            return Response(b"", status_code=304, media_type="application/json", headers=_NO_STORE)
        headers = {**_NO_STORE, "ETag": f'"{page.cursor}"'}
        return Response(_encode(page), media_type="application/json", headers=headers)

    @post("/audit", status_code=200, operation_id="SyncAudit", summary="Compare what a phone holds")
    async def audit(
        request: Request[Any, Any, Any], caller: NamedDependency[SkipValidation[Caller]]
    ) -> Response[bytes]:
        """Tells scope by scope whether the phone holds what the server holds."""
        raw = await body(request)
        async with db.read() as conn:
            answer = await engine.audit(conn, caller, clock(), raw)
        return Response(_encode(answer), media_type="application/json", headers=_NO_STORE)

    @post(
        "/lacking",
        status_code=200,
        operation_id="SyncLacking",
        summary="Which of the operations that it acknowledged the server lacks",
    )
    async def lacking(
        request: Request[Any, Any, Any], caller: NamedDependency[SkipValidation[Caller]]
    ) -> Response[bytes]:
        """For a phone whose server began anew: of the caller's own devices, see `sync.kept`."""
        raw = await body(request)
        async with db.read() as conn:
            answer = await find_lacking(conn, caller, raw)
        return Response(_encode(answer), media_type="application/json", headers=_NO_STORE)

    return Router("/api/v1/sync", route_handlers=[push, pull, audit, lacking], tags=["sync"])
