"""Reading a push request before any database is asked."""

from typing import Any
from unittest.mock import AsyncMock

import msgspec
import msgspec.inspect
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.app import KINDS
from sync.batch import MAX_DEPTH, _depth, read
from sync.errors import SyncError
from sync.kinds import NOT_PUT, Kind, patch_type
from sync.push import Engine

HEAD = b'{"device":"0b0f6a1e-4a3c-4c1f-9b63-3a1f1a9e5d11","schema":1,"sent_at":"2026-11-24T08:00:00Z","ops":'
ID = b"01a2106e-6500-7256-a884-16b544d1c7b3"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.binary())
def test_no_bytes_bring_anything_but_a_stable_code(raw: bytes) -> None:
    with pytest.raises(SyncError, match=r"malformed|too_large"):
        read(raw)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["op", "kind", "id", "at", "base", "data", "subject", "type"]), json_values
        )
    )
)
def test_no_operation_stops_the_others_from_being_read(ops: list[dict[str, object]]) -> None:
    ops = [op | {"n": n} for n, op in enumerate(ops, 1)]
    raw = msgspec.json.encode(ops)
    batch = read(HEAD + raw + b"}")
    assert [sent.n for sent in batch.ops] == list(range(1, len(ops) + 1))
    assert all((sent.op is None) != (sent.fault is None) for sent in batch.ops)


def real_depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(real_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(real_depth, value), default=0)
    return 0


@given(json_values)
def test_depth_is_never_told_too_low_and_is_exact_where_it_matters(value: object) -> None:
    raw = msgspec.json.encode(value)
    assert _depth(raw) >= real_depth(value)
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        assert _depth(raw) == real_depth(value)


@pytest.mark.parametrize(("text", "depth"), [(r'"\\[[["', 0), (r'"\"[[["', 0), (r'["\\",[]]', 2)])
def test_brackets_inside_strings_do_not_nest(text: str, depth: int) -> None:
    padding = b'"' + b"[" * 40 + b'",'
    assert _depth(b"[" + padding + text.encode() + b"]") == depth + 1


PUT = {name: kind for name, kind in KINDS.items() if kind.merge not in NOT_PUT}


@pytest.mark.parametrize("kind", PUT.values(), ids=PUT)
def test_what_passes_for_a_put_of_a_kind_is_never_deep(kind: Kind) -> None:
    assert _levels(msgspec.inspect.type_info(patch_type(kind)), ()) < MAX_DEPTH


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - PUT.keys()))
def test_a_put_of_what_nobody_puts_is_refused_where_it_is_deep(kind: str) -> None:
    deep = b'{"content":{"x":' + b"[" * 40 + b"]" * 40 + b"}}"
    op = b'{"n":1,"op":"put","kind":"%b","id":"%b","at":"2026-11-26T08:00:00Z","data":%b}'
    raw = HEAD + b"[" + op % (kind.encode(), ID, deep) + b"]}"
    (sent,) = Engine(kinds=KINDS, reactions={}, on_write=AsyncMock()).prepared(read(raw)).ops
    assert sent.fault is not None
    assert (sent.fault.status, sent.fault.code) == ("rejected", "malformed")


def _levels(type_: Any, within: tuple[type, ...]) -> int:
    """How deep what passes for the type can be nested; a type that takes anything, or itself, has no bound."""
    assert not isinstance(type_, msgspec.inspect.AnyType | msgspec.inspect.RawType), within
    if isinstance(type_, msgspec.inspect.StructType):
        assert type_.cls not in within
        return 1 + max((_levels(field.type, (*within, type_.cls)) for field in type_.fields), default=0)
    inner = [getattr(type_, name) for name in ("item_type", "value_type") if hasattr(type_, name)]
    inner += [*getattr(type_, "types", ()), *getattr(type_, "item_types", ())]
    own = isinstance(type_, msgspec.inspect.CollectionType | msgspec.inspect.DictType)
    return own + max((_levels(each, within) for each in inner), default=0)
