"""The app's own code against a server that lost something: a backup put back, photos gone, tombstones purged.

The phones are the shipped TypeScript in Node; the servers are real, on both pairs.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from sync.tables import record, stamp
from tests.conftest import Pair
from tests.integration.platform.test_restore import backup
from tests.support import stored
from tests.support.nodephone import NodePhone, Phones, phones
from tests.support.phone import VISIBLE, shot
from tests.support.server import Server

__all__ = ["backup"]


@pytest.fixture(scope="module")
def running() -> Iterator[Phones]:
    with phones() as opened:
        yield opened


def finding(phone: NodePhone, picture: Path, fact: str, event: str | None = None) -> str:
    body = {
        "unit": phone.unit,
        "visit": "regular",
        "item": "YYT-08",
        "catalogue": "2026.11",
        "happened_at": datetime.now(UTC).isoformat(),
        "fact": fact,
        "photos": [phone.attach(picture.read_bytes(), "evidence")],
    }
    return phone.save("finding", body, event=event)


def held(phone: NodePhone) -> dict[str, Any]:
    return {id_: (row["rev"], row["state"], row["data"]) for id_, row in phone.base().items()}


def all_sent(phone: NodePhone) -> None:
    assert [op for op in phone.table("outbox") if op["status"] == "queued"] == []
    assert [photo["state"] for photo in phone.table("photos") if photo["state"] != "have"] == []


def execute(server: Server, statement: Any) -> None:
    url = server.env.get("MINGCHA_DATABASE_URL", f"sqlite+aiosqlite:///{server.folder / 'mingcha.db'}")

    async def run() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as conn:
            await conn.execute(statement)
        await engine.dispose()

    asyncio.run(run())


def lose(server: Server, sha256: str) -> None:
    """An original gone from the store, as when its backup is older than the database's."""
    line = server.env.get("MINGCHA_STORE_URL")
    if line is None:
        (found,) = (server.folder / "photos" / "originals").rglob(sha256)
        found.unlink()
        return
    client, bucket = stored.objects_of(server)
    for item in client.list_objects(bucket, recursive=True, include_version=True):
        if str(item.object_name).endswith(sha256):
            client.remove_object(bucket, str(item.object_name), version_id=item.version_id)


def test_a_restored_server_gets_back_from_its_phones_what_the_backup_lacked(
    backend_pair: Pair, backup: Any, running: Phones, tmp_path: Path
) -> None:
    take, put_back = backup
    server = backend_pair.server().prepare(demo=True).start()
    try:
        phone = running.open(f"refill {backend_pair.name}", server.url, "duchayuan")
        before = finding(phone, shot(VISIBLE, tmp_path / "before.jpg"), "before", event="submit")
        phone.sync()
        take(server)
        after = finding(phone, shot(VISIBLE, tmp_path / "after.jpg"), "after", event="submit")
        kept = finding(phone, shot(VISIBLE, tmp_path / "kept.jpg"), "kept")
        phone.sync()
        all_sent(phone)
        known = held(phone)
        server.stop()
        put_back(server)
        if backend_pair.name != "sqlite+files":  # the bucket was not put back: it is as the disaster left it
            for photo in phone.table("photos"):
                if photo["records"] == [after]:
                    lose(server, photo["sha256"])
        server.run("migrate")
        server.run("epoch", "--raise")
        server.start()

        assert phone.sync()["phase"] == "idle"  # nothing new was saved on the phone
        all_sent(phone)
        phone.sync()  # the records' photos are there
        assert {before, after, kept} <= set(phone.base("finding"))
        again = held(phone)
        assert {i: row[1:] for i, row in again.items()} == {i: row[1:] for i, row in known.items()}
        for id_ in (before, after, kept):
            assert phone.base()[id_]["missing"] == []
            assert [entry["type"] for entry in phone.base()[id_]["log"]] == (
                [] if id_ == kept else ["submit"]
            )
        colleague = running.open(f"colleague {backend_pair.name}", server.url, "zhuguan")
        colleague.sync()
        assert {before, after} <= set(colleague.base("finding"))
        assert "every photo is in the store" in server.run("photos").stdout
    finally:
        server.kill()


def test_photos_lost_from_the_store_are_sent_again_by_the_phone_that_took_them(
    backend_pair: Pair, running: Phones, tmp_path: Path
) -> None:
    server = backend_pair.server().prepare(demo=True).start()
    try:
        phone = running.open(f"photos {backend_pair.name}", server.url, "duchayuan")
        id_ = finding(phone, shot(VISIBLE, tmp_path / "lost.jpg"), "lost")
        phone.sync()
        (photo,) = phone.table("photos")
        assert photo["sha256"] in set(stored.objects(server).values())
        lose(server, photo["sha256"])
        told = server.run("photos", check=False)
        assert (told.returncode, photo["sha256"] in told.stdout) == (1, True)
        assert "1 records ask for them again" in server.run("photos", "--ask-again").stdout
        assert [phone.sync()["phase"] for _ in range(2)] == ["idle", "idle"]
        all_sent(phone)
        assert phone.base()[id_]["missing"] == []
        assert photo["sha256"] in set(stored.objects(server).values())
        assert "every photo is in the store" in server.run("photos").stdout
    finally:
        server.kill()


def test_a_phone_away_for_longer_than_tombstones_are_kept_reads_anew_and_keeps_its_unsent_work(
    backend_pair: Pair, running: Phones
) -> None:
    server = backend_pair.server().prepare(demo=True).start()
    try:
        phone = running.open(f"away {backend_pair.name}", server.url, "duchayuan")
        other = running.open(f"here {backend_pair.name}", server.url, "duchayuan")
        phone.sync()
        demo = set(phone.base("finding"))
        drafts = [phone.save("finding", {"unit": phone.unit, "fact": f"draft {i}"}) for i in range(3)]
        phone.sync()
        other.sync()
        for id_ in drafts[:2]:
            other.remove("finding", id_)
        other.sync()
        unsent = phone.save("finding", {"unit": phone.unit, "fact": "unsent"})
        long_ago = stamp(datetime.now(UTC) - timedelta(days=200))
        execute(server, sa.update(record).where(record.c.deleted == 1).values(updated_at=long_ago))
        server.restart()  # the worker's chores run at its start
        for _ in range(100):
            if not stored.rows(server, sa.select(record.c.id).where(record.c.deleted == 1)):
                break
            asyncio.run(asyncio.sleep(0.1))
        else:
            pytest.fail("the tombstones are still there")

        assert phone.sync()["phase"] == "idle"
        asked = [(a["path"].split("?")[0], a["status"]) for a in phone.requests()]
        assert ("/api/v1/sync/pull", 410) in asked
        other.sync()
        assert set(phone.base("finding")) - demo == {drafts[2], unsent}
        assert held(phone) == held(other)
    finally:
        server.kill()


def test_a_phone_put_back_from_its_backup_takes_a_new_number_and_doubles_nothing(
    backend_pair: Pair, running: Phones
) -> None:
    server = backend_pair.server().prepare(demo=True).start()
    try:
        phone = running.open(f"fork {backend_pair.name}", server.url, "duchayuan")
        phone.sync()
        demo = set(phone.base("finding"))
        drafts = [phone.save("finding", {"unit": phone.unit, "fact": f"{i}"}) for i in range(2)]
        phone.sync()
        shared = phone.save(
            "finding", {"unit": phone.unit, "fact": "in both"}
        )  # queued when the copy is made
        twin = phone.copy(f"twin {backend_pair.name}")
        mine = phone.save("finding", {"unit": phone.unit, "fact": "mine"})
        phone.save("finding", {"fact": "0, mended here"}, record=drafts[0])
        theirs = twin.save("finding", {"unit": phone.unit, "fact": "theirs"})
        twin.save("finding", {"place": "put by the twin"}, record=drafts[0])
        for each in (phone, twin, phone):
            each.sync()
            all_sent(each)
        devices = {op["device"] for each in (phone, twin) for op in each.table("outbox")}
        assert len(devices) == 2
        assert set(phone.base("finding")) - demo == {*drafts, shared, mine, theirs}
        assert held(phone) == held(twin)
        both = phone.base()[drafts[0]]["data"]
        assert (both["fact"], both["place"]) == ("0, mended here", "put by the twin")
        once = (drafts[1], shared, mine, theirs)
        assert [phone.base()[id_]["rev"] for id_ in once] == [1, 1, 1, 1]
    finally:
        server.kill()
