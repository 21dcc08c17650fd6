"""Operations in: one transaction, one lock on the organisation's counter, one answer per operation."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Literal

import msgspec
import structlog
from msgspec import Meta, Raw
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import clock, store, upcast
from sync.apply import Who, decide, plain
from sync.audit import AuditAnswer, audit
from sync.caller import Caller
from sync.errors import SyncError
from sync.ids import is_id, new_id
from sync.kinds import Codec, Invalid, Issue, Kind
from sync.pull import PullPage, pull
from sync.records import Entry, Op, Refused, Result, Row
from sync.tables import stamp

__all__ = ["Batch", "Context", "Engine", "Entry", "Op", "PushAnswer", "Refused", "Result", "Row", "read"]

MAX_OPS = 500
MAX_BYTES = 1_048_576
MAX_DEPTH = 32
MAX_CHAIN = 8

log = structlog.get_logger("sync")


# --- what comes over the wire -------------------------------------------------------------------------------

SkewMs = Annotated[int, Meta(ge=-clock.MOST_MS, le=clock.MOST_MS)]
SkewErrorMs = Annotated[int, Meta(ge=0, le=clock.MOST_MS)]


class _Push(msgspec.Struct, forbid_unknown_fields=True):
    device: Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    schema: Annotated[int, Meta(ge=1, le=1_000_000)]
    sent_at: Annotated[datetime, Meta(tz=True)]
    ops: list[Raw]
    skew_ms: SkewMs | None = None
    skew_error_ms: SkewErrorMs | None = None


class _Numbered(msgspec.Struct):
    n: Annotated[int, Meta(ge=1, le=2**53)]


class _Op(msgspec.Struct, forbid_unknown_fields=True):
    n: int
    op: Literal["put", "event", "delete"]
    kind: str
    id: str
    at: Annotated[datetime, Meta(tz=True)]
    subject: str = ""
    type: str = ""
    base: Annotated[int, Meta(ge=0, le=2**53)] = 0
    data: Raw = Raw(b"{}")
    skew_ms: SkewMs | None = None
    skew_error_ms: SkewErrorMs | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """One operation as it came: `op` is None when it cannot be read, `fault` then says why."""

    n: int
    payload: bytes
    op: Op | None
    fault: Result | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A read push request. `claim` is what the phone knew of its clock's offset when it sent."""

    device: str
    schema: int
    sent_at: datetime
    ops: tuple[Sent, ...]
    claim: clock.Interval | None = None


_push = msgspec.json.Decoder(_Push)
_numbered = msgspec.json.Decoder(_Numbered)
_op = msgspec.json.Decoder(_Op)
_encode = msgspec.json.Encoder().encode


def read(raw: bytes) -> Batch:
    """Reads a push request; an operation that cannot be read becomes a rejected one.

    Raises SyncError `malformed`, `too_large`.
    """
    if len(raw) > MAX_BYTES:
        raise SyncError("too_large", limit=MAX_BYTES)
    try:
        raw.decode()
        push = _push.decode(raw)
        numbers = [_numbered.decode(op).n for op in push.ops]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SyncError("malformed", reason=str(error)) from None
    if len(numbers) > MAX_OPS:
        raise SyncError("too_large", limit_ops=MAX_OPS)
    if not _real(push.sent_at):
        raise SyncError("malformed", reason="sent_at")
    ops = tuple(_read_op(n, bytes(op)) for n, op in zip(numbers, push.ops, strict=True))
    claim = clock.claimed(push.skew_ms, push.skew_error_ms)
    return Batch(push.device, push.schema, push.sent_at, ops, claim)


def _read_op(n: int, payload: bytes) -> Sent:
    try:
        if _depth(payload) > MAX_DEPTH:
            raise Refused("malformed", {"reason": f"nested deeper than {MAX_DEPTH}"})
        op = _op.decode(payload)
        if not _real(op.at) or (op.op == "event") != bool(op.subject) or (op.op == "event") != bool(op.type):
            raise Refused("malformed", {"reason": "at, subject or type"})
        if not is_id(op.id) or (op.subject and not is_id(op.subject)):
            raise Refused("bad_id")
    except msgspec.DecodeError as error:
        return Sent(n, payload, None, _fault(n, "malformed", {"reason": str(error)}))
    except Refused as refused:
        return Sent(n, payload, None, _fault(n, refused.code, refused.facts))
    readable = Op(
        op=op.op,
        kind=op.kind,
        id=op.id,
        subject=op.subject,
        type=op.type,
        base=op.base,
        at=op.at,
        data=bytes(op.data),
        n=n,
        skew_ms=op.skew_ms,
        skew_error_ms=op.skew_error_ms,
    )
    return Sent(n, payload, readable)


def _fault(n: int, code: str, facts: dict[str, Any]) -> Result:
    return Result(n=n, status="rejected", code=code, facts=facts)


def _of_today(batch: Batch, kinds: Mapping[str, Kind]) -> Batch:
    """The batch of an older app in today's form; the payloads stay as sent. Raises SyncError `schema_too_new`."""
    today = upcast.current(kinds)
    if batch.schema > today:
        raise SyncError("schema_too_new", schema=today)
    if batch.schema == today:
        return batch
    return replace(batch, ops=tuple(_lifted(sent, batch.schema, kinds) for sent in batch.ops))


def _lifted(sent: Sent, schema: int, kinds: Mapping[str, Kind]) -> Sent:
    if sent.op is None:
        return sent
    try:
        return replace(sent, op=upcast.lift(sent.op, schema, kinds))
    except Exception:  # our fault, not the phone's: its operation is kept for an operator, the others go on
        log.exception("upcast.failed", kind=sent.op.kind, op=sent.op.op, schema=schema, n=sent.n)
        return Sent(sent.n, sent.payload, None, _fault(sent.n, "failed", {}))


def _real(at: datetime) -> bool:
    """Whether a moment can be reckoned with; a phone that lost its clock says 1970."""
    return 1970 <= at.year < 9999


def _depth(payload: bytes) -> int:
    """How deep arrays and objects are nested; counts brackets first, most operations have few."""
    brackets = payload.count(b"{") + payload.count(b"[")
    if brackets <= MAX_DEPTH:
        return brackets
    depth = deepest = 0
    quoted = escaped = False
    for byte in payload:
        if quoted:
            quoted = escaped or byte != 0x22
            escaped = not escaped and byte == 0x5C
        elif byte == 0x22:
            quoted = True
        elif byte in (0x7B, 0x5B):
            depth += 1
            deepest = max(deepest, depth)
        elif byte in (0x7D, 0x5D):
            depth -= 1
    return deepest


class PushAnswer(msgspec.Struct, frozen=True):
    """`acked` is the last operation number the server has for good; results in the order of the push."""

    acked: int
    now: datetime
    results: list[Raw]


# --- one transaction ----------------------------------------------------------------------------------------


class Context:
    """One transaction's view of the records, and what a reaction may use.

    `now` is the server's time of this push. Operations that a reaction returns run as `system` in the same
    transaction.
    """

    def __init__(self, conn: AsyncConnection, caller: Caller, now: datetime, seq: int) -> None:
        self.conn = conn
        self.caller = caller
        self.now = now
        self.org = caller.org
        self.seq = seq
        self._loaded: dict[str, Row | None] = {}
        self._rows: dict[str, Row | None] = {}
        self._moved: dict[tuple[str, str], int] = {}
        self._op_seq = seq

    async def get(self, kind: str, id: str) -> Row | None:  # noqa: A002 (the word of the protocol)
        """The record as it stands inside this transaction; None when there is none or it is deleted."""
        row = await self.row(id)
        return row if row is not None and row.kind == kind and not row.deleted else None

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        return new_id(self.now)

    async def set_facts(self, row_id: str, facts: Mapping[str, Any]) -> None:
        """Merges `facts` into the record's."""
        row = await self.row(row_id)
        if row is None:
            raise LookupError(row_id)
        row = replace(row, facts={**row.facts, **plain(facts)})
        if row.seq <= self._op_seq:  # not yet changed by this operation
            row = replace(row, rev=row.rev + 1, seq=self.seq + 1, updated_at=self.now)
        self.put(row)

    async def row(self, id_: str) -> Row | None:
        """The record of any kind, deleted or not."""
        if id_ not in self._rows:
            await self.load([id_])
        return self._rows[id_]

    async def load(self, ids: Iterable[str]) -> None:
        """Reads records in one statement, so that `row` finds them."""
        wanted = [id_ for id_ in dict.fromkeys(ids) if id_ not in self._rows]
        if not wanted:
            return
        found = await store.load(self.conn, self.org, wanted)
        for id_ in wanted:
            self._loaded[id_] = self._rows[id_] = found.get(id_)

    def put(self, row: Row) -> None:
        """Takes the record's new state; readers of a scope that it left get a notice."""
        before = self._rows.get(row.id)
        if before is not None and self._loaded[row.id] is not None and before.scope != row.scope:
            self._moved[before.scope, row.id] = row.seq
        self.seq = max(self.seq, row.seq)
        self._rows[row.id] = row

    def begin_op(self) -> tuple[dict[str, Row | None], dict[tuple[str, str], int], int]:
        """Marks the start of an operation; the mark undoes it."""
        self._op_seq = self.seq
        return dict(self._rows), dict(self._moved), self.seq

    def undo(self, mark: tuple[dict[str, Row | None], dict[tuple[str, str], int], int]) -> None:
        """Forgets everything since the mark. Records read meanwhile stay as they were read."""
        rows, self._moved, self.seq = mark
        self._rows = {id_: rows.get(id_, loaded) for id_, loaded in self._loaded.items()}

    async def commit(self, on_write: "OnWrite") -> None:
        """Writes all changed records, the notices and the counter."""
        changed = [row for id_, row in self._rows.items() if row is not None and row is not self._loaded[id_]]
        if not changed:
            return
        missing = await on_write(self.conn, self.org, changed, self.now)
        rows = [replace(row, missing=tuple(missing[row.id])) if row.id in missing else row for row in changed]
        await store.save(self.conn, rows)
        await store.save_moved(self.conn, self.org, self._moved, self.now)
        await store.save_head(self.conn, self.org, self.seq)


Reaction = Callable[[Context, Row, Entry], Awaitable[Iterable[Op]]]
"""What an event of one feature causes in another: further operations. May raise Refused."""

OnWrite = Callable[[AsyncConnection, str, Sequence[Row], datetime], Awaitable[Mapping[str, Sequence[str]]]]
"""Called once before the changed records are stored; answers, by record id, the photos still missing."""


class Engine:
    """The replication engine over the application's kinds.

    `reactions` are keyed `<kind>.<event>`; `<kind>.create` fires when the server makes a record.
    """

    def __init__(
        self,
        *,
        kinds: Mapping[str, Kind],
        reactions: Mapping[str, Sequence[Reaction]],
        on_write: OnWrite,
    ) -> None:
        self.kinds = kinds
        self.reactions = reactions
        self.on_write = on_write
        self._codecs = {name: Codec(kind) for name, kind in kinds.items()}

    async def push(
        self, conn: AsyncConnection, caller: Caller, now: datetime, raw: bytes | Batch
    ) -> PushAnswer:
        """Applies a phone's operations, each once and by itself.

        Raises SyncError; the transaction must then be rolled back.
        """
        batch = _of_today(raw if isinstance(raw, Batch) else read(raw), self.kinds)
        seq, last = await store.lock_device(conn, caller.org, batch.device, caller.person)
        if any(n != before + 1 for before, n in pairwise(sent.n for sent in batch.ops)):
            raise SyncError("gap", expected=last + 1)
        results = await self._repeated(conn, caller.org, batch, last)
        fresh = batch.ops[len(results) :]
        if fresh and fresh[0].n != last + 1:
            raise SyncError("gap", expected=last + 1)
        skew = clock.bounded(batch.claim, _behind(now, batch.sent_at))
        who = Who(
            org=caller.org,
            person=caller.person,
            name=caller.name,
            roles=caller.roles,
            scopes=frozenset(caller.scopes),
            device=batch.device,
        )
        context = Context(conn, caller, now, seq)
        await context.load(sent.op.subject or sent.op.id for sent in fresh if sent.op)
        done: list[store.Operation] = []
        system: list[store.Operation] = []
        for sent in fresh:
            result = sent.fault
            who = _timed(who, sent.op, skew, now)
            if sent.op is not None:
                result = await self._run(context, sent.op, who, system)
            assert result is not None
            done.append(_operation(sent.n, sent.op, sent.payload, result, who))
            results.append(Raw(done[-1].result))
        await context.commit(self.on_write)
        await store.save_operations(conn, caller.org, batch.device, now, done)
        await store.save_operations(conn, caller.org, "server", now, system)
        n = max(last, fresh[-1].n if fresh else 0)
        await store.save_device(conn, caller.org, batch.device, n, skew, now)
        return PushAnswer(acked=n, now=now, results=results)

    async def write(
        self, conn: AsyncConnection, org: str, author: str, now: datetime, ops: Sequence[Op], name: str = ""
    ) -> list[Result]:
        """Applies the server's own operations as `system`, in the caller's transaction.

        `author` and `name` stand in the records' logs. A refused operation answers `rejected` like a phone's.
        """
        seq = await store.lock(conn, org)
        caller = Caller(org=org, person=author, name=name, roles=frozenset({"system"}), scopes=())
        who = Who(org=org, person=author, name=name, system=True)
        context = Context(conn, caller, now, seq)
        await context.load(op.subject or op.id for op in ops)
        system: list[store.Operation] = []
        results = [await self._run(context, op, who, system) for op in ops]
        await context.commit(self.on_write)
        await store.save_operations(conn, org, "server", now, system)
        return results

    async def touch(
        self, conn: AsyncConnection, org: str, now: datetime, missing: Mapping[str, Sequence[str]]
    ) -> None:
        """Photos arrived: gives each record its hashes still missing, as a new revision."""
        seq = await store.lock(conn, org)
        rows = []
        for row in (await store.load(conn, org, missing)).values():
            if row.missing != tuple(missing[row.id]):
                seq += 1
                rows.append(
                    replace(row, missing=tuple(missing[row.id]), rev=row.rev + 1, seq=seq, updated_at=now)
                )
        if rows:
            await store.save(conn, rows)
            await store.save_head(conn, org, seq)

    async def pull(
        self,
        conn: AsyncConnection,
        caller: Caller,
        now: datetime,
        cursor: str | None,
        limit: int,
        schema: int,
    ) -> PullPage | None:
        """What changed after the cursor, see `sync.pull`."""
        return await pull(conn, self.kinds, caller, now, cursor, limit, schema)

    async def audit(self, conn: AsyncConnection, caller: Caller, now: datetime, raw: bytes) -> AuditAnswer:
        """Whether a phone holds what the server holds, see `sync.audit`."""
        return await audit(conn, caller, now, raw)

    async def _repeated(self, conn: AsyncConnection, org: str, batch: Batch, last: int) -> list[Raw]:
        """The stored answers of operations that came before. Raises SyncError `device_fork`."""
        old = [sent for sent in batch.ops if sent.n <= last]
        if not old:
            return []
        known = await store.answers(conn, org, batch.device, old[0].n, old[-1].n)
        for sent in old:
            payload = known[sent.n][0]
            if payload != sent.payload and msgspec.json.decode(payload) != msgspec.json.decode(sent.payload):
                raise SyncError("device_fork", n=sent.n)
        return [Raw(known[sent.n][1]) for sent in old]

    async def _run(self, context: Context, op: Op, who: Who, system: list[store.Operation]) -> Result:
        """One operation with all that it causes, or nothing of it."""
        mark, before = context.begin_op(), len(system)
        reacts = f"{op.kind}.{op.type or 'create'}" in self.reactions
        nested = await context.conn.begin_nested() if reacts else None
        try:
            result = await self._apply(context, op, who, system, 0)
            if nested:
                await nested.commit()
        except Exception as error:
            if _is_servers(error, bool(nested)):
                raise
            if nested:
                await nested.rollback()
            context.undo(mark)
            del system[before:]
            result = _rejected(op, error)
            if result.code == "failed":
                log.exception("operation.failed", org=who.org, device=who.device, n=op.n, kind=op.kind)
        return result

    async def _apply(
        self, context: Context, op: Op, who: Who, system: list[store.Operation], depth: int
    ) -> Result:
        codec = self._codecs.get(op.kind)
        if codec is None:
            raise Refused("unknown_kind")
        if depth > MAX_CHAIN:
            raise RecursionError(f"{op.kind}.{op.type}: reactions cause each other without end")
        row = await context.row(op.subject or op.id)
        outcome = decide(op, row, codec, who, context.now, context.seq + 1)
        if outcome.row is not row:
            context.put(outcome.row)
        result = Result(
            n=op.n,
            id=op.id,
            status=outcome.status,
            rev=outcome.row.rev,
            seq=outcome.row.seq,
            code="revived" if outcome.revived else "",
            conflicts=list(outcome.conflicts),
        )
        if who.system and outcome.row is not row:
            system.append(_operation(outcome.row.seq, op, _payload(op), result, who))
        if outcome.entry:
            server = replace(who, system=True)
            for reaction in self.reactions.get(f"{op.kind}.{outcome.entry.type}", ()):
                current = await context.row(outcome.row.id)
                for caused in await reaction(context, current or outcome.row, outcome.entry):
                    await self._apply(context, caused, server, system, depth + 1)
        after = await context.row(outcome.row.id)  # a reaction may have changed the record again
        return msgspec.structs.replace(result, rev=after.rev, seq=after.seq) if after else result


def _behind(now: datetime, at: datetime) -> int:
    """What the server's clock reads more than the device's, ms."""
    return round((now - at).total_seconds() * 1000)


def _timed(who: Who, op: Op | None, push: clock.Skew, now: datetime) -> Who:
    """Who writes, with the offset that held when the operation was made: the phone's word from then, else the push's.

    An operation is older than its receipt, so whatever is said of its clock, it did not happen later than now.
    """
    skew = push
    if op is not None:
        claim = clock.claimed(op.skew_ms, op.skew_error_ms) or clock.claimed(push.skew_ms, push.skew_error_ms)
        at_most = _behind(now, op.at)
        if claim is not None or at_most < push.skew_ms:
            skew = clock.bounded(claim, at_most)
    return replace(who, skew_ms=skew.skew_ms, skew_error_ms=skew.skew_error_ms)


def _is_servers(error: Exception, in_savepoint: bool) -> bool:
    """Whether the fault is the server's trouble, so that the phone has to send the whole push again."""
    if in_savepoint and isinstance(error, IntegrityError | DataError):
        return False
    return isinstance(error, DBAPIError | OSError | MemoryError)


def _rejected(op: Op, error: Exception) -> Result:
    if isinstance(error, Refused):
        facts = plain(error.facts)
        issues = msgspec.convert(facts.pop("issues", []), list[Issue])
        return Result(n=op.n, id=op.id, status="rejected", code=error.code, issues=issues, facts=facts)
    if isinstance(error, Invalid):
        return Result(n=op.n, id=op.id, status="rejected", code="invalid", issues=error.issues)
    return Result(n=op.n, id=op.id, status="rejected", code="failed")


def _operation(n: int, op: Op | None, payload: bytes, result: Result, who: Who) -> store.Operation:
    """The line for the operation table; what could not be read leaves its columns empty, not its payload."""
    return store.Operation(
        n=n,
        person=who.person,
        kind=op.kind if op and result.code != "unknown_kind" else "",
        id=(op.subject or op.id) if op else "",
        op=op.op if op else "",
        at=stamp(op.at) if op else None,
        skew_ms=who.skew_ms,
        skew_error_ms=who.skew_error_ms,
        payload=payload,
        status=result.status,
        code=result.code,
        result=_encode(result),
        event=op.id if op and op.op == "event" else None,
    )


def _payload(op: Op) -> bytes:
    data = Raw(op.data) if isinstance(op.data, bytes) else op.data
    return _encode(
        {"op": op.op, "kind": op.kind, "id": op.id, "at": op.at, "data": data}
        | ({"subject": op.subject, "type": op.type} if op.op == "event" else {})
    )
