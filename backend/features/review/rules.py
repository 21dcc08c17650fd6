"""Remarks that say where, who is drawn for a second look, and when a return counts as not opened. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any

from sync.kinds import Issue
from sync.records import Entry

GRAVE = frozenset({"serious", "critical"})


def remark_issues(
    remarks: Sequence[Mapping[str, Any]], fields: Collection[str], photos: Collection[str]
) -> list[Issue]:
    """Each remark is pinned to one place: a field that the record has, or one of its photos; a rectangle lies on a
    photo and within it.
    """
    found = []
    for n, remark in enumerate(remarks):
        field, photo, region = (remark.get(name) for name in ("field", "photo", "region"))
        if (field is None) == (photo is None):
            found.append(Issue(f"remarks[{n}]", "one_place"))
        elif field is not None and field not in fields:
            found.append(Issue(f"remarks[{n}].field", "unknown"))
        elif photo is not None and photo not in photos:
            found.append(Issue(f"remarks[{n}].photo", "unknown"))
        if region is not None and (photo is None or _outside(region)):
            found.append(Issue(f"remarks[{n}].region", "range"))
    return found


def _outside(region: Mapping[str, float]) -> bool:
    slack = 1e-6  # shares are sums of floats
    return region["x"] + region["w"] > 1 + slack or region["y"] + region["h"] > 1 + slack


def answer_issues(answers: Sequence[Mapping[str, Any]], remarks: int) -> list[Issue]:
    """Answers are to remarks of the last return, one to each at most."""
    found, seen = [], set[int]()
    for n, answer in enumerate(answers):
        place = answer["remark"]
        if place >= remarks:
            found.append(Issue(f"answers[{n}].remark", "unknown"))
        elif place in seen:
            found.append(Issue(f"answers[{n}].remark", "duplicate"))
        seen.add(place)
    return found


def last(log: Iterable[Entry], *types: str) -> Entry | None:
    """The newest event of these types, or None."""
    found = None
    for entry in log:
        if entry.type in types:
            found = entry
    return found


def opened_at(log: Sequence[Entry]) -> datetime | None:
    """When the author first had the reason of the last return before him, by the server's clock."""
    returned = last(log, "return")
    if returned is None:
        return None
    after = log[log.index(returned) + 1 :]
    return next((entry.received_at for entry in after if entry.type == "open"), None)


def turn(log: Iterable[Entry]) -> int:
    """Which decision of the record this is: how often it was handed in or taken up again."""
    return sum(entry.type in ("submit", "restore", "reopen") for entry in log)


def drawn(key: bytes, record: str, round_: int, share_pct: float) -> bool:
    """Whether a second reviewer decides too, by a hash under the server's own key: whoever decides can neither reckon
    nor steer it, and whoever asks again gets the same.
    """
    told = hmac.digest(key, f"{record}/{round_}".encode(), "sha256")
    return int.from_bytes(told[:4]) < share_pct / 100 * 2**32


def reason_of(data: Mapping[str, Any]) -> str:
    """What a decision gives as its reason; that of an acceptance is its remark."""
    return str(data.get("reason") or data.get("note") or "")


def sample_size(records: int, share_pct: float) -> int:
    """How many of the records to be accepted together must have been accepted one by one before: one at least."""
    return max(1, ceil(records * share_pct / 100))
