"""Equipment and meter boxes from a table, for the administrator: first what it would change, then the change."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation

from backend.db import Database
from backend.features.assets import service
from backend.features.assets.importing import BadCell, PlannedRow
from backend.web.asked import administers
from sync.caller import Caller
from sync.push import Engine

GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenEngine = NamedDependency[SkipValidation[Engine]]
Register = Literal["equipment", "meter_box"]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]


class ImportPlan(msgspec.Struct, frozen=True):
    """What the table would do: `new`, `changed` and `same` rows, each of `changes`, and all `bad` cells. `digest` names
    file and register; only with no bad cell it can be carried out.
    """

    digest: str
    rows: int
    new: int
    changed: int
    same: int
    changes: list[PlannedRow]
    bad: list[BadCell]


class ImportDone(msgspec.Struct, frozen=True):
    new: int
    changed: int
    same: int


@post(
    "/equipment/import/check",
    status_code=200,
    operation_id="CheckEquipmentTable",
    summary="What a table of equipment or meter boxes would change; for an admin",
)
async def check_table(
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    clock: GivenClock,
    register: Annotated[Register, QueryParameter()] = "equipment",
) -> ImportPlan:
    """The body is the file: CSV (UTF-8 or GB18030) or XLSX, of equipment or of meter boxes. Nothing is written."""
    administers(caller)
    raw = await request.body()
    lines = await service.read(raw)
    async with db.read() as conn:
        plan = await service.planned(conn, caller.org, register, raw, lines, clock())
    new = sum(each.id is None for each in plan.changes)
    return ImportPlan(plan.digest, plan.rows, new, len(plan.changes) - new, plan.same, plan.changes, plan.bad)


@post(
    "/equipment/import",
    status_code=200,
    operation_id="ImportEquipmentTable",
    summary="Carry out what the check of the table showed; for an admin",
)
async def import_table(
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    engine: GivenEngine,
    clock: GivenClock,
    digest: Annotated[str, QueryParameter(max_length=64)] = "",
    register: Annotated[Register, QueryParameter()] = "equipment",
) -> ImportDone:
    """The file and register again, with the `digest` of the check. 409 `import_changed` when a new check is needed."""
    administers(caller)
    raw = await request.body()
    lines = await service.read(raw)
    async with db.write() as conn:
        done = await service.apply(conn, engine, caller, clock(), register, raw, lines, digest)
    return ImportDone(**done)


def router() -> Router:
    """The routes under `/api/v1`."""
    return Router("/api/v1", route_handlers=[check_table, import_table], tags=["register"])
