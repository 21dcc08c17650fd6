"""What a device's clock is worth: an interval that holds the true offset, never a single guess.

Offset: what the server's clock is ahead of the device's, in whole milliseconds; `at + offset` is the server's
estimate of when something happened. Nothing is ordered by it. `pwa/src/sync/clock.ts` answers the same vectors
(`tests/vectors/clock.json`).

Sources: the four time stamps and the filter over the last eight samples are NTP's (RFC 5905, sections 8 and 10),
the growth of a sample's error with its age as well (section 7.1, PHI); the choice of the interval on which most
samples agree is K. Marzullo's (1984; RFC 5905, section 11.2.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SAMPLES = 8
# NTP assumes 15 ppm of a disciplined clock; a phone's quartz in frost and sun needs more.
DRIFT_PPM = 100
# What `behind` may round up, less a microsecond.
HALF = timedelta(microseconds=499)
# A claim beyond this, about 139 years, is no clock.
MOST_MS = 2**42


@dataclass(frozen=True, slots=True)
class Interval:
    """The offset lies between `low` and `high`, ms."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Skew:
    """`skew_ms` ± `skew_error_ms`; an error of None says that nothing is known but the direction."""

    skew_ms: int
    skew_error_ms: int | None


def measured(t0: int, t3: int, t1: int, t2: int) -> Interval:
    """One request: sent and answered at `t0`, `t3` of the device, received and answered at `t1`, `t2` of the server.

    However long each way took: the request was received after it was sent, and its answer sent before it was
    received. A millisecond on either side is what the clocks round off; the request itself ages the sample.
    """
    return grown(Interval(t2 - t3 - 1, t1 - t0 + 1), t3 - t0)


def grown(interval: Interval, age_ms: int, drift_ppm: int = DRIFT_PPM) -> Interval:
    """What is still known of an offset `age_ms` after it was measured."""
    drift = -(-max(age_ms, 0) * drift_ppm // 1_000_000)
    return Interval(interval.low - drift, interval.high + drift)


def agreed(intervals: Sequence[Interval]) -> Interval:
    """The part that lies in most of the intervals; of equals the one in the latest given, or the first."""
    edges = sorted([(i.low, 0) for i in intervals] + [(i.high, 1) for i in intervals])
    depth, most, found = 0, 0, list[Interval]()
    for k, (at, kind) in enumerate(edges):
        depth += 1 if kind == 0 else -1
        if kind == 0 and depth >= most:
            found = found if depth == most else []
            most = depth
            found.append(Interval(at, edges[k + 1][0]))
    last = intervals[-1]
    return next((i for i in found if last.low <= i.low and i.high <= last.high), found[0])


def estimate(samples: Sequence[tuple[int, Interval]], now: int, drift_ppm: int = DRIFT_PPM) -> Interval:
    """The offset at `now` from samples (when, interval); times are of the device's monotonic clock, ms."""
    return agreed([grown(interval, now - at, drift_ppm) for at, interval in samples[-SAMPLES:]])


def moved(interval: Interval, by: int) -> Interval:
    """The offset after the wall clock gained `by` ms on the monotonic one.

    Lost time (`by` < 0): somebody set the clock back. Gained time: somebody set it forward, or the device slept
    while its monotonic clock stood still; both are possible until the next sample.
    """
    return Interval(interval.low - by, interval.high - min(by, 0))


def either(a: Interval, b: Interval) -> Interval:
    """The least interval around two of which one is true."""
    return Interval(min(a.low, b.low), max(a.high, b.high))


def skew(interval: Interval) -> Skew:
    """The middle and half the width, rounded so that the interval lies inside."""
    middle = (interval.low + interval.high) // 2
    return Skew(middle, interval.high - middle)


def claimed(skew_ms: int | None, skew_error_ms: int | None) -> Interval | None:
    """What a device said of itself; None when it said nothing."""
    if skew_ms is None or skew_error_ms is None:
        return None
    return Interval(skew_ms - skew_error_ms, skew_ms + skew_error_ms)


def written(claim: Interval | None, push: Skew, at_most: int) -> Skew:
    """The skew that held when an operation was made: the device's word from then, else what held at its push."""
    known = claim or claimed(push.skew_ms, push.skew_error_ms)
    return bounded(known, at_most) if known is not None or at_most < push.skew_ms else push


def bounded(claim: Interval | None, at_most: int) -> Skew:
    """The device's claim under what the server saw itself: no request arrives before it was sent.

    `at_most`: the server's time at receipt less the device's time when it wrote. A claim that lies above it whole
    is false; then the bound alone is left, and how much too high it is nobody knows.
    """
    if claim is None or claim.low > at_most:
        return Skew(at_most, None)
    return skew(Interval(claim.low, min(claim.high, at_most)))


def behind(now: datetime, at: datetime) -> int:
    """What the server's clock reads more than the device's, ms."""
    return round((now - at).total_seconds() * 1000)


class Timed:
    """The operations of one push, received at `now`, each with the skew that held when it was made.

    An operation is older than its receipt, so whatever is said of its clock, it did not happen later than now.
    """

    def __init__(self, now: datetime, push: Skew) -> None:
        self._now = now
        self._push = push
        self._surely: dict[tuple[int | None, int | None], tuple[datetime, Skew]] = {}

    def written(self, at: datetime, skew_ms: int | None, skew_error_ms: int | None) -> Skew:
        """The skew of an operation that the device dates `at`, with what the device knew of its clock then."""
        said = self._surely.get((skew_ms, skew_error_ms)) or self._unbounded(skew_ms, skew_error_ms)
        if at <= said[0]:
            return said[1]
        return written(claimed(skew_ms, skew_error_ms), self._push, behind(self._now, at))

    def _unbounded(self, skew_ms: int | None, skew_error_ms: int | None) -> tuple[datetime, Skew]:
        """Up to when what a device says stands as it is, for the receipt bounds nothing that is older."""
        claim = claimed(skew_ms, skew_error_ms)
        said = skew(claim) if claim else self._push
        most = timedelta(milliseconds=said.skew_ms + (said.skew_error_ms or 0)) - HALF
        found = self._surely[(skew_ms, skew_error_ms)] = (self._now - most, said)
        return found
