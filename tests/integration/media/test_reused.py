"""The same picture handed in twice: a short, seeded run of `make prove ONLY=reused`, and what reviewers are told."""

import asyncio
import io
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from PIL import Image

from backend import reused
from backend.app import build
from backend.db import Database
from backend.migrations.run import migrate
from backend.settings import load
from sync.caller import Caller
from tests.integration.media.conftest import World, refused
from tests.prove.reused import look
from tests.support import alterations
from tests.support.client import Client, now, uuid7


@pytest.mark.timeout(600)
async def test_a_photo_altered_and_handed_in_again_is_found_and_others_are_not_accused(
    database_url: str,
) -> None:
    db = Database(database_url)
    try:
        await migrate(db)
        looked = await look(db, rounds=1, fillers=2_000, most=5)
    finally:
        await db.close()
    assert looked.share(*alterations.ALTERED) >= 0.95, looked
    assert looked.share("another", "beside", "again") <= 0.01, looked


# --- what a reviewer is told --------------------------------------------------------------------------------


def packed(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


@pytest.fixture(scope="module")
def contents() -> list[bytes]:
    """One photo, three times altered, and another one."""
    pictures = alterations.pictures()
    one, random = pictures["HTC_Desire.jpg"], Random(1)
    changes = (alterations.encoded, alterations.mirrored, alterations.cut)
    return [*(packed(change(one, random)) for change in changes), packed(pictures["broken1.jpg"])]


@pytest.fixture(scope="module")
def boxes(world: World) -> dict[str, str]:
    """A meter box in each station."""
    found = {unit: uuid7() for unit in world.company.stations}
    with world.client("admin") as admin:
        for unit, id_ in found.items():
            body = {"code": id_[-4:], "unit": unit, "area_name": "x", "address": "x", "material": "metal"}
            admin.applied(admin.put("meter_box", id_, {**body, "positions": 6, "ownership": "utility"}))
    return found


@pytest.fixture
def inspector(world: World) -> Iterator[Client]:
    with world.client("inspector") as made:
        yield made


def handed_in(client: Client, kind: str, body: dict[str, Any], *photos: bytes) -> str:
    """A submitted record with these photos, all here."""
    id_, roles = uuid7(), ("close_up", "overall", "label_or_number")
    if kind == "finding":
        body |= {
            "visit": "unannounced",
            "item": "QX-01",
            "catalogue": "2026.11",
            "happened_at": now(),
            "fact": "x",
        }
        roles = ("evidence",)
    else:
        body |= {"items": ["MB-01"], "ownership": "utility", "found_at": now(), "controlled": True}
    references = [client.photo(photo, roles[i % len(roles)]) for i, photo in enumerate(photos)]
    client.applied(client.put(kind, id_, {**body, "photos": references}), client.event(kind, id_, "submit"))
    for photo in photos:
        client.upload(photo)
    return id_


def told(client: Client, id_: str) -> list[dict[str, Any]]:
    answer = client.http.get(f"/api/v1/records/{id_}/reused")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["photos"]
    return found


def settled(client: Client, id_: str, records: int) -> dict[str, Any]:
    """What is told of the record's one reused photo, once so many other records are."""
    for _ in range(900):
        found = told(client, id_)
        if found and len(found[0]["elsewhere"]) == records:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(found)


def told_to(world: World, caller: Caller, id_: str) -> list[reused.Reused] | None:
    async def ask() -> list[reused.Reused] | None:
        parts = build(load(world.server.env))
        try:
            async with parts.db.read() as conn:
                return await reused.find(conn, caller, id_)
        finally:
            parts.passwords.close()
            await parts.db.close()

    return asyncio.run(ask())


@pytest.mark.timeout(300)
def test_a_reviewer_sees_the_other_records_and_a_station_only_what_no_secret_is(
    world: World, inspector: Client, contents: list[bytes], boxes: dict[str, str]
) -> None:
    here, there = world.company.stations
    secret = handed_in(inspector, "finding", {"unit": here}, contents[0])
    with world.client("supervisor") as supervisor:
        one = handed_in(
            inspector, "hazard", {"unit": here, "meter_box": boxes[here]}, contents[1], contents[3]
        )
        found = settled(supervisor, one, 1)
        other = found["elsewhere"][0]
        assert (other["record"], other["kind"], other["role"]) == (secret, "finding", "evidence")
        assert other["mirrored"]
        assert 0.45 <= other["share"] <= 1
        two = handed_in(inspector, "hazard", {"unit": there, "meter_box": boxes[there]}, contents[2])
        assert {each["record"] for each in settled(supervisor, one, 2)["elsewhere"]} == {secret, two}
        again = handed_in(inspector, "finding", {"unit": here}, contents[3])
        (same,) = told(supervisor, again)  # the same file, known at once
        assert [(each["record"], each["share"]) for each in same["elsewhere"]] == [(one, 1.0)]
        refused(supervisor.http.get(f"/api/v1/records/{uuid7()}/reused"), 404, "not_found")
    refused(inspector.http.get(f"/api/v1/records/{one}/reused"), 403, "forbidden")
    # the head of the inspected station: that there is one in the other station, nothing of the two findings
    head = Caller(
        org=world.company.org,
        person=uuid7(),
        name="x",
        roles=frozenset({"leader"}),
        scopes=("org", f"u:{here}"),
        device=None,
        unit=here,
    )
    found_by_head = told_to(world, head, one)
    assert found_by_head is not None
    assert [(photo.elsewhere, photo.hidden) for photo in found_by_head] == [([], True)]
    assert told_to(world, head, secret) is None
