"""What a push is over the wire: read strictly, operation by operation. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw
from msgspec.structs import replace

from sync import clock
from sync.errors import SyncError
from sync.ids import is_id
from sync.records import Op, Patch, Refused, Result

MAX_OPS = 500
MAX_BYTES = 1_048_576
MAX_DEPTH = 32


SkewMs = Annotated[int, Meta(ge=-clock.MOST_MS, le=clock.MOST_MS)]
SkewErrorMs = Annotated[int, Meta(ge=0, le=clock.MOST_MS)]


class _Push(msgspec.Struct, forbid_unknown_fields=True):
    device: Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    schema: Annotated[int, Meta(ge=1, le=1_000_000)]
    sent_at: Annotated[datetime, Meta(tz=True)]
    ops: list[Raw]
    skew_ms: SkewMs | None = None
    skew_error_ms: SkewErrorMs | None = None
    epoch: Annotated[int, Meta(ge=1, le=2**31)] | None = None


class _Numbered(msgspec.Struct):
    n: Annotated[int, Meta(ge=1, le=2**53)]


class _Op(Op, forbid_unknown_fields=True, frozen=True, kw_only=True, gc=False):
    """An operation as a phone may send it."""

    n: Annotated[int, Meta(ge=1, le=2**53)]
    base: Annotated[int, Meta(ge=0, le=2**53)] = 0
    at: Annotated[datetime, Meta(tz=True)]
    data: Raw = Raw(b"{}")
    skew_ms: SkewMs | None = None
    skew_error_ms: SkewErrorMs | None = None
    facts: None = None  # the server's alone
    author: None = None


class Sent(msgspec.Struct, frozen=True, gc=False):
    """One operation as it came: `op` is None when it cannot be read, `fault` then says why. `patch` is what was read
    in a put's data.
    """

    n: int
    payload: Raw
    op: Op | None
    fault: Result | None = None
    patch: Patch | None = None


class Batch(msgspec.Struct, frozen=True):
    """A read push request. `claim` is what the phone knew of its clock's offset when it sent, `epoch` how often, by
    what it was told, the server had begun anew.
    """

    device: str
    schema: int
    sent_at: datetime
    ops: tuple[Sent, ...]
    claim: clock.Interval | None = None
    epoch: int | None = None


_push = msgspec.json.Decoder(_Push)
_numbered = msgspec.json.Decoder(_Numbered)
_op = msgspec.json.Decoder(_Op)


def read(raw: bytes) -> Batch:
    """Reads a push request; an operation that cannot be read, but has a number, becomes a rejected one.

    Raises SyncError `malformed`, `too_large`.
    """
    batch, payloads = opened(raw)
    return replace(batch, ops=read_ops(payloads))


def opened(raw: bytes) -> tuple[Batch, list[Raw]]:
    """A push request without its operations, and these as they came (`read_ops`). Raises as `read`."""
    if len(raw) > MAX_BYTES:
        raise SyncError("too_large", limit=MAX_BYTES)
    try:
        push = _push.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SyncError("malformed", reason=str(error)) from None
    if len(push.ops) > MAX_OPS:
        raise SyncError("too_large", limit_ops=MAX_OPS)
    if not _real(push.sent_at):
        raise SyncError("malformed", reason="sent_at")
    claim = clock.claimed(push.skew_ms, push.skew_error_ms)
    return Batch(push.device, push.schema, push.sent_at, (), claim, push.epoch), push.ops


def read_ops(payloads: Iterable[Raw]) -> tuple[Sent, ...]:
    """Operations of a push. Raises SyncError `malformed` for one without a number."""
    try:
        return tuple(map(_read_op, payloads))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SyncError("malformed", reason=str(error)) from None


def _read_op(payload: Raw) -> Sent:
    n = 0
    try:
        op = _op.decode(payload)
        n = op.n
        if not _real(op.at) or (op.op == "event") != bool(op.subject) or (op.op == "event") != bool(op.type):
            raise Refused("malformed", {"reason": "at, subject or type"})
        if not is_id(op.id) or (op.subject and not is_id(op.subject)):
            raise Refused("bad_id")
        if op.op != "put":  # a put's data are held against a type first, which is as deep as it is
            refuse_deep(op.data)
    except msgspec.DecodeError as error:
        n = _numbered.decode(payload).n
        return Sent(n, payload, None, _fault(n, "malformed", {"reason": str(error)}))
    except Refused as refused:
        n = n or _numbered.decode(payload).n
        return Sent(n, payload, None, _fault(n, refused.code, refused.facts))
    return Sent(n, payload, op)


def refused(sent: Sent, why: Refused) -> Sent:
    """The operation, rejected before it is applied."""
    return Sent(sent.n, sent.payload, None, _fault(sent.n, why.code, why.facts))


def _fault(n: int, code: str, facts: dict[str, Any]) -> Result:
    return Result(n=n, status="rejected", code=code, facts=facts)


def _real(at: datetime) -> bool:
    """Whether a moment can be reckoned with; a phone that lost its clock says 1970."""
    return 1970 <= at.year < 9999


def refuse_deep(data: Raw) -> None:
    """Raises Refused `malformed` for data that, in their operation, are nested deeper than a reader need go."""
    if _depth(bytes(data)) >= MAX_DEPTH:
        raise Refused("malformed", {"reason": f"nested deeper than {MAX_DEPTH}"})


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
