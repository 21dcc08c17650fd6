"""The worker is killed in the middle of a long export: another one makes it whole, and nothing half is left."""

import io
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.jobs import job
from sync.tables import stamp
from tests.conftest import Pair
from tests.support.client import Client
from tests.support.server import Server
from tests.support.stored import change
from tests.support.warm import Warm

KINDS = {"csv": "records.csv", "photos": "photos.zip", "dossier": "dossier.pdf", "xlsx": "records.xlsx"}
ASKED = {"kind": "hazard"}


def worker(server: Server, dies: str = "") -> Warm:
    hook = "tests.fault.halfway:install" if dies else ""
    return Warm(["worker"], {**server.env, "DIES": dies}, server.folder / "worker.log", hook=hook)


def killed(server: Server, where: str) -> None:
    """A worker takes a job that nobody has and dies there."""
    assert worker(server, where).wait(60) == -9, server.log_tail()


def leases_end(server: Server) -> None:
    """As after a minute."""
    past = stamp(datetime.now(UTC) - timedelta(seconds=1))
    change(server, job.update().where(job.c.lease_until.is_not(None)).values(lease_until=past))


def entries(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist() if name != "docProps/core.xml"}


def mine(client: Client) -> dict[str, dict[str, Any]]:
    return {one["what"]: one for one in client.http.get("/api/v1/exports").json()["exports"]}


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.timeout(300)
def test_an_export_whose_worker_was_killed_is_made_whole_by_the_next(backend_pair: Pair) -> None:
    server = backend_pair.server(MINGCHA_WORKER="none").prepare(demo=True).start()
    folder = server.folder / "staging" / "exports"
    try:
        with Client(server.url, timeout_s=120).sign_in("zhuguan") as desk, Client(server.url) as anybody:
            for what in KINDS:
                begun = desk.http.post("/api/v1/exports", params={"what": what, **ASKED})
                assert begun.status_code == 202, begun.text
                assert 5 < begun.json()["total"] <= 20, "more than a page, and what is made at once too"
                killed(server, "told")
                assert mine(desk)[what]["state"] == "waiting"
                assert mine(desk)[what]["link"] is None
            assert len(left(folder)) == len(KINDS), "each left something half"
            leases_end(server)
            killed(server, "named")
            leases_end(server)
            good = worker(server)
            try:
                deadline = time.monotonic() + 120
                while any(one["state"] == "waiting" for one in mine(desk).values()):
                    assert time.monotonic() < deadline, mine(desk)
                    time.sleep(0.2)
            finally:
                good.terminate()
                good.wait(60)
            made = mine(desk)
            assert {one["state"] for one in made.values()} == {"done"}
            assert left(folder) == {one["id"] for one in made.values()}
            for what, path in KINDS.items():
                fetched = anybody.http.get(made[what]["link"])
                assert fetched.status_code == 200, (what, fetched.text)
                assert len(fetched.content) == made[what]["size"]
                direct = desk.http.get(f"/api/v1/exports/{path}", params=ASKED)
                if what in ("csv", "dossier"):
                    assert fetched.content == direct.content, what
                else:
                    assert entries(fetched.content) == entries(direct.content), what
    finally:
        server.kill()
