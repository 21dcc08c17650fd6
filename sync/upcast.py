"""Operations of older apps, lifted to what an app of today would have written. Pure.

An operation keeps the schema number of the app that wrote it. Where a kind changed incompatibly, it declares
in `Kind.upcasts` how an operation of schema s becomes one of s + 1; additive changes need nothing. Lifting
happens before decoding, so that the strict decoders know today's form only. The stored payload stays as sent.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from sync.kinds import Kind, Written
from sync.records import Op


def current(kinds: Mapping[str, Kind]) -> int:
    """The schema number of today: the newest that a kind began with or was lifted to."""
    return max([kind.since for kind in kinds.values()] + [s + 1 for k in kinds.values() for s in k.upcasts])


def lift(op: Op, schema: int, kinds: Mapping[str, Kind]) -> Op:
    """`op`, written with `schema`, as of today; itself when nothing changed since.

    What is no JSON object stays as it is, the decoder then says what is wrong. An upcaster's own fault is
    raised as it comes.
    """
    kind = kinds.get(op.kind)
    steps = [step for step in sorted(kind.upcasts) if step >= schema] if kind else []
    data = _object(op.data) if steps else None
    if kind is None or data is None:
        return op
    written = Written(op=op.op, type=op.type, base=op.base, data=data)
    for step in steps:
        written = kind.upcasts[step](written)
    return replace(op, type=written.type, data=Raw(msgspec.json.encode(written.data)))


def _object(data: Raw | dict[str, Any]) -> dict[str, Any] | None:
    if isinstance(data, dict):
        return data
    try:
        plain = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return plain if isinstance(plain, dict) else None
