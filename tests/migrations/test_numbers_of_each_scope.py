"""0011: numbers per scope, and pushes kept whole. Rows before and after, on both engines."""

import msgspec
import sqlalchemy as sa

from backend.clock import utc_now
from backend.db import Database
from backend.migrations.run import migrate
from sync import store

ORG, DEVICE, PERSON = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
AT = "2026-11-24T08:00:00.000000Z"
RECORD = (
    "INSERT INTO record (org, id, kind, scope, seq, rev, state, author, body, facts, log, missing, fv, deleted,"
    " created_at, updated_at) VALUES (:org, :id, 'note', :scope, :seq, 1, 'draft', NULL, :none, :none, :list,"
    " :list, :none, 0, :at, :at)"
)
OPERATION = (
    "INSERT INTO operation (org, device, n, person, kind, id, op, at, received_at, skew_ms, payload, status,"
    " code, result) VALUES (:org, :device, :n, :person, 'note', 'x', 'put', :at, :at, 7, :payload, :status, '',"
    " :result)"
)


async def test_numbers_answers_and_exceptions_outlive_the_change(database_url: str) -> None:
    db = Database(database_url)
    try:
        await migrate(db, "0001")
        async with db.write() as conn:
            await conn.execute(
                sa.text("INSERT INTO org (id, epoch, seq, horizon) VALUES (:o, 1, 9, 4)"), {"o": ORG}
            )
            for id_, scope, seq in (("a", "u:1", 3), ("b", "u:1", 8), ("c", "p:1", 9)):
                row = {"org": ORG, "id": id_, "scope": scope, "seq": seq, "at": AT}
                await conn.execute(sa.text(RECORD), row | {"none": b"{}", "list": b"[]"})
            for n, status in ((1, "applied"), (2, "rejected"), (3, "merged")):
                row = {"org": ORG, "device": DEVICE, "n": n, "person": PERSON, "at": AT, "status": status}
                given = {"payload": b'{"n":%d}' % n, "result": b'{"n":%d,"status":"s"}' % n}
                await conn.execute(sa.text(OPERATION), row | given)
            await conn.execute(
                sa.text(OPERATION),
                {"org": ORG, "device": "server", "n": 5, "person": "", "at": AT, "status": "applied"}
                | {"payload": b"{}", "result": b"{}"},
            )
        await migrate(db)
        async with db.write() as conn:
            head = await store.head(conn, ORG, ("u:1", "p:1", "org"))
            assert head == store.Head(2, {"u:1": store.ScopeHead(8), "p:1": store.ScopeHead(9)})
            answers = await store.answers(conn, ORG, DEVICE, 1, 3)
            assert {n: msgspec.json.decode(payload) for n, (payload, _) in answers.items()} == {
                1: {"n": 1},
                2: {"n": 2},
                3: {"n": 3},
            }
            assert msgspec.json.decode(answers[3][1]) == {"n": 3, "status": "s"}
            left = await conn.execute(sa.text("SELECT device, n FROM operation ORDER BY n"))
            assert [tuple(row) for row in left] == [(DEVICE, 2), (DEVICE, 3), ("server", 5)]
            assert (
                await store.lock(conn, ORG)
            ).server_n == 9  # the server's next own operation is 10: no number twice
            rows = list((await store.load(conn, ORG, ["a", "b"])).values())
            await store.save(conn, ORG, rows, utc_now())
            numbers = await conn.execute(sa.text("SELECT id, seq FROM record ORDER BY id"))
            assert {row.id: row.seq for row in numbers} == {"a": 9, "b": 10, "c": 9}
    finally:
        await db.close()
