"""A hazard record is rated when it is submitted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from backend import catalogue
from backend.features.checks.service import known
from backend.features.meterbox.model import Hazard
from backend.features.meterbox.rules import rate, unknown
from sync.kinds import Body, Issue, pictures
from sync.push import Context, Entry, Op, Row


def check(body: Body) -> list[Issue]:
    """At least one fault and one photo; every code known and named once."""
    assert isinstance(body, Hazard)
    issues = [Issue("items", "length")] if not body.items else []
    if len(set(body.items)) < len(body.items):
        issues.append(Issue("items", "duplicate"))
    hazards = catalogue.edition_at(body.found_at).hazards
    issues += [Issue(f"items[{position}]", "unknown") for position in unknown(hazards, body.items)]
    return issues if pictures(body.photos) else [*issues, Issue("photos", "photo_needed")]


def derive(body: Body, now: datetime) -> dict[str, Any]:
    """The rating by the edition in force that day; a clock that runs ahead buys no longer deadline."""
    assert isinstance(body, Hazard)
    hazards = catalogue.edition_at(body.found_at).hazards
    facts: dict[str, Any] = msgspec.to_builtins(
        rate(hazards, body.items, body.ownership, min(body.found_at, now))
    )
    return facts


async def on_submit(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The meter box is in the register of the unit that the record names."""
    await known(ctx, row, {"unit": "unit", "meter_box": "meter_box"})
    return ()
