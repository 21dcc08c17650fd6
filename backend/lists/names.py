"""What the ids in a list's rows are called, for who reads them."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import chunks
from backend.lists.query import Line
from sync.caller import Caller
from sync.tables import record


class Named(msgspec.Struct, frozen=True):
    """A name in both languages; `en` is empty where there is none. `code` is what is written on the thing."""

    zh: str
    en: str = ""
    code: str = ""


async def names(conn: AsyncConnection, caller: Caller, lines: Iterable[Line]) -> dict[str, Named]:
    """Units, people, equipment and boxes that the rows name and the caller may read."""
    wanted = {id_ for line in lines for id_ in (line.unit, line.person, line.subject) if id_}
    return await names_of(conn, caller, wanted)


async def names_of(conn: AsyncConnection, caller: Caller, ids: Iterable[str]) -> dict[str, Named]:
    """Of these records, those that the caller may read."""
    found: dict[str, Named] = {}
    for chunk in chunks(sorted(set(ids))):
        for row in await conn.execute(
            sa.select(record.c.id, record.c.body).where(
                record.c.org == caller.org,
                record.c.id.in_(chunk),
                record.c.scope.in_(caller.scopes),
                record.c.deleted == 0,
            )
        ):
            body = msgspec.json.decode(row.body)
            name = body.get("name") or body.get("address") or body.get("code") or ""
            found[row.id] = Named(name, body.get("name_en") or "", body.get("code") or "")
    return found
