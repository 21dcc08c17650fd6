"""The promise's clock of a repair job. Pure; vectors in `tests/vectors/repair_clock.json`.

A critical defect is an emergency: the public commitments bind (arrive within 45, 90 or 120 minutes of the
report; restore within 180 or 240 minutes of arrival, nothing promised for remote areas). Serious and general
defects are planned work: their defect's deadline binds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from backend.catalogue import Commitments


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """Until when, and how it went. Minutes are rounded up, so that 45:01 is 46 and late.

    `kept`: None while undecided, False as soon as one promise is broken, True once restored in time.
    """

    basis: Literal["promise", "deadline"]
    arrive_by: datetime
    restore_by: datetime | None
    arrived_at: datetime | None
    restored_at: datetime | None
    arrived_in_min: int | None
    restored_in_min: int | None
    kept: bool | None
    catalogue: str


def moment(device_at: datetime, received_at: datetime, not_before: datetime) -> datetime:
    """The time that counts for a milestone done offline: the device's, kept between the two server times.

    A phone whose clock runs ahead cannot have arrived after its report came in, nor before the step before.
    """
    return max(min(device_at, received_at), not_before)


def clock(
    commitments: Commitments,
    area: str,
    grade: str,
    reported_at: datetime,
    deadline_at: datetime,
    arrived_at: datetime | None = None,
    restored_at: datetime | None = None,
) -> Clock:
    """The clock of one job as far as it got."""
    arrive_min, restore_min = commitments.arrive_min[area], commitments.restore_min[area]
    promised = grade == "critical" and arrive_min is not None
    if promised:
        assert arrive_min is not None
        arrive_by = reported_at + timedelta(minutes=arrive_min)
        restore_by = arrived_at + timedelta(minutes=restore_min) if arrived_at and restore_min else None
    else:
        arrive_by, restore_by = deadline_at, deadline_at
    late_arrival = promised and arrived_at is not None and arrived_at > arrive_by
    late_restoration = restored_at is not None and restore_by is not None and restored_at > restore_by
    kept = False if late_arrival or late_restoration else True if restored_at is not None else None
    return Clock(
        basis="promise" if promised else "deadline",
        arrive_by=arrive_by,
        restore_by=restore_by,
        arrived_at=arrived_at,
        restored_at=restored_at,
        arrived_in_min=_minutes(reported_at, arrived_at),
        restored_in_min=_minutes(arrived_at, restored_at),
        kept=kept,
        catalogue=commitments.version,
    )


def _minutes(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None:
        return None
    return -((start - end) // timedelta(minutes=1))
