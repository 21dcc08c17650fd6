"""The server's own reading of what a record says it measured."""

from __future__ import annotations

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from backend.db import Database
from backend.features.infrared.measured import Remeasured, compared
from backend.features.infrared.model import Measured
from backend.problems import AppError
from media.errors import MediaError
from media.service import Media
from sync import store
from sync.caller import Caller

_MARK = ("tool", "at")


@get("/records/{id:str}/measured", operation_id="Remeasured", summary="A thermal picture measured again")
async def remeasured(
    id: FromPath[str],  # noqa: A002 (the word of the protocol)
    caller: NamedDependency[SkipValidation[Caller]],
    db: NamedDependency[SkipValidation[Database]],
    media: NamedDependency[SkipValidation[Media]],
) -> Remeasured:
    """The places and conditions of the record, read by the server in the original. 404 `not_found` for a record that
    the caller may not read, or that was not measured on a picture.
    """
    async with db.read() as conn:
        row = (await store.load(conn, caller.org, [id])).get(id)
    given = row.body.get("measured") if row and not row.deleted and row.scope in caller.scopes else None
    if row is None or row.kind != "infrared" or given is None:
        raise AppError("not_found")
    measured = msgspec.convert(given, Measured)
    conditions = {
        name: value for name, value in msgspec.to_builtins(measured.conditions).items() if value is not None
    }
    marks = [{name: getattr(mark, name) for name in _MARK} for mark in measured.marks]
    try:
        answer = await media.readings(caller, measured.photo, conditions, marks)
    except MediaError as error:
        if error.code != "photo_unknown":
            raise
        return Remeasured("missing", (), (), None)
    return compared(measured, answer)


def router() -> Router:
    """The routes under `/api/v1`."""
    return Router("/api/v1", route_handlers=[remeasured], tags=["photos"])
