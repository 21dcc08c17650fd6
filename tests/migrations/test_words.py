"""Rows of an older list are found by their words and stand on the map after the upgrade."""

import pytest
import sqlalchemy as sa

from backend.boards import query as boards
from backend.db import Database
from backend.lists import query
from backend.lists.query import Asked
from backend.migrations.run import migrate
from sync.caller import Caller

pytestmark = pytest.mark.timeout(120)

ROW = (
    "INSERT INTO listing (org, id, shelf, scope, kind, state, grade, unit, person, subject, at, changed, title,"
    " title_en, words, lat, lon) VALUES ('o', :id, :shelf, 'u:s', :kind, 'submitted', 0, 's', '', 'thing',"
    " '2026-11-24T02:00:00.000000Z', '2026-11-24T02:00:00.000000Z', '', '', :words, :lat, :lon)"
)
READER = Caller(org="o", person="p", name="p", roles=frozenset({"manager"}), scopes=("u:s",))


async def test_rows_of_before_are_found_by_words_and_stand_where_their_thing_stands(
    database_url: str,
) -> None:
    db = Database(database_url)
    thing = {
        "id": "thing",
        "shelf": "register",
        "kind": "equipment",
        "words": "城中线",
        "lat": 36.5,
        "lon": 114.5,
    }
    work = {"id": "work", "shelf": "work", "kind": "infrared", "words": "触头发热", "lat": None, "lon": None}
    try:
        await migrate(db, "0090")
        async with db.write() as conn:
            for row in (thing, work):
                await conn.execute(sa.text(ROW), row)
        await migrate(db)
        async with db.read() as conn:
            for words in ("发热", "热", "触头发热", "城中线", "中线 头发"):
                assert [line.id for line in (await query.page(conn, READER, Asked(q=words), "", 10))[0]] == [
                    "work"
                ]
            assert (await query.page(conn, READER, Asked(q="发头"), "", 10))[0] == []
            (cell,) = await boards.cells(conn, READER, Asked(), "", 10)
        assert (cell.n, cell.lat, cell.lon, cell.thing) == (1, 36.5, 114.5, "thing")
    finally:
        await db.close()
