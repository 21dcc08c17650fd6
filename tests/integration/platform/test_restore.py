"""The steps of "Backup" and "Restore" in docs/operations.md, walked on both pairs."""

import hashlib
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from tests.conftest import Pair
from tests.support.client import Client, signed_in, uuid7
from tests.support.phone import VISIBLE, shot
from tests.support.postgres import Postgres, binaries
from tests.support.server import Server


def sqlite_backup(database: Path, copy: Path) -> None:
    """The online backup that the program `sqlite3` calls for its `.backup`."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def postgres_tool(name: str, url: str, *args: str) -> None:
    at = make_url(url)
    where = ["-h", str(at.host), "-p", str(at.port), "-U", str(at.username)]
    subprocess.run([str(binaries() / name), *where, *args], check=True)


@pytest.fixture
def backup(
    backend_pair: Pair, tmp_path: Path, request: pytest.FixtureRequest
) -> tuple[Callable[[Server], None], Callable[[Server], None]]:
    """How this pair is backed up while it runs, and put back after it was stopped."""
    if backend_pair.name == "sqlite+files":

        def copy(server: Server) -> None:
            sqlite_backup(server.folder / "mingcha.db", tmp_path / "copy.db")
            shutil.copytree(server.folder / "photos", tmp_path / "photos")

        def back(server: Server) -> None:
            shutil.rmtree(server.folder)
            server.folder.mkdir()
            shutil.copy(tmp_path / "copy.db", server.folder / "mingcha.db")
            shutil.copytree(tmp_path / "photos", server.folder / "photos")

        return copy, back
    dump = str(tmp_path / "copy.dump")
    cluster: Postgres = request.getfixturevalue("postgres")

    def take(server: Server) -> None:
        url = server.env["MINGCHA_DATABASE_URL"]
        postgres_tool("pg_dump", url, "-Fc", "-f", dump, str(make_url(url).database))

    def put(server: Server) -> None:
        server.env["MINGCHA_DATABASE_URL"] = url = cluster.fresh()
        postgres_tool("pg_restore", url, "-d", str(make_url(url).database), dump)

    return take, put


def finding(client: Client, ref: dict[str, Any], fact: str) -> dict[str, Any]:
    return client.put(
        "finding",
        uuid7(),
        {
            "unit": client.unit,
            "item": "YYT-08",
            "fact": fact,
            "photos": [ref],
        },
    )


def test_after_a_restore_nothing_acknowledged_before_the_backup_is_gone_and_phones_send_the_rest_again(
    backend_pair: Pair,
    backup: tuple[Callable[[Server], None], Callable[[Server], None]],
    tmp_path: Path,
) -> None:
    take, put_back = backup
    server = backend_pair.server().prepare(demo=True).start()
    try:
        with signed_in(server.url, "duchayuan") as phone:
            before, after = (shot(VISIBLE, tmp_path / f"{name}.jpg") for name in ("before", "after"))
            first = finding(phone, phone.photo(before), "before the backup")
            phone.applied(first)
            kept = phone.upload(before)
            phone.pull()
            cursor = phone.cursor
            take(server)

            second = finding(phone, phone.photo(after), "after the backup")
            phone.applied(second)
            lost = phone.upload(after)
            server.stop()
            put_back(server)
            server.run("migrate")
            assert "raised the epoch" in server.run("epoch", "--raise").stdout
            assert server.run("ledger", "verify").returncode == 0
            server.start()

            answer = phone.http.get("/api/v1/sync/pull", params={"schema": "1", "cursor": cursor})
            assert (answer.status_code, answer.json()["code"]) == (410, "resync")
            mine = phone.records("finding")
            assert first["id"] in mine
            assert second["id"] not in mine

            third = finding(phone, phone.photo(after), "after the restore")
            refused = phone.send(third)
            assert (refused.status_code, refused.json()["code"]) == (409, "gap")
            assert refused.json()["expected"] == second["n"]
            phone.applied(second, third)
            assert phone.upload(after) == lost
            mine = phone.records("finding")
            assert {first["id"], second["id"], third["id"]} <= set(mine)
            for sha256 in (kept, lost):
                photo = phone.http.get(f"/api/v1/photos/{sha256}/original")
                assert photo.status_code == 200
                assert hashlib.sha256(photo.content).hexdigest() == sha256
        assert server.run("ledger", "verify").returncode == 0
    finally:
        server.kill()
