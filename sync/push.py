"""Operations in: one transaction, one lock on the organisation's counter, one answer per operation."""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import msgspec
import structlog
from msgspec import Raw
from msgspec.structs import replace
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import clock, exceptions, store, upcast
from sync.apply import MAX_DATA, Outcome, Who, decide, plain
from sync.audit import AuditAnswer, audit
from sync.batch import Batch, Sent, read, refuse_deep, refused
from sync.caller import Caller, Deputised
from sync.errors import SyncError
from sync.kinds import NOT_PUT, Codec, Invalid, Issue, Kind
from sync.pull import Asked, Counts, PullPage, pull
from sync.records import Entry, Hand, Kept, Op, Patch, Refused, Result, Row
from sync.tables import stamp
from sync.unit import Context, OnWrite, Unit
from sync.window import Window

__all__ = ["Context", "Engine", "Entry", "Hand", "Kept", "Op", "PushAnswer", "Refused", "Result", "Row"]

MAX_CHAIN = 8

log = structlog.get_logger("sync")
_encode = msgspec.json.Encoder().encode


class PushAnswer(msgspec.Struct, frozen=True):
    """`acked` is the last operation number the server has for good; results in the order of the push."""

    acked: int
    now: datetime
    results: list[Raw]


class Push(msgspec.Struct, frozen=True):
    """A push request, read and prepared (`Engine.prepared`), and who sent it.

    `presumed`: ids that are taken for new without a look. When one is not, the database refuses the row and the
    transaction fails (IntegrityError): then the push is sent again with nothing presumed.
    """

    caller: Caller
    batch: Batch
    presumed: frozenset[str] = frozenset()

    @property
    def ids(self) -> Iterable[str]:
        """Records that its operations are about."""
        return (sent.op.subject or sent.op.id for sent in self.batch.ops if sent.op)

    @property
    def made(self) -> frozenset[str]:
        """Records that its operations make, as far as the phone knows, and do nothing else to."""
        ops = [sent.op for sent in self.batch.ops if sent.op]
        other = {op.subject or op.id for op in ops if op.op != "put" or op.base}
        return frozenset({op.id for op in ops} - other)


Reaction = Callable[[Context, Row, Entry], Awaitable[Iterable[Op]]]
"""What an event of one feature causes in another: further operations. May raise Refused and Kept."""


class _Work(msgspec.Struct):
    """What a transaction is going to add to the operation tables."""

    pushed: list[store.Pushed]
    lines: dict[str, list[store.Operation]]
    system: list[store.Operation]
    server_n: int
    answered: dict[str, list[exceptions.Answered]]  # of devices that left something to be settled
    epoch: int = 1


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
        window: Window = Window(),  # noqa: B008 (frozen)
    ) -> None:
        self.kinds = kinds
        self.window = window
        self._counts = Counts()
        self.reactions = reactions
        self.on_write = on_write
        self._codecs = {name: Codec(kind) for name, kind in kinds.items()}
        self._schema = upcast.current(kinds)

    async def push(
        self, conn: AsyncConnection, caller: Caller, now: datetime, raw: bytes | Batch
    ) -> PushAnswer:
        """Applies a phone's operations, each once and by itself.

        Raises SyncError; the transaction must then be rolled back.
        """
        batch = self.prepared(raw if isinstance(raw, Batch) else read(raw))
        (answer,) = await self.push_all(conn, caller.org, now, [Push(caller, batch)])
        if isinstance(answer, SyncError):
            raise answer
        return answer

    def prepared(self, batch: Batch) -> Batch:
        """What can be done to a batch before the organisation is locked: its operations in the form of today, the
        data of puts read.

        Raises SyncError `schema_too_new`.
        """
        if batch.schema > self._schema:
            raise SyncError("schema_too_new", schema=self._schema)
        ops = batch.ops
        if batch.schema < self._schema:
            ops = tuple(_lifted(sent, batch.schema, self.kinds) for sent in ops)
        return replace(batch, ops=tuple(map(self._read, ops)))

    def _read(self, sent: Sent) -> Sent:
        op = sent.op
        if op is not None and op.op == "put" and isinstance(op.data, Raw):
            codec = self._codecs.get(op.kind)
            if codec is not None and codec.kind.merge not in NOT_PUT and len(op.data) <= MAX_DATA:
                try:
                    patch = codec.patch(op.data)
                except Invalid:  # said when its turn comes: something else may be wrong before that
                    pass
                else:
                    read = Patch(patch, op.data, None in patch.values())
                    return Sent(sent.n, sent.payload, op, None, read)
            try:
                refuse_deep(op.data)
            except Refused as why:
                sent = refused(sent, why)
        try:
            bytes(
                sent.payload
            ).decode()  # it is kept, and shown to people; what was read above was found sound
        except UnicodeDecodeError as error:
            raise SyncError("malformed", reason=str(error)) from None
        return sent

    async def push_all(
        self, conn: AsyncConnection, org: str, now: datetime, pushes: Sequence[Push]
    ) -> list[PushAnswer | SyncError]:
        """The pushes of one organisation in one transaction, one after the other; answers in their order.

        A push that is refused as a whole changes nothing and does not touch the others.
        """
        presumed = frozenset().union(*(push.presumed for push in pushes))
        ids = dict.fromkeys(id_ for push in pushes for id_ in push.ids if id_ not in push.presumed)
        locked, devices, rows = await store.begin(conn, org, {push.batch.device for push in pushes}, ids)
        unit = Unit(conn, org, now, locked.first_rev, {id_: rows.get(id_) for id_ in ids}, presumed)
        work = _Work([], {}, [], locked.server_n, {}, locked.epoch)
        answers: list[PushAnswer | SyncError] = []
        for push in pushes:
            device = devices.get(push.batch.device)
            try:
                answer = await self._push(unit, push, device, work)
            except SyncError as refused:
                answers.append(refused)
                continue
            answers.append(answer)
            assert device is not None
            devices[push.batch.device] = replace(device, n=answer.acked)
        packed = store.pack(work.pushed)
        await unit.save(self.on_write)
        for name, operations in work.lines.items():
            await store.save_operations(conn, org, name, now, operations)
        await self._save_system(unit, work)
        await store.save_pushes(conn, org, now, work.pushed, await packed)
        await exceptions.note(conn, org, now, work.lines, work.answered)
        return answers

    async def _push(self, unit: Unit, push: Push, device: store.Locked | None, work: _Work) -> PushAnswer:
        caller, batch = push.caller, push.batch
        if device is None or device.person != caller.person:
            raise SyncError("device_unknown")
        if device.revoked:
            raise SyncError("device_revoked")
        if batch.epoch not in (None, work.epoch):
            raise SyncError(
                "resync"
            )  # it may be a push of before the restore, answered long ago and lost with it
        if any(n != before + 1 for before, n in pairwise(sent.n for sent in batch.ops)):
            raise SyncError("gap", expected=device.n + 1)
        results = await self._repeated(unit, batch, device.n, work)
        fresh = batch.ops[len(results) :]
        if fresh and fresh[0].n != device.n + 1:
            raise SyncError("gap", expected=device.n + 1)
        skew = clock.bounded(batch.claim, clock.behind(unit.now, batch.sent_at))
        who = Who(
            org=caller.org,
            person=caller.person,
            name=caller.name,
            roles=caller.roles,
            scopes=frozenset(caller.scopes),
            deputised=caller.deputised,
            device=batch.device,
            skew_ms=skew.skew_ms,
            skew_error_ms=skew.skew_error_ms,
        )
        context = Context(unit, caller)
        timed, writers = clock.Timed(unit.now, skew), {(skew.skew_ms, skew.skew_error_ms): who}
        given: list[Raw] = []
        for sent in fresh:
            op = sent.op
            writer = who if op is None else _timed(writers, who, op, timed)
            if op is None:
                assert sent.fault is not None
                result = sent.fault
            elif op.op == "event":
                result = await self._run(context, op, writer, work)
            else:
                result = self._alone(unit, op, writer, sent.patch)
                if result.status == "rejected" and op.id in push.presumed and await unit.row(op.id):
                    result = self._alone(unit, op, writer, sent.patch)
            given.append(Raw(_encode(result)))
            if device.troubled and op is not None:
                work.answered.setdefault(batch.device, []).append((op, result, writer))
            if not _plain_put(op, result):
                line = _operation(sent.n, sent.op, bytes(sent.payload), result, writer)
                work.lines.setdefault(batch.device, []).append(line)
        work.pushed.append(
            store.Pushed(
                device=batch.device,
                n=device.n + 1,
                person=caller.person,
                schema=batch.schema,
                skew=skew,
                payloads=[sent.payload for sent in fresh],
                answers=given,
            )
        )
        return PushAnswer(acked=device.n + len(fresh), now=unit.now, results=[*results, *given])

    async def write(
        self,
        conn: AsyncConnection,
        org: str,
        author: str,
        now: datetime,
        ops: Sequence[Op],
        name: str = "",
        instead_of: Deputised | None = None,
    ) -> list[Result]:
        """Applies the server's own operations as `system`, in the caller's transaction.

        `author`, `name` and `instead_of` stand in the records' logs. A refused operation answers
        `rejected` like a phone's.
        """
        locked = await store.lock(conn, org)
        unit, work = Unit(conn, org, now, locked.first_rev), _Work([], {}, [], locked.server_n, {})
        caller = Caller(org=org, person=author, name=name, roles=frozenset({"system"}), scopes=())
        who = Who(org=org, person=author, name=name, system=True, instead_of=instead_of)
        await unit.load(op.subject or op.id for op in ops)
        context = Context(unit, caller)
        results = [await self._run(context, op, who, work) for op in ops]
        await unit.save(self.on_write)
        await self._save_system(unit, work)
        return results

    async def act(self, conn: AsyncConnection, caller: Caller, now: datetime, op: Op) -> Result:
        """One operation of a person at the desk, by his own rights, in the caller's transaction.

        It stands in the operation table under a device of its own for each person, so that two people at two
        desks conflict like two phones.
        """
        locked = await store.lock(conn, caller.org)
        unit, work = Unit(conn, caller.org, now, locked.first_rev), _Work([], {}, [], locked.server_n, {})
        await unit.load([op.subject or op.id])
        device = f"{exceptions.DESK}{caller.person}"
        who = Who(
            org=caller.org,
            person=caller.person,
            name=caller.name,
            roles=caller.roles,
            scopes=frozenset(caller.scopes),
            deputised=caller.deputised,
            device=device,
        )
        result = await self._run(Context(unit, caller), op, who, work)
        await unit.save(self.on_write)
        n = await store.last_n(conn, caller.org, device) + 1
        line = _operation(n, op, _payload(op), result, who)
        await store.save_operations(conn, caller.org, device, now, [line])
        await self._save_system(unit, work)
        return result

    async def touch(
        self, conn: AsyncConnection, org: str, now: datetime, missing: Mapping[str, Sequence[str]]
    ) -> None:
        """Photos arrived: gives each record its hashes still missing, as a new revision; without any, the
        organisation's lock alone is taken.
        """
        await store.lock(conn, org)
        if not missing:
            return
        rows = [
            replace(row, missing=tuple(missing[row.id]), rev=row.rev + 1, updated_at=now)
            for row in (await store.load(conn, org, missing)).values()
            if row.missing != tuple(missing[row.id])
        ]
        await store.save(conn, org, rows, now)

    async def pull(
        self,
        conn: AsyncConnection,
        caller: Caller,
        now: datetime,
        cursor: str | None,
        limit: int,
        schema: int,
        asked: Asked = Asked(),  # noqa: B008 (frozen)
    ) -> PullPage | None:
        """What changed after the cursor, see `sync.pull`."""
        return await pull(
            conn, self.kinds, caller, now, cursor, limit, schema, self.window, asked, self._counts
        )

    async def audit(self, conn: AsyncConnection, caller: Caller, now: datetime, raw: bytes) -> AuditAnswer:
        """Whether a phone holds what the server holds, see `sync.audit`."""
        return await audit(conn, self.kinds, caller, now, raw)

    async def _repeated(self, unit: Unit, batch: Batch, last: int, work: _Work) -> list[Raw]:
        """The stored answers of operations that came before. Raises SyncError `device_fork`."""
        old = [sent for sent in batch.ops if sent.n <= last]
        if not old:
            return []
        known = await store.answers(unit.conn, unit.org, batch.device, old[0].n, old[-1].n)
        for pushed in work.pushed:  # sent twice at once: the first is not written yet
            if pushed.device == batch.device:
                pairs = zip(pushed.payloads, pushed.answers, strict=True)
                known |= {n: (bytes(one), bytes(answer)) for n, (one, answer) in enumerate(pairs, pushed.n)}
        for sent in old:
            before, now = known[sent.n][0], bytes(sent.payload)
            if before != now and msgspec.json.decode(before) != msgspec.json.decode(now):
                raise SyncError("device_fork", n=sent.n)
        return [Raw(known[sent.n][1]) for sent in old]

    async def _run(self, context: Context, op: Op, who: Who, work: _Work) -> Result:
        """One operation with all that it causes, or nothing of it."""
        reacts = f"{op.kind}.{op.type or 'create'}" in self.reactions
        try:
            return await self._whole(
                context, op, who, work, reacts, lambda: self._apply(context, op, who, work, 0)
            )
        except Kept as kept:
            instead = kept.instead
        return await self._whole(
            context, op, who, work, True, lambda: self._instead(context, op, instead, work)
        )

    async def _whole(
        self,
        context: Context,
        op: Op,
        who: Who,
        work: _Work,
        guarded: bool,
        run: Callable[[], Awaitable[Result]],
    ) -> Result:
        """What `run` does, or nothing of it; `guarded` within a savepoint. Raises Kept, with nothing done."""
        unit, before, server_n = context.unit, len(work.system), work.server_n
        unit.begin()
        nested = await unit.conn.begin_nested() if guarded else None
        try:
            result = await run()
            if nested:
                await nested.commit()
        except Exception as error:
            if _is_servers(error, bool(nested)):
                raise
            if nested:
                await nested.rollback()
            unit.undo()
            del work.system[before:]
            work.server_n = server_n
            if isinstance(error, Kept):
                raise
            result = _refusal(op, error, who)
        return result

    async def _instead(
        self,
        context: Context,
        op: Op,
        instead: Callable[[], Awaitable[Sequence[tuple[Op, Hand]]]],
        work: _Work,
    ) -> Result:
        """What takes the place of an operation that is kept aside."""
        caused = await instead()
        for one, hand in caused:
            who = Who(
                org=context.org,
                person=hand.person,
                name=hand.name,
                system=True,
                instead_of=hand.instead_of,
            )
            await self._apply(context, one, who, work, 0)
        row = await context.unit.row(op.subject or op.id)
        assert row is not None
        if caused:
            return Result(n=op.n, id=op.id, status="applied", rev=row.rev)
        return Result(n=op.n, id=op.id, status="applied", rev=row.rev + 1, code="kept")

    def _alone(self, unit: Unit, op: Op, who: Who, patch: Patch | None) -> Result:
        """A phone's put or delete, or nothing of it: it causes nothing, and its record is loaded."""
        try:
            outcome = self._outcome(unit, unit.known(op.id), op, who, patch)
        except Exception as error:
            if _is_servers(error, in_savepoint=False):
                raise
            return _refusal(op, error, who)
        return _result(op, outcome)

    async def _apply(self, context: Context, op: Op, who: Who, work: _Work, depth: int) -> Result:
        if depth > MAX_CHAIN:
            raise RecursionError(f"{op.kind}.{op.type}: reactions cause each other without end")
        row = await context.unit.row(op.subject or op.id)
        outcome = self._outcome(context.unit, row, op, who)
        result = _result(op, outcome)
        if who.system and outcome.row is not row:
            work.server_n += 1
            work.system.append(_operation(work.server_n, op, _payload(op), result, who))
        if outcome.entry is None:
            return result
        server = dataclasses.replace(who, system=True, instead_of=None)
        for reaction in self.reactions.get(f"{op.kind}.{outcome.entry.type}", ()):
            current = await context.unit.row(outcome.row.id)
            for caused in await reaction(context, current or outcome.row, outcome.entry):
                await self._apply(context, caused, server, work, depth + 1)
        after = await context.unit.row(outcome.row.id)  # a reaction may have changed the record again
        return replace(result, rev=after.rev) if after else result

    def _outcome(self, unit: Unit, row: Row | None, op: Op, who: Who, patch: Patch | None = None) -> Outcome:
        """What the operation does to the record, which is changed by it."""
        codec = self._codecs.get(op.kind)
        if codec is None:
            raise Refused("unknown_kind")
        outcome = decide(op, row, codec, who, unit.now, unit.first_rev, patch)
        if outcome.row is not row:
            unit.put(outcome.row)
        return outcome

    async def _save_system(self, unit: Unit, work: _Work) -> None:
        if work.system:
            await store.save_operations(unit.conn, unit.org, "server", unit.now, work.system)
            await store.save_server_n(unit.conn, unit.org, work.server_n)


def _timed(writers: dict[tuple[int, int | None], Who], who: Who, op: Op, timed: clock.Timed) -> Who:
    """Who writes, with the offset of his clock that held when the operation was made."""
    skew = timed.written(op.at, op.skew_ms, op.skew_error_ms)
    key = (skew.skew_ms, skew.skew_error_ms)
    if key not in writers:
        writers[key] = dataclasses.replace(who, skew_ms=skew.skew_ms, skew_error_ms=skew.skew_error_ms)
    return writers[key]


def _result(op: Op, outcome: Outcome) -> Result:
    return Result(
        n=op.n,
        id=op.id,
        status=outcome.status,
        rev=outcome.row.rev,
        code="revived" if outcome.revived else "",
        conflicts=list(outcome.conflicts) if outcome.conflicts else [],
    )


def _plain_put(op: Op | None, result: Result) -> bool:
    """Whether the operation needs no line of its own: the record and the push say all."""
    return op is not None and op.op == "put" and result.status == "applied" and not result.code


def _lifted(sent: Sent, schema: int, kinds: Mapping[str, Kind]) -> Sent:
    if sent.op is None:
        return sent
    try:
        return replace(sent, op=upcast.lift(sent.op, schema, kinds))
    except Exception:  # our fault, not the phone's: its operation is kept for an operator, the others go on
        log.exception("upcast.failed", kind=sent.op.kind, op=sent.op.op, schema=schema, n=sent.n)
        return Sent(sent.n, sent.payload, None, Result(n=sent.n, status="rejected", code="failed"))


def _is_servers(error: Exception, in_savepoint: bool) -> bool:
    """Whether the fault is the server's trouble, so that the phone has to send the whole push again."""
    if in_savepoint and isinstance(error, IntegrityError | DataError):
        return False
    return isinstance(error, DBAPIError | OSError | MemoryError)


def _refusal(op: Op, error: Exception, who: Who) -> Result:
    result = _rejected(op, error)
    if result.code == "failed":
        log.error("operation.failed", exc_info=error, org=who.org, device=who.device, n=op.n, kind=op.kind)
    return result


def _rejected(op: Op, error: Exception) -> Result:
    if isinstance(error, Refused):
        facts = plain(error.facts)
        issues = msgspec.convert(facts.pop("issues", []), list[Issue])
        return Result(n=op.n, id=op.id, status="rejected", code=error.code, issues=issues, facts=facts)
    if isinstance(error, Invalid):
        return Result(n=op.n, id=op.id, status="rejected", code="invalid", issues=error.issues)
    return Result(n=op.n, id=op.id, status="rejected", code="failed")


def _operation(n: int, op: Op | None, payload: bytes, result: Result, who: Who) -> store.Operation:
    """The line for the operation table; what could not be read leaves its columns empty, not its payload. What is kept
    aside stands beside no record: whoever reads of the record learns nothing of it.
    """
    known = result.code != "kept"
    return store.Operation(
        n=n,
        person=who.person,
        kind=op.kind if op and result.code != "unknown_kind" else "",
        id=(op.subject or op.id) if op and known else "",
        op=op.op if op else "",
        at=stamp(op.at) if op else None,
        skew_ms=who.skew_ms,
        skew_error_ms=who.skew_error_ms,
        payload=payload,
        status=result.status,
        code=result.code,
        result=_encode(result),
        event=op.id if op and op.op == "event" and known else None,
    )


def _payload(op: Op) -> bytes:
    return _encode(
        {"op": op.op, "kind": op.kind, "id": op.id, "at": op.at, "data": op.data}
        | ({"subject": op.subject, "type": op.type} if op.op == "event" else {})
    )
