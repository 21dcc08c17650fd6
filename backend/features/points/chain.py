"""The ledger's hash chain. Pure: who holds the lines can check them with nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

FIRST = "0" * 64
REPEATED = ("org", "n", "person", "cycle", "item", "points")


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ledger line as stored and as exported, one JSON object a line."""

    org: str
    n: int
    person: str
    cycle: str
    item: str
    points: int
    entry: str
    prev_hash: str
    hash: str


class Broken(msgspec.Struct, frozen=True):
    """The first line that does not hold, and why."""

    org: str
    n: int
    why: str


class Verdict(msgspec.Struct, frozen=True):
    """How many lines were checked, the last hash of each organisation, and the first fault, if any."""

    count: int
    heads: dict[str, str]
    broken: Broken | None


def canonical(entry: Mapping[str, Any]) -> str:
    """The one spelling of an entry: sorted keys, no blanks, no escapes but JSON's own."""
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(prev_hash: str, entry: str) -> str:
    """SHA-256 over the hash before and the entry's text, in hex."""
    return hashlib.sha256(f"{prev_hash}\n{entry}".encode()).hexdigest()


def line(entry: Mapping[str, Any], prev_hash: str) -> Line:
    """The next line; `entry` holds the fields of `REPEATED` and whatever else is to be proven."""
    text = canonical(entry)
    repeated = {name: entry[name] for name in REPEATED}
    return Line(**repeated, entry=text, prev_hash=prev_hash, hash=digest(prev_hash, text))


def verify(lines: Iterable[Line]) -> Verdict:
    """Checks every line in order, organisation by organisation; stops at the first that does not hold."""
    count, heads, numbers = 0, dict[str, str](), dict[str, int]()
    for found in lines:
        why = _fault(found, heads.get(found.org, FIRST), numbers.get(found.org, 0))
        if why:
            return Verdict(count, heads, Broken(found.org, found.n, why))
        heads[found.org], numbers[found.org] = found.hash, found.n
        count += 1
    return Verdict(count, heads, None)


def _fault(found: Line, prev_hash: str, before: int) -> str | None:
    if found.n != before + 1:
        return "number"
    if found.prev_hash != prev_hash:
        return "prev_hash"
    if found.hash != digest(found.prev_hash, found.entry):
        return "hash"
    try:
        entry = json.loads(found.entry)
    except ValueError:
        return "entry"
    return next((name for name in REPEATED if entry.get(name) != getattr(found, name)), None)
