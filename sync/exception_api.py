"""The exceptions over HTTP: the list, one with its whole payload, settling it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter, SkipValidation
from msgspec import Meta

from sync import exceptions
from sync.caller import Caller
from sync.errors import SyncError
from sync.group import Database
from sync.push import Engine

_encode = msgspec.json.Encoder().encode
_NO_STORE = {"Cache-Control": "no-store"}
GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenEngine = NamedDependency[SkipValidation[Engine]]


class Settle(msgspec.Struct, forbid_unknown_fields=True):
    """What a person chose, having seen revision `rev` of the record; with `fields` these alone are taken."""

    choice: Literal["keep", "take", "let_be"]
    rev: Annotated[int, Meta(ge=0, le=2**53)] = 0
    reason: Annotated[str, Meta(max_length=exceptions.MAX_REASON, pattern="^[^\\x00]*$")] = ""
    fields: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=200)] = []


def _answer(value: Any) -> Response[bytes]:
    return Response(_encode(value), media_type="application/json", headers=_NO_STORE)


@get("/exceptions", operation_id="Exceptions", summary="Conflicts and refused operations")
async def listed(
    caller: GivenCaller,
    db: GivenDb,
    engine: GivenEngine,
    settled: FromQuery[bool] = False,
    mine: FromQuery[bool] = False,
    device: FromQuery[str | None] = None,
    before: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> Response[bytes]:
    """What lies in the caller's scopes, newest first; `next` is the `before` of the following page."""
    ask = exceptions.Ask(settled=settled, mine=mine, device=device, before=before or None, limit=limit)
    if device is not None and not exceptions.DEVICE.fullmatch(device):
        raise SyncError("exception_unknown")
    async with db.read() as conn:
        page = await exceptions.listed(conn, engine.kinds, caller, ask)
    return _answer(page)


@get("/exceptions/{device:str}/{n:int}", operation_id="ExceptionOne", summary="One exception, whole")
async def one(
    device: FromPath[str], n: FromPath[int], caller: GivenCaller, db: GivenDb, engine: GivenEngine
) -> Response[bytes]:
    """With the payload as it came, however large."""
    async with db.read() as conn:
        found = await exceptions.read(conn, engine.kinds, caller, *_key(device, n))
    return _answer(found)


@post(
    "/exceptions/{device:str}/{n:int}/settle",
    status_code=200,
    operation_id="SettleException",
    summary="Settle a conflict or a refusal",
)
async def settle(
    device: FromPath[str],
    n: FromPath[int],
    data: JSONBody[Settle],
    caller: GivenCaller,
    db: GivenDb,
    clock: NamedDependency[SkipValidation[Callable[[], datetime]]],
    engine: GivenEngine,
) -> Response[bytes]:
    """Keeps the record's value, takes the other one, or lets a refusal be; the second one is told who did."""
    async with db.write() as conn:
        found = await exceptions.settle(
            engine,
            conn,
            caller,
            clock(),
            *_key(device, n),
            choice=data.choice,
            rev=data.rev,
            reason=data.reason.strip(),
            fields=data.fields,
        )
    return _answer(found)


def _key(device: str, n: int) -> tuple[str, int]:
    """An operation's key as it can stand in the tables. Raises SyncError `exception_unknown`."""
    if not exceptions.DEVICE.fullmatch(device) or not 0 < n <= 2**53:
        raise SyncError("exception_unknown")
    return device, n


def router() -> Router:
    """The routes under `/api/v1/sync/exceptions`."""
    return Router("/api/v1/sync", route_handlers=[listed, one, settle], tags=["sync"])
