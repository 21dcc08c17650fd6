"""Tokens are renewed while they are used, a lost answer signs nobody out, and an end is an end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.access import accounts, sessions
from backend.access.sessions import Directory, SignedIn, start, successor
from backend.access.tables import session
from backend.db import Database
from backend.problems import AppError
from backend.settings import Settings
from sync.tables import stamp

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SETTINGS = Settings()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def db(migrated_url: str):
    made = Database(migrated_url)
    async with made.write() as conn:
        await accounts.create(conn, NOW, org="o", person="p", login="a", password_hash="-", roles=["crew"])
    yield made
    await made.close()


async def opened(db: Database) -> str:
    async with db.write() as conn:
        return await start(conn, SETTINGS, "o", "p", NOW)


async def find(db: Database, settings: Settings, token: str, now: datetime) -> SignedIn:
    return await sessions.find(db, settings, Directory(db), token, now)


async def test_only_hashes_of_tokens_are_stored(db: Database) -> None:
    token = await opened(db)
    async with db.read() as conn:
        (row,) = (await conn.execute(session.select())).all()
    assert token not in [str(value) for value in row]
    assert len(token) == 64


async def test_a_token_is_renewed_after_a_day_and_moves_the_end(db: Database) -> None:
    token = await opened(db)
    assert (await find(db, SETTINGS, token, NOW + HOUR)).new_token is None
    later = NOW + DAY + HOUR
    renewed = await find(db, SETTINGS, token, later)
    assert renewed.new_token is not None
    assert renewed.expires_at == later + timedelta(days=45)


async def test_requests_at_the_same_time_get_the_same_new_token(db: Database) -> None:
    import asyncio

    token = await opened(db)
    found = await asyncio.gather(*(find(db, SETTINGS, token, NOW + 2 * DAY) for _ in range(6)))
    assert len({f.new_token for f in found}) == 1


async def test_a_lost_answer_signs_nobody_out(db: Database) -> None:
    token = await opened(db)
    first = await find(db, SETTINGS, token, NOW + 2 * DAY)
    much_later = await find(db, SETTINGS, token, NOW + 20 * DAY)
    assert much_later.new_token == first.new_token


async def test_once_the_new_token_is_used_the_old_one_has_only_the_grace_time(db: Database) -> None:
    token = await opened(db)
    at = NOW + 2 * DAY
    new = (await find(db, SETTINGS, token, at)).new_token
    assert new is not None
    assert (await find(db, SETTINGS, new, at)).new_token is None
    assert (await find(db, SETTINGS, token, at + timedelta(seconds=599))).caller.person == "p"
    with pytest.raises(AppError, match="session_expired"):
        await find(db, SETTINGS, token, at + timedelta(seconds=601))
    assert (await find(db, SETTINGS, new, at + timedelta(seconds=601))).caller.person == "p"


async def test_a_session_ends_45_days_after_its_last_use(db: Database) -> None:
    token = await opened(db)
    with pytest.raises(AppError, match="session_expired"):
        await find(db, SETTINGS, token, NOW + 45 * DAY)
    token = await opened(db)
    used = await find(db, SETTINGS, token, NOW + 44 * DAY)
    assert used.new_token is not None
    assert (await find(db, SETTINGS, used.new_token, NOW + 80 * DAY)).caller.person == "p"


async def test_a_guessed_token_and_a_guessed_successor_open_nothing(db: Database) -> None:
    token = await opened(db)
    await find(db, SETTINGS, token, NOW + 2 * DAY)
    for guess in ("", "0" * 64, successor(token, ""), token[:-1]):
        with pytest.raises(AppError, match="session_expired"):
            await find(db, SETTINGS, guess, NOW + 2 * DAY)


async def test_a_new_password_and_a_disabled_account_end_every_session(db: Database) -> None:
    token = await opened(db)
    async with db.write() as conn:
        await accounts.set_password(conn, NOW, "p", "other")
    with pytest.raises(AppError, match="session_expired"):
        await find(db, SETTINGS, token, NOW)


async def test_the_sweep_removes_ended_sessions_only(db: Database) -> None:
    old = await opened(db)
    async with db.write() as conn:
        await conn.execute(session.update().values(expires_at=stamp(NOW - HOUR)))
    kept = await opened(db)
    async with db.write() as conn:
        await sessions.sweep(conn, NOW)
    with pytest.raises(AppError):
        await find(db, SETTINGS, old, NOW)
    assert (await find(db, SETTINGS, kept, NOW)).caller.person == "p"


def test_no_token_stands_in_any_log_line() -> None:
    root = Path(__file__).resolve().parents[3] / "backend"
    for file in root.rglob("*.py"):
        for line in file.read_text("utf-8").splitlines():
            if "log." in line:
                assert "token" not in line, f"{file}: {line}"
