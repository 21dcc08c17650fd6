"""Equipment and meter boxes from a table: what it would change, and the same in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit, catalogue
from backend.clock import new_id
from backend.features.assets import importing, table
from backend.features.assets.importing import Known, Plan
from backend.problems import AppError
from sync import store
from sync.caller import Caller
from sync.push import Engine, Op
from sync.tables import record


async def read(raw: bytes) -> list[table.Line]:
    """The table's lines, beside the server's other work. Raises AppError `import_unreadable`."""
    try:
        return await asyncio.to_thread(table.lines, raw)
    except table.Unreadable as why:
        raise unreadable(why) from None


async def planned(
    conn: AsyncConnection, org: str, kind: str, raw: bytes, lines: Sequence[table.Line], now: datetime
) -> Plan:
    """What the table would change in the register of this kind. Raises AppError `import_unreadable`."""
    units = {id_: body for id_, _, body in await _records(conn, org, "unit", ["org"])}
    scopes = [f"u:{id_}" for id_ in units]
    register = [Known(*each) for each in await _records(conn, org, kind, scopes)]
    rules = catalogue.edition_at(now).dlt664
    rows = [*(row.id for row in rules.current.rows), *(row.id for row in rules.voltage.rows)]
    try:
        return importing.plan(raw, lines, units, register, rows, now, importing.SHEETS[kind])
    except table.Unreadable as why:
        raise unreadable(why) from None


def unreadable(why: table.Unreadable) -> AppError:
    return AppError("import_unreadable", why=why.reason, most_rows=table.MOST_ROWS)


async def _records(
    conn: AsyncConnection, org: str, kind: str, scopes: Sequence[str]
) -> list[tuple[str, int, dict[str, Any]]]:
    found = await conn.execute(
        sa.select(record.c.id, record.c.rev, record.c.body).where(
            record.c.org == org, record.c.scope.in_(scopes), record.c.kind == kind, record.c.deleted == 0
        )
    )
    return [(row.id, row.rev, msgspec.json.decode(row.body)) for row in found]


async def apply(
    conn: AsyncConnection,
    engine: Engine,
    caller: Caller,
    now: datetime,
    kind: str,
    raw: bytes,
    lines: Sequence[table.Line],
    digest: str,
) -> dict[str, int]:
    """Exactly what the plan of this digest showed, all of it or nothing; a second time it changes nothing and says the
    same.

    Raises AppError `import_changed` when the file or the register is another by now, `import_bad_rows`.
    """
    await store.lock(conn, caller.org)
    action = f"{kind}.imported"
    done = await conn.scalar(
        sa.select(audit.audit.c.facts).where(
            audit.audit.c.org == caller.org,
            audit.audit.c.action == action,
            audit.audit.c.subject == digest,
        )
    )
    if done is not None:
        told: dict[str, int] = msgspec.json.decode(done)
        return told
    plan = await planned(conn, caller.org, kind, raw, lines, now)
    if plan.digest != digest:
        raise AppError("import_changed")
    if plan.bad:
        raise AppError("import_bad_rows", rows=len({each.row for each in plan.bad}))
    ops = [
        Op(
            op="put",
            kind=kind,
            id=each.id or new_id(now),
            at=now,
            data={name: value for name, (_, value) in each.fields.items()},
        )
        for each in plan.changes
    ]
    results = await engine.write(conn, caller.org, caller.person, now, ops, caller.name)
    for each, result in zip(plan.changes, results, strict=True):
        if result.status == "rejected":
            raise AppError("import_bad_rows", rows=1, row=each.row, refusal=result.code)
    new = sum(each.id is None for each in plan.changes)
    facts = {"new": new, "changed": len(plan.changes) - new, "same": plan.same}
    await audit.append(
        conn, now, caller.org, action, person=caller.person, device=caller.device, subject=digest, facts=facts
    )
    return facts
