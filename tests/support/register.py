"""A register of a county's size: equipment and meter boxes, made by the server as an import would."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from backend.app import build
from backend.settings import load
from sync.push import Op
from sync.tables import record

from .client import uuid7

ROWS = ("C01", "C02", "C03", "V01", "V02")


def bodies(units: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and body, equipment and meter boxes in turn, without end."""
    for i in itertools.count(1):
        unit, line = units[i % len(units)], f"城{i % 40}线"
        area = f"{line}{i % 300}号台区"
        yield (
            "equipment",
            {
                "code": f"BX-{i:06}",
                "name": f"{area}{i}号杆跌落式熔断器",
                "unit": unit,
                "line": line,
                "type": "switch",
                "row": ROWS[i % len(ROWS)],
                "voltage_kv": 10,
                "area_name": area,
                "rated_a": 400,
                "lat": 30 + i % 1000 / 1e4,
                "lon": 112 + i % 1000 / 1e4,
            },
        )
        yield (
            "meter_box",
            {
                "code": f"JX-{i:06}",
                "unit": unit,
                "area_name": area,
                "address": f"城关镇建设路{i}号{i % 6 + 1}单元",
                "material": "plastic",
                "positions": i % 12 + 1,
                "ownership": "utility",
                "lat": 30 + i % 1000 / 1e4,
                "lon": 112 + i % 1000 / 1e4,
            },
        )


async def fill(env: Mapping[str, str], count: int) -> list[str]:
    """Adds so many records to the only organisation of the database, spread over its stations; gives their ids."""
    parts = build(load(env))
    now = datetime.now(UTC)
    made: list[str] = []
    try:
        async with parts.db.read() as conn:
            units = (
                await conn.execute(sa.select(record.c.org, record.c.id).where(record.c.kind == "unit"))
            ).all()
        stations = sorted(unit.id for unit in units)
        todo = itertools.islice(bodies(stations), count)
        while chunk := list(itertools.islice(todo, 500)):
            ops = [Op(op="put", kind=kind, id=uuid7(), at=now, data=data) for kind, data in chunk]
            async with parts.db.write() as conn:
                results = await parts.engine.write(conn, units[0].org, uuid7(), now, ops, "test")
            assert all(r.status == "applied" for r in results), results[0]
            made += [op.id for op in ops]
    finally:
        parts.passwords.close()
        await parts.db.close()
    return made
