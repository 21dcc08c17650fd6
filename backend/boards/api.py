"""The desk's boards: the seven zeros, what has not been looked at, and the list on a map."""

from typing import Annotated

import msgspec
import sqlalchemy as sa
from litestar import Router, get
from litestar.params import QueryParameter

from backend.boards import query
from backend.lists.api import GivenAsked, GivenCaller, GivenClock, GivenDb, Short, asked, refused
from backend.lists.names import Named, names_of
from backend.lists.query import Wrong
from backend.lists.rows import GRADES
from backend.lists.tables import listing
from sync.tables import stamp


class ZeroCount(msgspec.Struct, frozen=True):
    """`n` came to count on the days asked for, `before` on as many days right before them."""

    unit: str
    zero: str
    n: int
    before: int


class Zeros(msgspec.Struct, frozen=True):
    """What is not named is zero."""

    counts: list[ZeroCount]


class Covered(msgspec.Struct, frozen=True):
    """Of the things of a unit, those that nobody has looked at since the day asked for."""

    unit: str
    all: int
    unseen: int


class Coverage(msgspec.Struct, frozen=True):
    units: list[Covered]


class MapCell(msgspec.Struct, frozen=True):
    """Records that stand together: how many, their middle (degrees, WGS 84), the worst grade.

    `kind`, `state` and `title` are those of `id`, the record, where it is the only one. `thing` is the equipment or
    meter box that all of them are about, else "".
    """

    n: int
    lat: float
    lon: float
    grade: str | None
    id: str
    kind: str
    state: str
    title: str
    title_en: str
    thing: str


class MapCells(msgspec.Struct, frozen=True):
    """The fullest first, 4,000 at most; `names` are those of the things."""

    cells: list[MapCell]
    names: dict[str, Named]


@get("/zeros", operation_id="CountZeros", summary="What counts against the seven zeros, by unit")
async def count_zeros(
    caller: GivenCaller, db: GivenDb, clock: GivenClock, since: Short = "", until: Short = ""
) -> Zeros:
    """Days of the company's zone, both with it. `zero`, `since` and `until` of the list give the records."""
    try:
        async with db.read() as conn:
            found = await query.zeros(conn, caller, since, until, stamp(clock()))
    except Wrong as error:
        raise refused(error) from None
    return Zeros([ZeroCount(*each) for each in found])


@get("/coverage", operation_id="CountCoverage", summary="What has not been looked at since a day, by unit")
async def count_coverage(
    caller: GivenCaller, db: GivenDb, kind: Short = "equipment", since: Short = ""
) -> Coverage:
    """Looked at: an infrared inspection or a meter-box check that stands. `unseen` of the list gives the things."""
    try:
        async with db.read() as conn:
            found = await query.coverage(conn, caller, kind, since)
    except Wrong as error:
        raise refused(error) from None
    return Coverage([Covered(*each) for each in found])


@get("/map", operation_id="ListOnMap", summary="The list's records by place")
async def list_on_map(
    caller: GivenCaller,
    db: GivenDb,
    asked: GivenAsked,
    box: Short = "",
    zoom: Annotated[int, QueryParameter(ge=0, le=22)] = 10,
) -> MapCells:
    """`box`: `west,south,east,north` in degrees. Cells are 32 pixels wide on a map of that zoom, 256 pixels a tile."""
    try:
        async with db.read() as conn:
            found = await query.cells(conn, caller, asked, box, zoom)
            single = [cell.id for cell in found if cell.n == 1][:1000]
            rows = await conn.execute(
                sa.select(listing).where(
                    listing.c.org == caller.org, listing.c.id.in_(single), listing.c.scope.in_(caller.scopes)
                )
            )
            lines = {row.id: row for row in rows}
            called = await names_of(conn, caller, {cell.thing for cell in found if cell.thing})
    except Wrong as error:
        raise refused(error) from None

    def shown(cell: query.Cell) -> MapCell:
        line = lines.get(cell.id)
        return MapCell(
            n=cell.n,
            lat=cell.lat,
            lon=cell.lon,
            grade=GRADES[cell.grade] or None,
            id=cell.id,
            kind=line.kind if line else "",
            state=line.state if line else "",
            title=line.title if line else "",
            title_en=line.title_en if line else "",
            thing=cell.thing,
        )

    return MapCells([shown(cell) for cell in found], called)


def router() -> Router:
    """The routes under `/api/v1`."""
    return Router(
        "/api/v1",
        route_handlers=[count_zeros, count_coverage, list_on_map],
        dependencies={"asked": asked},
        tags=["boards"],
    )
