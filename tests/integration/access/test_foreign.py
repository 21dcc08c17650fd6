"""Every endpoint of the OpenAPI document, in every role, asked for another company's things."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from backend.app import create_app
from backend.jobs import job
from backend.settings import Settings
from tests.support.client import Client, uuid7
from tests.support.company import ROLES
from tests.support.server import Server
from tests.support.stored import rows

from .conftest import World

PHOTO = b"\xff\xd8\xff\xe0" + b"another company's photo" * 100 + b"\xff\xd9"
# for everyone, signed in or not; a watermark's address is its own key
OPEN = {
    "Alive",
    "Ready",
    "SignIn",
    "SignInByCode",
    "SignOut",
    "ListKeys",
    "VerifyPhoto",
    "VerifyRecord",
    "FetchExport",
}


@pytest.fixture(scope="module")
def foreign(world: World) -> Iterator[dict[str, str]]:
    """Ids of the other company, by the name of the path parameter."""
    with world.client("foreign-inspector", register=True) as them:
        them.upload(PHOTO)
        finding = uuid7()
        them.applied(them.put("finding", finding, {"unit": them.unit}))
        them.push(them.event("finding", uuid7(), "submit"))  # refused: an exception of theirs, number 2
        upload = them.create_upload(PHOTO + b"unfinished").headers["Location"].rsplit("/", 1)[-1]
        yield {
            "device": them.device,
            "person": world.theirs.people["inspector"],
            "unit": world.theirs.county,
            "grant": uuid7(),
            "sha256": them.photo(PHOTO)["sha256"],
            "file": them.photo(PHOTO)["sha256"],
            "upload": upload,
            "view": "original",
            "record": finding,
            "n": "2",
            "look": uuid7(),
            "job": job_of(world.server, world.theirs.org),
            "token": "made-up",
            "export": uuid7(),
        }


def job_of(server: Server, org: str) -> str:
    """One of the other company's background jobs."""
    (found,) = rows(server, sa.select(job.c.id).where(job.c.org == org).limit(1))
    return str(found.id)


def endpoints(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    document = client.http.get("/schema").json()
    return [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def ask(client: Client, method: str, path: str, given: dict[str, str]) -> httpx.Response | None:
    """Call an endpoint with foreign ids; None when it takes none."""
    if "{" not in path:
        return None
    for name, value in given.items():
        path = path.replace("{" + name + "}", value)
    if "/where/" in path or "/records/" in path:
        path = path.replace("{id}", given["record"])
    path = path.replace("{upload_id}", given["upload"]).replace("{id}", given["upload"])
    assert "{" not in path, f"a new parameter: add a foreign id for it ({path})"
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    content = b"x" if method == "PATCH" else None
    if path.endswith("/settle"):
        content = b'{"choice":"keep"}'
    return client.http.request(
        method,
        path,
        headers=headers if "uploads" in path else {"Content-Type": "application/json"} if content else {},
        content=content,
    )


@pytest.mark.parametrize("role", ROLES)
def test_a_foreign_id_is_not_found_in_any_role(world: World, foreign: dict[str, str], role: str) -> None:
    with world.client(role) as client:
        asked = 0
        for method, path, operation in endpoints(client):
            if method == "OPTIONS":
                continue
            answer = ask(client, method, path, foreign)
            if answer is not None:
                asked += 1
                assert answer.status_code in (403, 404), (
                    f"{role} {operation['operationId']} {answer.status_code}"
                )
                assert b"another company" not in answer.content
        assert asked >= 5
        known = {r["id"] for r in client.pull()}
        assert foreign["record"] not in known
        assert not known & set(world.theirs.people.values())
        listed = client.http.get("/api/v1/devices").json()["devices"]
        assert foreign["device"] not in {d["id"] for d in listed}
        state = client.http.post(
            "/api/v1/photos/missing", json={"photos": [{"sha256": foreign["sha256"], "size": len(PHOTO)}]}
        )
        assert state.json()["photos"][0]["state"] == "new"


def test_without_a_session_every_endpoint_asks_for_sign_in(world: World, foreign: dict[str, str]) -> None:
    with Client(world.url) as stranger:
        asked = 0
        for method, path, operation in endpoints(stranger):
            if operation["operationId"] in OPEN or method == "OPTIONS":
                continue
            answer = ask(stranger, method, path, foreign) or stranger.http.request(method, path)
            assert answer.status_code == 401, f"{operation['operationId']} {answer.status_code}"
            asked += 1
        assert asked >= 12


def test_another_company_cannot_write_into_ours_by_knowing_an_id(world: World) -> None:
    with (
        world.client("inspector", register=True) as ours,
        world.client("foreign-inspector", register=True) as them,
    ):
        id_ = uuid7()
        ours.applied(ours.put("finding", id_, {"unit": ours.unit, "fact": "ours"}))
        results = them.push(
            them.put("finding", id_, {"unit": them.unit, "fact": "theirs"}),
            them.event("finding", id_, "submit"),
            them.put("finding", uuid7(), {"unit": ours.unit}),
        )
        assert ours.records("finding")[id_]["data"]["fact"] == "ours"
        assert all(r["status"] in ("applied", "rejected") for r in results)
        (device,) = [d for d in ours.http.get("/api/v1/devices").json()["devices"] if d["id"] == ours.device]
        assert device["person"] == ours.person


def test_the_same_device_id_in_two_companies_is_two_devices(world: World) -> None:
    with world.client("inspector") as ours, world.client("foreign-inspector") as them:
        device = uuid7()
        ours.register(device)
        them.register(device)
        ids = {client: uuid7() for client in (ours, them)}
        for client in (ours, them):  # the same number with another content is no fork of the other's phone
            client.applied(client.put("finding", ids[client], {"unit": client.unit, "fact": client.person}))
        for client, other in ((ours, them), (them, ours)):
            seen = client.records("finding")
            assert seen[ids[client]]["data"]["fact"] == client.person
            assert ids[other] not in seen
            devices = client.http.get("/api/v1/devices").json()["devices"]
            assert [d["person"] for d in devices if d["id"] == device] == [client.person]
        assert ours.http.post(f"/api/v1/devices/{device}/revoke").is_success
        them.applied(them.put("finding", uuid7(), {"unit": them.unit}))


def test_a_photo_of_another_company_is_not_given_for_its_hash(world: World, foreign: dict[str, str]) -> None:
    with world.client("inspector", register=True) as ours, world.client("foreign-inspector") as them:
        finding = uuid7()
        photo = ours.photo(PHOTO, "evidence")
        assert photo["sha256"] == foreign["sha256"]
        ours.applied(ours.put("finding", finding, {"unit": ours.unit, "photos": [photo]}))
        assert ours.records("finding")[finding]["missing"] == [foreign["sha256"]]
        assert ours.http.get(f"/api/v1/photos/{foreign['sha256']}/original").status_code == 404
        ours.upload(PHOTO)
        assert ours.http.get(f"/api/v1/photos/{foreign['sha256']}/original").content == PHOTO
        assert ours.records("finding")[finding]["missing"] == []
        assert finding not in them.records()


def test_no_route_is_missing_from_the_document_that_these_tests_walk_through() -> None:
    app = create_app(Settings())
    routes = {getattr(route, "path_format", route.path) for route in app.routes}
    apart = {"/metrics", "/schema", "/schema/openapi.json", "/schema/{path}"}
    assert routes - set(app.openapi_schema.to_schema()["paths"]) == apart
