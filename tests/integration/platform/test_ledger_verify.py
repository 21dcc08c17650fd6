"""`mingcha ledger verify` finds what somebody with all rights on the database has changed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from backend.features.points.tables import ledger
from tests.conftest import Pair
from tests.support.server import Server


@pytest.fixture
def company(backend_pair: Pair) -> Server:
    """The demo company's database; no server runs on it."""
    return backend_pair.server().prepare(demo=True)


@pytest.fixture
async def owner(company: Server) -> AsyncIterator[AsyncConnection]:
    """A connection of the table's owner, who has put the append-only triggers out of action."""
    url = company.env.get("MINGCHA_DATABASE_URL", f"sqlite+aiosqlite:///{company.folder / 'mingcha.db'}")
    engine = create_async_engine(url)
    async with engine.connect() as conn:
        if conn.dialect.name == "sqlite":
            await conn.execute(sa.text("DROP TRIGGER ledger_no_update"))
            await conn.execute(sa.text("DROP TRIGGER ledger_no_delete"))
        else:
            await conn.execute(sa.text("ALTER TABLE ledger DISABLE TRIGGER USER"))
        await conn.commit()
        yield conn
    await engine.dispose()


async def entries(owner: AsyncConnection) -> list[Any]:
    found = list(await owner.execute(sa.select(ledger).order_by(ledger.c.org, ledger.c.n)))
    await owner.rollback()
    return found


def flipped(value: Any) -> Any:
    """One bit of one byte is another: in the middle of a text, in a number."""
    if isinstance(value, int):
        return value ^ 64
    middle = len(value) // 2
    while not value[middle].isascii():
        middle += 1
    return value[:middle] + chr(ord(value[middle]) ^ 1) + value[middle + 1 :]


async def test_a_single_flipped_byte_is_found_in_every_column_of_any_entry(
    company: Server, owner: AsyncConnection
) -> None:
    whole = company.run("ledger", "verify", check=False)
    assert (whole.returncode, "chain whole" in whole.stdout) == (0, True), whole.stdout
    lines = await entries(owner)
    assert len(lines) >= 2
    for number, column in enumerate(ledger.columns):
        line = lines[number % len(lines)]
        old = getattr(line, column.name)
        key = {"org": line.org, "n": line.n}
        changed = key | {column.name: flipped(old)}
        await change(owner, key, {column.name: flipped(old)})
        done = company.run("ledger", "verify", check=False)
        assert (done.returncode, "BROKEN" in done.stdout) == (1, True), (
            column.name,
            done.stdout,
            done.stderr,
        )
        await change(owner, {name: changed[name] for name in key}, {column.name: old})
    assert company.run("ledger", "verify").returncode == 0


async def change(owner: AsyncConnection, key: dict[str, Any], values: dict[str, Any]) -> None:
    done = await owner.execute(
        sa.update(ledger).where(*(ledger.c[name] == value for name, value in key.items())).values(**values)
    )
    assert done.rowcount == 1
    await owner.commit()


async def test_a_removed_entry_is_found_also_when_it_is_the_last(
    company: Server, owner: AsyncConnection
) -> None:
    last = (await entries(owner))[-1]
    await owner.execute(sa.delete(ledger).where(ledger.c.org == last.org, ledger.c.n == last.n))
    await owner.commit()
    done = company.run("ledger", "verify", check=False)
    assert (done.returncode, "removed" in done.stdout) == (1, True), done.stdout
