"""Questions that a county's whole evidence must not be read for."""

import sqlalchemy as sa

from backend.where import awaited

from .conftest import World


async def test_photos_that_have_not_come_are_found_by_their_own_index(world: World) -> None:
    async with world.db.read() as conn:
        if not world.db.sqlite:
            await conn.execute(sa.text("SET LOCAL enable_seqscan = off"))  # the table is small here
        asked = awaited(world.caller("supervisor")).compile(
            conn.engine.sync_engine, compile_kwargs={"literal_binds": True}
        )
        explain = "EXPLAIN QUERY PLAN " if world.db.sqlite else "EXPLAIN "
        plan = "\n".join(str(row[-1]) for row in await conn.exec_driver_sql(f"{explain}{asked}"))
    assert "evidence_missing" in plan, plan
    assert "SCAN" not in plan.replace("Index Scan", ""), plan
