"""Walks the crash points of a request: the server dies at each step, another one shows what is left.

The steps are those of `crashpoints`. What else the server does at its database counts too, so that a request has
now a step more, now one less: a walk ends when ENOUGH steps in a row were not reached.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.client import Client, now, signed_in, uuid7
from tests.support.server import Server

HOOK = "tests.fault.crashpoints:install"
MOST = 300  # steps of one request, at most
ENOUGH = 3


@dataclass
class Walk:
    """`died`: steps at which the server died. `kept`: those after which everything was there all the same.

    `partly`: what was found in part, doubled, or answered otherwise the second time.
    """

    died: int = 0
    kept: int = 0
    partly: list[str] = field(default_factory=list)


def dying(prepared: Server, path: str, at: int) -> Server:
    """A server that dies at the step `at` of a request to `path`."""
    server = prepared.another(HOOK)
    server.env |= {"CRASH_PATH": path, "CRASH_AT": str(at)}
    server.start()
    return server


def steps(first: int = 1, stride: int = 1) -> Iterable[int]:
    """Every step, or each `stride`-th from `first` on."""
    return range(first, MOST, stride)


def pushes(prepared: Server, at: Iterable[int]) -> Walk:
    """A push of an inspection with photos that opens a defect and a repair, a finding, and one that is refused."""
    walk, beyond = Walk(), 0
    whole = prepared.another().start()
    with signed_in(whole.url, "inspector") as client, signed_in(whole.url, "admin") as admin:
        switch = _equipment(admin)
        for step in at:
            before = client.register()["n"]
            server = dying(prepared, "/api/v1/sync/push", step)
            ops = _inspections(client, switch)
            client.http.base_url = server.url
            try:
                answer: httpx.Response | None = client.send(*ops)
            except httpx.TransportError:
                answer = None
            client.http.base_url = whole.url
            if answer is not None:
                server.kill()
                assert answer.status_code == 200, answer.text
                beyond += 1
                if beyond == ENOUGH:
                    whole.kill()
                    return walk
                continue
            assert server.died(), "it is cut, but alive"
            server.kill()
            walk.died, beyond = walk.died + 1, 0
            left = _left(client, ops)
            if left not in ((before, 0), (before + len(ops), 3)):
                walk.partly.append(f"step {step}: {left}")
            walk.kept += left[0] > before
            first, again = client.send(*ops), client.send(*ops)
            statuses = [r["status"] for r in first.json().get("results", [])]
            if statuses != ["applied", "applied", "applied", "rejected"]:
                walk.partly.append(f"step {step}: {first.text}")
            if again.json().get("results") != first.json().get("results"):
                walk.partly.append(f"step {step}: answered otherwise")
            if _left(client, ops) != (before + len(ops), 3):
                walk.partly.append(f"step {step}: {_left(client, ops)} after it was sent again")
    raise AssertionError(f"more than {MOST} steps")


def photos(prepared: Server, at: Iterable[int]) -> Walk:
    """The last piece of a photo: stored, entered, and the record ready with a new revision."""
    walk, dice, beyond = Walk(), random.Random(20261124), 0
    whole = prepared.another().start()
    with signed_in(whole.url, "inspector") as client:
        for step in at:
            content = b"\xff\xd8\xff\xe0" + dice.randbytes(20_000) + b"\xff\xd9"
            record, photo = uuid7(), client.photo(content, "evidence")
            client.applied(client.put("finding", record, {"unit": client.unit, "photos": [photo]}))
            location = client.create_upload(content).headers["Location"]
            server = dying(prepared, "/api/v1/uploads/", step)
            client.http.base_url = server.url
            try:
                answered = client.patch(location, 0, content).status_code == 204
            except httpx.TransportError:
                answered = False
            client.http.base_url = whole.url
            server.kill()
            if answered:
                beyond += 1
                if beyond == ENOUGH:
                    whole.kill()
                    return walk
                continue
            walk.died, beyond = walk.died + 1, 0
            client.pull()
            stands = client.http.head(location, headers={"Tus-Resumable": "1.0.0"})
            offset = int(stands.headers["Upload-Offset"])
            walk.kept += offset == len(content)
            if offset < len(content):
                client.patch(location, offset, content[offset:])
            if client.http.get(f"/api/v1/photos/{photo['sha256']}/original").content != content:
                walk.partly.append(f"step {step}: the photo is not there")
            row = client.records("finding")[record]
            if (row["rev"], row["missing"]) != (2, []):
                walk.partly.append(f"step {step}: revision {row['rev']}, missing {row['missing']}")
    raise AssertionError(f"more than {MOST} steps")


def _photo(role: str) -> dict[str, Any]:
    sha256 = f"{random.getrandbits(256):064x}"
    return {"sha256": sha256, "size": 1000, "type": "image/jpeg", "role": role, "taken_at": now()}


def _equipment(admin: Client) -> str:
    id_ = uuid7()
    body = {
        "code": f"CG-{id_[-6:]}",
        "name": "3# 隔离开关",
        "unit": admin.unit,
        "type": "switch",
        "row": "C01",
    }
    admin.applied(
        admin.put("equipment", id_, {**body, "voltage_kv": 10, "line": "城中线", "area_name": "丛台里台区"})
    )
    return id_


def _inspections(client: Client, equipment: str) -> list[dict[str, Any]]:
    hot, finding, none = uuid7(), uuid7(), uuid7()
    inspection = {
        "unit": client.unit,
        "equipment": equipment,
        "taken_at": now(),
        "row": "C01",
        "points": [{"label": "A相", "temp_c": 115.0}, {"label": "B相", "temp_c": 40.0}],
        "ambient_c": 30.0,
        "load_a": 120,
        "rated_a": 200,
        "photos": [_photo("thermal"), _photo("visible")],
    }
    return [
        client.put("infrared", hot, inspection),
        client.event("infrared", hot, "submit"),
        client.put("finding", finding, {"unit": client.unit, "fact": "到达现场 57 分钟"}),
        client.event("finding", none, "submit"),
    ]


def _left(client: Client, ops: list[dict[str, Any]]) -> tuple[int, int]:
    """How many operations the server has of this phone, and how many records: of the push, and their defects."""
    ours = {op.get("subject") or op["id"] for op in ops}
    with signed_in(client.url, "supervisor", register=False) as desk:
        shown = desk.records() | client.records()
    records = sum(id_ in ours or row["data"].get("source") in ours for id_, row in shown.items())
    return client.register()["n"], records
