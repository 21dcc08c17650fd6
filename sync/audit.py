"""Does a phone hold what the server holds? Counts and an XOR tell it cheaply, revisions where they differ."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import cursor as cursors
from sync import store
from sync.caller import Caller
from sync.errors import SyncError
from sync.kinds import Kind
from sync.window import Hold, holds


class Held(msgspec.Struct, forbid_unknown_fields=True):
    """What the reader holds of a scope: how many records, and `xor` of their hashes as 16 hex digits."""

    count: Annotated[int, Meta(ge=0)]
    xor: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]


class AuditRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The reader's cursor and, by scope, what it holds; nothing of a scope left out. `held` is its rule."""

    cursor: str
    scopes: dict[str, Held]
    held: Hold | None = None


class ScopeAudit(msgspec.Struct, frozen=True, omit_defaults=True):
    """same; different, with (id, rev) of all records; behind: the scope changed since, pull first."""

    state: Literal["same", "different", "behind"]
    rows: list[tuple[str, int]] = []


class AuditAnswer(msgspec.Struct, frozen=True):
    """By scope; scopes that are not the caller's are left out."""

    now: datetime
    scopes: dict[str, ScopeAudit]


NOTHING = Held(0, "0" * 16)
_request = msgspec.json.Decoder(AuditRequest)


def digest(rows: list[tuple[str, int]]) -> str:
    """XOR over records of the first 8 bytes of SHA-256 of `<id>:<rev>`, as 16 hex digits."""
    total = 0
    for id_, rev in rows:
        total ^= int.from_bytes(hashlib.sha256(f"{id_}:{rev}".encode()).digest()[:8], "big")
    return f"{total:016x}"


async def audit(
    conn: AsyncConnection, kinds: Mapping[str, Kind], caller: Caller, now: datetime, raw: bytes
) -> AuditAnswer:
    """Compares by scope. Raises SyncError `malformed`, `resync`."""
    try:
        request = _request.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SyncError("malformed", reason=str(error)) from None
    cursor = cursors.parse(request.cursor)
    if cursor.epoch != (await store.head(conn, caller.org, ())).epoch:
        raise SyncError("resync")
    answer = {}
    for scope in caller.scopes:
        if scope in cursor.places:
            found = [
                row
                for row in await store.versions(conn, caller.org, scope)
                if _since(kinds, row.kind) <= cursor.schema
                and (request.held is None or holds(kinds, request.held, row.kind, row.state, scope, row.at))
            ]
            answer[scope] = _compare(request.scopes.get(scope, NOTHING), found, cursor.places[scope].pos)
    return AuditAnswer(now, answer)


def _since(kinds: Mapping[str, Kind], name: str) -> int:
    return kinds[name].since if name in kinds else 1


def _compare(held: Held, found: list[store.Version], read_up_to: int) -> ScopeAudit:
    # Never as they lie in the table: what is written elsewhere moves that.
    rows = sorted((row.id, row.rev) for row in found)
    if (held.count, held.xor) == (len(rows), digest(rows)):
        return ScopeAudit("same")
    if any(row.seq > read_up_to for row in found):
        return ScopeAudit("behind")
    return ScopeAudit("different", rows)
