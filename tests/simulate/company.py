"""The company of a round: two stations, six people; and what the database says of them in the end."""

import functools
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
import zstandard

from backend.access import accounts, grants, scope, sessions
from backend.access.tables import account
from backend.app import Parts
from backend.custody.tables import capture
from media.service import original_key
from media.tables import photo
from sync import store
from sync.push import Op
from sync.tables import operation, org, push, record, stamp
from tests.support.client import uuid7

PEOPLE = (
    ("inspector", "inspector", "county"),
    ("inspector2", "inspector", "county"),
    ("manager", "manager", "a"),
    ("manager2", "manager", "b"),
    ("supervisor", "supervisor", "county"),
    ("crew", "crew", "a"),
)


async def found(parts: Parts) -> dict[str, Any]:
    """Makes the company; a session for each phone of it is opened without a password."""
    now = parts.clock()
    org_id, county, a, b = (uuid7() for _ in range(4))
    units = {"county": county, "a": a, "b": b}
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("unit", county, {"name": "县公司", "level": "county", "area": "urban"}),
        ("unit", a, {"name": "甲供电所", "level": "station", "area": "rural", "parent": county}),
        ("unit", b, {"name": "乙供电所", "level": "station", "area": "rural", "parent": county}),
    ]
    people = []
    for login, role, unit in PEOPLE:
        id_ = uuid7()
        people.append({"id": id_, "name": login, "role": role, "unit": units[unit], "tokens": []})
        body = {"name": login, "unit": units[unit], "post": role, "roles": [role]}
        bodies.append(("person", id_, body))
    async with parts.db.write() as conn:
        await store.create_org(conn, org_id)
        ops = [Op(op="put", kind=kind, id=id_, at=now, data=data) for kind, id_, data in bodies]
        results = await parts.engine.write(conn, org_id, uuid7(), now, ops, "simulation")
        assert all(r.status == "applied" for r in results), results
        for person in people:
            await accounts.create(
                conn,
                now,
                org=org_id,
                person=str(person["id"]),
                login=f"{person['name']}-{org_id}",
                password_hash="-",
                roles=[str(person["role"])],
            )
            for _ in range(4):
                token = await sessions.start(conn, parts.settings, org_id, str(person["id"]), now)
                person["tokens"].append(token)  # type: ignore[attr-defined]
    return {"org": org_id, "units": units, "people": people}


async def move(parts: Parts, person: str, unit: str) -> None:
    """The person works in another unit from now on: scopes are granted and withdrawn."""
    now = parts.clock()
    async with parts.db.write() as conn:
        org_id = str(await conn.scalar(sa.select(org.c.id)))
        op = Op(op="put", kind="person", id=person, at=now, data={"unit": unit})
        results = await parts.engine.write(conn, org_id, uuid7(), now, [op], "simulation")
        assert all(r.status == "applied" for r in results), results


async def news(parts: Parts, person: str) -> None:
    """Something that every phone hears of: a person's post has another name."""
    now = parts.clock()
    async with parts.db.write() as conn:
        org_id = str(await conn.scalar(sa.select(org.c.id)))
        op = Op(op="put", kind="person", id=person, at=now, data={"post": f"post of {stamp(now)}"})
        results = await parts.engine.write(conn, org_id, uuid7(), now, [op], "simulation")
        assert all(r.status == "applied" for r in results), results


async def purge(parts: Parts, age_s: float) -> None:
    """Tombstones and notices older than this are forgotten."""
    async with parts.db.write() as conn:
        org_id = str(await conn.scalar(sa.select(org.c.id)))
        await store.purge(conn, org_id, parts.clock() - timedelta(seconds=age_s))


async def raise_epoch(parts: Parts) -> None:
    """The restore procedure's last step, as `mingcha epoch --raise` does it."""
    async with parts.db.write() as conn:
        for id_ in list(await conn.scalars(sa.select(org.c.id))):
            await store.raise_epoch(conn, id_)


async def dump(parts: Parts) -> dict[str, Any]:
    """Everything that the promises are about, as the database has it."""
    async with parts.db.read() as conn:
        rows = (await conn.execute(sa.select(record))).all()
        pushes = (await conn.execute(sa.select(push))).all()
        servers = (await conn.execute(sa.select(operation).where(operation.c.device == "server"))).all()
        photos = (await conn.execute(sa.select(photo.c.org, photo.c.sha256, photo.c.size))).all()
        captures = list(await conn.scalars(sa.select(capture.c.jws)))
        people = (await conn.execute(sa.select(account.c.id, account.c.grants))).all()
        epoch = await conn.scalar(sa.select(org.c.epoch))
    at = stamp(parts.clock())
    bodies = {row.id: msgspec.json.decode(row.body) for row in rows}
    parents = {row.id: bodies[row.id].get("parent") for row in rows if row.kind == "unit"}
    stations = {row.id for row in rows if row.kind == "unit" and bodies[row.id].get("level") == "station"}
    return {
        "epoch": epoch,
        "records": [
            {
                **{
                    name: getattr(row, name)
                    for name in ("id", "kind", "scope", "seq", "rev", "state", "author", "updated_at")
                },
                "deleted": bool(row.deleted),
                "data": bodies[row.id],
                "log": msgspec.json.decode(row.log),
                "missing": msgspec.json.decode(row.missing),
            }
            for row in rows
        ],
        "operations": [
            *(
                op
                for row in pushes
                for op in sent(row.device, row.received_at, row.schema, row.payload, row.answers)
            ),
            *(
                _operation(
                    "server",
                    row.received_at,
                    0,
                    msgspec.json.decode(row.payload),
                    msgspec.json.decode(row.result),
                )
                for row in servers
            ),
        ],
        "photos": [
            {
                "sha256": row.sha256,
                "size": row.size,
                "stored": stored(parts.settings.data, row.org, row.sha256),
            }
            for row in photos
        ],
        "captures": captures,
        "scopes": {
            row.id: scope.scopes(
                row.id,
                bodies.get(row.id, {}).get("unit"),
                grants.own(grants.read(row.grants), at),
                parents,
                stations,
            )
            for row in people
        },
    }


@functools.lru_cache(10_000)
def sent(device: str, received_at: str, schema: int, payload: bytes, answers: bytes) -> list[dict[str, Any]]:
    """The operations of a push, as the table keeps it; not to be changed. Asked for the same push again and again."""
    pairs = zip(_unpacked(payload), _unpacked(answers), strict=True)
    return [_operation(device, received_at, schema, op, answer) for op, answer in pairs]


def _unpacked(packed: bytes) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = msgspec.json.decode(zstandard.ZstdDecompressor().decompress(packed))
    return parts


def _operation(
    device: str, received_at: str, schema: int, payload: dict[str, Any], answer: dict[str, Any]
) -> dict[str, Any]:
    return {
        "device": device,
        "n": answer.get("n", 0),
        "kind": payload["kind"],
        "id": payload.get("subject") or payload["id"],
        "op": payload["op"],
        "status": answer.get("status", "applied"),
        "code": answer.get("code", ""),
        "received_at": received_at,
        "schema": schema,
        "payload": payload,
        "result": answer,
    }


def stored(data: Path, org_id: str, sha256: str) -> str:
    """The SHA-256 of the bytes that the store holds under this name, empty when it holds none."""
    try:
        return hashlib.sha256(
            (data / "photos" / "originals" / original_key(org_id, sha256)).read_bytes()
        ).hexdigest()
    except FileNotFoundError:
        return ""
