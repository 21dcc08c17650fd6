# ruff: noqa: S608 (statements are put together from names that stand here, never from values)
"""What the boards count: always within the reader's scopes, and by an index.

The statements name `shelf` and `counts_at <> ''` as their indexes do: an index over a part of a table is used only
then.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.lists.query import Asked, Wrong, day, filtered, scopes_of
from backend.lists.rows import REGISTER
from sync.caller import Caller
from sync.tables import stamp

CELLS = 4000  # on one map, at most
ZOOMS = range(23)
_TILE = 8  # cells beside each other in what a map tile of 256 pixels shows: 32 pixels each


class Count(NamedTuple):
    unit: str
    zero: str
    n: int
    before: int


class Seen(NamedTuple):
    unit: str
    all: int
    unseen: int


class Cell(NamedTuple):
    """`thing` is that of all its records, else ""; `id` and `kind` belong to one of them; `grade` is the worst."""

    n: int
    lat: float
    lon: float
    grade: int
    id: str
    thing: str


def zeros_statement(caller: Caller, since: str, until: str, now: str) -> tuple[str, dict[str, Any]]:
    """By unit and zero, what came to count on these days, and on as many before. Raises Wrong."""
    first, last = day("since", since), day("until", until) + timedelta(days=1)
    if last <= first:
        raise Wrong("until")
    values: dict[str, Any] = {
        "org": caller.org,
        "since": stamp(first),
        "before": stamp(first - (last - first)),
        "until": stamp(last),
        "now": now,
    }
    statement = (
        "SELECT unit, zero, sum(CASE WHEN counts_at >= :since THEN 1 ELSE 0 END),"
        " sum(CASE WHEN counts_at < :since THEN 1 ELSE 0 END) FROM listing"
        f" WHERE org = :org AND scope IN ({scopes_of(caller, values)}) AND counts_at <> ''"
        " AND counts_at >= :before AND counts_at < :until AND counts_at <= :now GROUP BY unit, zero"
    )
    return statement, values


async def zeros(conn: AsyncConnection, caller: Caller, since: str, until: str, now: str) -> list[Count]:
    statement, values = zeros_statement(caller, since, until, now)
    return [Count(*row) for row in await conn.execute(text(statement), values)]


def coverage_statement(caller: Caller, kind: str, since: str) -> tuple[str, dict[str, Any]]:
    """By unit, how many things of a kind there are, and how many nobody looked at since that day. Raises Wrong."""
    if kind not in REGISTER:
        raise Wrong("kind")
    values: dict[str, Any] = {"org": caller.org, "kind": kind, "since": stamp(day("since", since))}
    statement = (
        "SELECT unit, count(*), sum(CASE WHEN seen < :since THEN 1 ELSE 0 END) FROM listing"
        f" WHERE org = :org AND shelf = 'register' AND scope IN ({scopes_of(caller, values)}) AND kind = :kind"
        " GROUP BY unit"
    )
    return statement, values


async def coverage(conn: AsyncConnection, caller: Caller, kind: str, since: str) -> list[Seen]:
    statement, values = coverage_statement(caller, kind, since)
    return [Seen(*row) for row in await conn.execute(text(statement), values)]


def box_of(text_: str) -> tuple[float, float, float, float] | None:
    """`west,south,east,north` in degrees; "" is everywhere. Raises Wrong."""
    if not text_:
        return None
    try:
        west, south, east, north = (float(part) for part in text_.split(","))
    except ValueError:
        raise Wrong("box") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise Wrong("box")
    return west, south, east, north


def map_statement(
    asked: Asked, caller: Caller, box: str, zoom: int, *, postgres: bool
) -> tuple[str, dict[str, Any]]:
    """The list's records by the cells of a map of this zoom (as map tiles count it). Raises Wrong.

    Those of one thing are laid together first, as they lie in `listing_place`.
    """
    where, scopes, values, ways = filtered(asked, caller, postgres=postgres)
    values["cell"] = 360.0 / 2**zoom / _TILE
    inside = "map_lat IS NOT NULL"
    if edges := box_of(box):
        inside += " AND map_lon >= :west AND map_lat >= :south AND map_lon <= :east AND map_lat <= :north"
        values.update(zip(("west", "south", "east", "north"), edges, strict=True))
    values["most"] = CELLS
    one = "min(id)" if postgres else "id"  # SQLite's is that of the worst grade
    # One arm a scope, in the index's own order; words are looked up once, not once a scope.
    arms = [f"IN ({scopes})"] if asked.q else [f"= :scope{i}" for i in range(len(caller.scopes))]
    things = " UNION ALL ".join(
        f"SELECT subject, map_lat AS lat, map_lon AS lon, count(*) AS n, max(grade) AS grade, {one} AS id"
        f" FROM listing WHERE scope {arm} AND {where}{way} AND {inside} GROUP BY subject, map_lat, map_lon"
        for arm in arms
        for way in ways
    )
    column, row = (
        f"CAST(({name} + {edge}) / :cell AS INTEGER)" for name, edge in (("lon", 180), ("lat", 90))
    )
    statement = (
        "SELECT sum(n), sum(n * lat) / sum(n), sum(n * lon) / sum(n), max(grade), min(id),"
        " CASE WHEN min(subject) = max(subject) THEN min(subject) ELSE '' END"
        f" FROM ({things}) AS t GROUP BY {column}, {row} ORDER BY 1 DESC, 5 LIMIT :most"
    )
    return statement, values


async def cells(conn: AsyncConnection, caller: Caller, asked: Asked, box: str, zoom: int) -> list[Cell]:
    postgres = conn.dialect.name == "postgresql"
    statement, values = map_statement(asked, caller, box, zoom, postgres=postgres)
    return [Cell(int(n), *row) for n, *row in await conn.execute(text(statement), values)]
