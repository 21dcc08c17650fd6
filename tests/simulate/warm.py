"""What a server learns at its first requests, learnt once before it is forked: statements and decoders."""

import json
from typing import Any

import httpx
from litestar import Litestar

from backend.app import Parts
from sync.tables import stamp
from tests.simulate import company
from tests.support.client import uuid7


async def up(app: Litestar) -> None:
    """Asks what phones ask, so often that each answer has been given in both its forms; without photos' bytes, for
    which threads would begin. The database is left full, and closed.
    """
    parts: Parts = app.state.parts
    made = await company.found(parts)
    try:
        for person in made["people"]:
            headers = {"X-Mingcha": "1", "Cookie": f"mingcha_session={person['tokens'][0]}"}
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://warm", headers=headers
            ) as http:
                await _asks(http, stamp(parts.clock()), made["units"])
    finally:
        await parts.db.close()


async def _asks(http: httpx.AsyncClient, now: str, units: dict[str, str]) -> None:
    device = uuid7()
    box = {
        "code": "1",
        "unit": units["a"],
        "area_name": "1",
        "address": "1",
        "material": "metal",
        "positions": 6,
        "ownership": "utility",
    }
    finding = {
        "unit": units["a"],
        "visit": "regular",
        "item": "YK-09",
        "catalogue": "2026.11",
        "happened_at": now,
        "fact": "1",
    }
    await http.get("/api/v1/session")
    await http.get("/api/v1/keys")
    await _send(http, "/api/v1/devices", {"id": device, "name": "warm", "app_version": "simulation"})
    cursor = ""
    first, second = uuid7(), uuid7()
    ops: list[dict[str, Any]] = [
        {"op": "put", "kind": "meter_box", "id": first, "base": 0, "data": box},
        {"op": "put", "kind": "meter_box", "id": first, "base": 0, "data": {"seal": "2", "unit": units["b"]}},
        {"op": "put", "kind": "finding", "id": second, "base": 0, "data": finding},
        {"op": "event", "kind": "finding", "id": uuid7(), "subject": second, "type": "submit", "data": {}},
        {"op": "delete", "kind": "finding", "id": second, "base": 0},
    ]
    for n, op in enumerate(ops, 1):
        sent = {"device": device, "schema": 1, "sent_at": now, "ops": [{**op, "n": n, "at": now}]}
        for _ in "12":  # the second is answered from what is known
            await _send(http, "/api/v1/sync/push", sent)
        answer = await http.get("/api/v1/sync/pull", params={"limit": 100, "schema": 1} | cursor_of(cursor))
        cursor = answer.json()["cursor"] if answer.status_code == 200 else cursor
        await http.get("/api/v1/sync/exceptions")
    await http.get(
        "/api/v1/sync/pull",
        params={"schema": 1} | cursor_of(cursor),
        headers={"If-None-Match": f'"{cursor}"'},
    )
    await _send(http, "/api/v1/photos/missing", {"photos": [{"sha256": "0" * 64, "size": 1}]})
    day = {"device": device, "day": now[:10], "zone": "UTC", "n": len(ops), "photos": []}
    for photos in ([], ["0" * 64]):
        spans = [{"device": device, "first": 1, "last": len(ops)}]
        await _send(http, "/api/v1/receipts", {**day, "spans": spans, "records": [], "photos": photos})


def cursor_of(cursor: str) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}


async def _send(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await http.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 201, 409, 422), f"{path}: {answer.status_code} {answer.text}"
