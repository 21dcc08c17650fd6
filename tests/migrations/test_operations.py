"""Operations of an older version are found by their event's own id after the upgrade."""

import json

import pytest
import sqlalchemy as sa

from backend.db import Database
from backend.migrations.run import migrate

pytestmark = pytest.mark.timeout(120)

BEFORE = sa.text(
    "INSERT INTO operation (org, device, n, person, kind, id, op, at, received_at, skew_ms, payload, status, code,"
    " result) VALUES ('o', :device, :n, 'p', 'note', 'r', :op, NULL, 't', 5, :payload, 'applied', '', :result)"
)


async def test_events_get_their_own_id_and_the_clock_error_of_old_ones_is_unknown(database_url: str) -> None:
    db = Database(database_url)
    try:
        await migrate(db, "0001")
        async with db.write() as conn:
            for n in range(1, 2501):
                op = "event" if n % 2 else "put"
                payload = json.dumps({"n": n, "op": op, "id": f"own-{n}"}).encode()
                await conn.execute(
                    BEFORE, {"device": f"d{n % 3}", "n": n, "op": op, "payload": payload, "result": b"{}"}
                )
        await migrate(db, "0010")
        async with db.read() as conn:
            rows = (
                await conn.execute(sa.text("SELECT n, event, skew_ms, skew_error_ms FROM operation"))
            ).all()
        assert len(rows) == 2500
        assert {(n, event) for n, event, *_ in rows} == {
            (n, f"own-{n}" if n % 2 else None) for n in range(1, 2501)
        }
        assert {tuple(rest) for _, _, *rest in rows} == {(5, None)}
    finally:
        await db.close()
