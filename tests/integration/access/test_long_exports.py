"""Long exports: equal to the direct ones, by a link that ends, whatever is killed on the way."""

import asyncio
import io
import zipfile
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa

from backend.access.tables import session
from backend.app import build
from backend.lists import exports
from backend.lists.tables import export_job
from backend.settings import load
from tests.conftest import Pair
from tests.support.client import Client

from .conftest import World, make_world
from .test_lists import hazard


@pytest.fixture(scope="module")
def alone(shared_pair: Pair) -> Iterator[World]:
    """A server whose jobs nobody does until the test lets a worker of its own."""
    made = make_world(shared_pair, MINGCHA_WORKER="none")
    with made.client("inspector", register=True) as inspector:
        for _ in range(3):
            hazard(made, inspector)
    try:
        yield made
    finally:
        made.server.kill()


def start(client: Client, what: str, **asked: str) -> dict[str, Any]:
    answer = client.http.post("/api/v1/exports", params={"what": what, **asked})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def mine(client: Client) -> dict[str, dict[str, Any]]:
    answer = client.http.get("/api/v1/exports")
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["exports"]}


def work(world: World) -> None:
    """A worker does what is waiting."""

    async def done() -> None:
        parts = build(load(world.server.env))
        async with parts.running():
            worker = parts.worker()
            while await worker.run_one():
                pass

    asyncio.run(done())


def change(world: World, statement: sa.Update | sa.Delete) -> None:
    async def changed() -> None:
        parts = build(load(world.server.env))
        async with parts.db.write() as conn:
            await conn.execute(statement)
        parts.passwords.close()
        await parts.db.close()

    asyncio.run(changed())


def entries(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist() if name != "docProps/core.xml"}


def test_a_long_export_is_equal_to_the_direct_one_and_its_link_ends(alone: World) -> None:
    paths = {"csv": "records.csv", "xlsx": "records.xlsx", "photos": "photos.zip", "dossier": "dossier.pdf"}
    with alone.client("supervisor") as supervisor, Client(alone.url) as anybody:
        begun = {what: start(supervisor, what, kind="hazard") for what in paths}
        assert {one["state"] for one in mine(supervisor).values()} == {"waiting"}
        work(alone)
        with alone.client("supervisor2" if "supervisor2" in alone.ours.people else "leader") as other:
            assert mine(other) == {}
            assert other.http.delete(f"/api/v1/exports/{begun['csv']['id']}").status_code == 404
        links = {}
        for what, path in paths.items():
            one = mine(supervisor)[begun[what]["id"]]
            assert (one["state"], one["done"], one["total"]) == ("done", 3, 3), one
            links[what] = one["link"]
            fetched = anybody.http.get(one["link"])
            assert fetched.status_code == 200, fetched.text
            assert f'filename="{path}"' in fetched.headers["Content-Disposition"]
            assert len(fetched.content) == one["size"]
            direct = supervisor.http.get(
                f"/api/v1/exports/{path}", params={"kind": "hazard"}, timeout=60
            ).content
            if what in ("csv", "dossier"):
                assert fetched.content == direct
            else:
                assert entries(fetched.content) == entries(direct)
        for wrong in (links["csv"][:-1], links["csv"] + "A", "/api/v1/exports/made/x"):
            assert anybody.http.get(wrong).status_code == 404
        assert supervisor.http.delete(f"/api/v1/exports/{begun['csv']['id']}").status_code == 204
        assert anybody.http.get(links["csv"]).json()["code"] == "not_found"
        later = "2000-01-01T00:00:00.000000Z"
        change(alone, export_job.update().where(export_job.c.id == begun["xlsx"]["id"]).values(ends_at=later))
        assert anybody.http.get(links["xlsx"]).status_code == 404
        more = '["org","something that he had"]'
        change(alone, export_job.update().where(export_job.c.id == begun["photos"]["id"]).values(scopes=more))
        assert anybody.http.get(links["photos"]).status_code == 404, "his rights shrank"
        assert anybody.http.get(links["dossier"]).status_code == 200
        change(alone, session.delete().where(session.c.account == alone.ours.people["supervisor"]))
        assert anybody.http.get(links["dossier"]).status_code == 404, "signed out everywhere"


def test_what_is_cancelled_or_too_much_is_not_made(alone: World) -> None:
    with alone.client("leader") as leader:
        cancelled = start(leader, "csv")["id"]
        assert leader.http.delete(f"/api/v1/exports/{cancelled}").status_code == 204
        assert cancelled not in mine(leader)
        for wrong in ({"what": "everything"}, {"grade": "x"}, {"sort": "x"}):
            assert leader.http.post("/api/v1/exports", params=wrong).status_code in (400, 422)
        for _ in range(5):
            start(leader, "csv")
        full = leader.http.post("/api/v1/exports", params={"what": "csv"})
        assert (full.status_code, full.json()["code"]) == (409, "too_many_exports")
        work(alone)
        folder = alone.server.folder / "staging" / "exports"
        assert not (folder / cancelled).exists()
        assert not list(folder.glob("*.*"))
        assert {one["state"] for one in mine(leader).values()} == {"done"}


def test_a_selection_of_two_hundred_becomes_one_file_of_dossiers_and_no_more(alone: World) -> None:
    with alone.client("inspector", register=True) as inspector, alone.client("supervisor") as supervisor:
        made = [hazard(alone, inspector) for _ in range(exports.DOSSIERS)]
        too_many = supervisor.http.post("/api/v1/exports", params={"what": "dossier", "kind": "hazard"})
        assert (too_many.status_code, too_many.json()["code"]) == (413, "export_too_large")
        assert too_many.json()["most"] == exports.DOSSIERS
        chosen = start(supervisor, "dossier", ids=",".join(made))["id"]
        work(alone)
        one = mine(supervisor)[chosen]
        assert (one["state"], one["done"], one["total"]) == ("done", exports.DOSSIERS, exports.DOSSIERS), one
        with Client(alone.url) as anybody:
            paper = anybody.http.get(one["link"], timeout=60).content
    with closing(pypdfium2.PdfDocument(paper)) as document:
        assert sum(mark.level == 0 for mark in document.get_toc()) == exports.DOSSIERS
        assert len(document) >= exports.DOSSIERS


def test_an_export_that_was_given_up_says_so_and_can_be_tried_again(
    alone: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alone.client("inspector") as asker:
        begun = [start(asker, "csv")["id"] for _ in range(5)]
        with monkeypatch.context() as broken:
            broken.setattr("backend.jobs.MAX_ATTEMPTS", 1)
            broken.setattr("backend.lists.later.Later._write", no_disk)
            work(alone)
        assert {(one["state"], one["reason"]) for one in mine(asker).values()} == {("failed", "given_up")}
        start(asker, "csv")  # they are in nobody's way
        with alone.client("admin") as administrator:
            assert administrator.http.post("/api/v1/jobs/retry").json()["n"] >= 5
        assert {mine(asker)[id_]["state"] for id_ in begun} == {"waiting"}
        work(alone)
        assert {mine(asker)[id_]["state"] for id_ in begun} == {"done"}


async def no_disk(*_: Any) -> int:
    raise OSError("no disk")
