"""Lines removed from the ledger's end leave a good chain; the day's signed checkpoint says that they are gone."""

from datetime import timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from backend.custody import checkpoints, keys
from backend.custody.tables import checkpoint
from backend.features.points import ledger, tables
from sync.tables import record
from tests.integration.custody.conftest import County
from tests.integration.custody.test_bundle import Verifier, bundled, confirmed, members, verify
from tests.integration.custody.test_bundle import county as county  # SQLite with files, PostgreSQL with MinIO

__all__ = ["verify"]


async def wrong(county: County, *copies: str) -> list[str]:
    async with county.db.read() as conn:
        return await checkpoints.faults(conn, copies)


async def tampered(county: County, *statements: Any) -> None:
    """As somebody with all rights on the database."""
    async with county.db.write() as conn:
        if county.db.sqlite:
            for name in ("ledger_no_update", "ledger_no_delete"):
                await conn.execute(sa.text(f"DROP TRIGGER IF EXISTS {name}"))
        else:
            await conn.execute(sa.text("ALTER TABLE ledger DISABLE TRIGGER USER"))
        for statement in statements:
            await conn.execute(statement)


async def test_a_day_is_signed_once_and_only_when_the_ledger_has_grown(county: County) -> None:
    now = county.now()
    assert await checkpoints.sign_day(county.db, now) == 0
    await confirmed(county)
    assert await checkpoints.sign_day(county.db, now) == 1
    assert await checkpoints.sign_day(county.db, now) == 0
    assert await checkpoints.sign_day(county.db, now + timedelta(days=1)) == 0
    await confirmed(county)
    assert await checkpoints.sign_day(county.db, now) == 0
    assert await checkpoints.sign_day(county.db, now + timedelta(days=2)) == 1
    async with county.db.read() as conn:
        assert [one.n for one in await checkpoints.of_org(conn, county.org)] == [1, 2]
    assert await wrong(county) == []


async def test_removed_last_lines_are_found_here_and_by_a_copy_kept_elsewhere(county: County) -> None:
    await confirmed(county)
    await confirmed(county)
    await checkpoints.sign_day(county.db, county.now())
    async with county.db.read() as conn:
        (kept,) = await checkpoints.of_org(conn, county.org)
    async with county.db.read() as conn:
        last = msgspec.json.decode((await ledger.lines(conn, county.org))[-1].entry)["id"]
    gone = sa.delete(record).where(record.c.id == last)
    await tampered(county, sa.delete(tables.ledger).where(tables.ledger.c.n == 2), gone)
    async with county.db.read() as conn:
        assert (await ledger.check(conn)).broken is None  # what is left is a good chain
    (said,) = await wrong(county)
    assert "the last of them are gone" in said
    await tampered(county, sa.delete(checkpoint))  # with the server's own checkpoints
    assert await wrong(county) == []
    assert len(await wrong(county, kept.signed)) == 1
    head, content, signature = kept.signed.split(".")
    assert "signature" in (await wrong(county, f"{head}.{content}.{signature[::-1]}"))[0]
    assert len(await wrong(county, "nonsense", f"{head}.{keys.b64(b'{}')}.{signature}")) == 2


async def test_a_bundle_proves_that_the_ledger_s_end_is_there(county: County, verify: Verifier) -> None:
    finding, *_ = await confirmed(county)
    raw, made = await bundled(county, finding)
    assert any("no checkpoint of the ledger" in line for line in verify.holds(raw, "--key", made.key))
    await checkpoints.sign_day(county.db, county.now())
    await confirmed(county)
    await checkpoints.sign_day(county.db, county.now() + timedelta(days=1))
    raw, made = await bundled(county, finding)
    said = [line for line in verify.holds(raw, "--key", made.key) if "checkpoint" in line]
    assert [line[:4] for line in said] == ["ok  ", "ok  "]
    assert len([name for name in members(raw) if name.startswith("ledger/checkpoint-")]) == 2
    await tampered(county, sa.delete(tables.ledger).where(tables.ledger.c.n == 2))
    raw, _ = await bundled(county, finding)  # sealed by the server all the same
    (bad,) = verify.blames(raw)
    assert bad.startswith("ledger/checkpoint-")
