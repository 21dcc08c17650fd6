"""Jobs that were given up: an admin sees them with their reason and has them tried again, at the desk or by command."""

import asyncio
import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from backend.app import Parts, build
from backend.audit import audit
from backend.jobs import job
from backend.settings import load
from tests.conftest import Pair
from tests.support.client import Client, signed_in, uuid7
from tests.support.company import Company, found
from tests.support.jobs import give_up
from tests.support.phone import VISIBLE
from tests.support.server import Server

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SHA256 = hashlib.sha256(VISIBLE.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def world(shared_pair: Pair) -> Iterator[tuple[Server, Company]]:
    server = shared_pair.server().prepare()
    company = asyncio.run(found(server.env))
    server.start()
    try:
        yield server, company
    finally:
        server.kill()


def on_database(server: Server, work: Any) -> Any:
    async def run() -> Any:
        parts: Parts = build(load(server.env))
        try:
            return await work(parts)
        finally:
            parts.passwords.close()
            await parts.db.close()

    return asyncio.run(run())


def listed(client: Client) -> list[dict[str, Any]]:
    answer = client.http.get("/api/v1/jobs")
    assert answer.status_code == 200, answer.text
    jobs: list[dict[str, Any]] = answer.json()["jobs"]
    return jobs


def until_done(server: Server, id_: str) -> None:
    async def state(parts: Parts) -> str:
        async with parts.db.read() as conn:
            return str(await conn.scalar(sa.select(job.c.state).where(job.c.id == id_)))

    deadline = time.monotonic() + 60
    while on_database(server, state) != "done":
        assert time.monotonic() < deadline, "the worker did not come to it"
        time.sleep(0.2)


@pytest.mark.timeout(300)
def test_an_admin_sees_what_was_given_up_and_has_it_tried_again(world: tuple[Server, Company]) -> None:
    server, company = world
    with signed_in(server.url, "admin") as admin, signed_in(server.url, "inspector") as inspector:
        inspector.upload(VISIBLE)
        id_ = give_up(server, company.org, {"sha256": SHA256, "person": company.people["inspector"]})
        foreign = give_up(server, uuid7(), {"sha256": SHA256})
        [one] = listed(admin)
        assert (one["id"], one["name"], one["photo"]) == (id_, "derive", SHA256)
        assert (one["attempts"], one["error"]) == (8, "DecoderLost: crashed")

        for refused in (
            inspector.http.get("/api/v1/jobs"),
            inspector.http.post(f"/api/v1/jobs/{id_}/retry"),
            inspector.http.post("/api/v1/jobs/retry"),
        ):
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert admin.http.post(f"/api/v1/jobs/{foreign}/retry").status_code == 404

        assert admin.http.post(f"/api/v1/jobs/{id_}/retry").json() == {"n": 1}
        assert listed(admin) == []
        until_done(server, id_)
        assert admin.http.post(f"/api/v1/jobs/{id_}/retry").status_code == 404, "nothing to try again"

        give_up(server, company.org, {"sha256": SHA256})
        give_up(server, company.org, {"sha256": SHA256})
        assert admin.http.post("/api/v1/jobs/retry").json() == {"n": 2}

        async def audited(parts: Parts) -> list[Any]:
            async with parts.db.read() as conn:
                wanted = sa.select(audit.c.person, audit.c.subject).where(audit.c.action == "job.retried")
                return list((await conn.execute(wanted)).all())

        lines = on_database(server, audited)
        assert len(lines) == 3
        assert (company.people["admin"], id_) in [tuple(line) for line in lines]


@pytest.mark.timeout(300)
def test_the_same_by_command(world: tuple[Server, Company]) -> None:
    server, company = world
    server.run("jobs", "retry")  # what another test has left
    assert "no job was given up" in server.run("jobs", "list").stdout
    id_ = give_up(server, company.org, {"sha256": SHA256})
    shown = server.run("jobs", "list", check=False)
    assert shown.returncode == 1
    assert id_ in shown.stdout
    assert "DecoderLost: crashed" in shown.stdout
    assert server.run("jobs", "retry", uuid7(), check=False).returncode == 1
    assert "1 jobs" in server.run("jobs", "retry", id_).stdout
    until_done(server, id_)
