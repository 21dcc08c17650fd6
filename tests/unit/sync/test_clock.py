"""A device's clock: whatever the delays, the true offset lies within the estimate and its error."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import clock
from sync.clock import Interval, Skew

VECTORS = Path(__file__).parents[2] / "vectors" / "clock.json"


def _interval(given: list[int]) -> Interval:
    return Interval(*given)


def _pair(answer: Interval | Skew) -> list[Any]:
    if isinstance(answer, Skew):
        return [answer.skew_ms, answer.skew_error_ms]
    return [answer.low, answer.high]


CALLS: dict[str, Callable[..., Interval | Skew]] = {
    "measured": clock.measured,
    "grown": lambda interval, age: clock.grown(_interval(interval), age),
    "agreed": lambda intervals: clock.agreed([_interval(one) for one in intervals]),
    "estimate": lambda samples, now: clock.estimate([(at, _interval(one)) for at, one in samples], now),
    "moved": lambda interval, by: clock.moved(_interval(interval), by),
    "either": lambda a, b: clock.either(_interval(a), _interval(b)),
    "skew": lambda interval: clock.skew(_interval(interval)),
}


@pytest.mark.parametrize(
    "case", json.loads(VECTORS.read_text("utf-8"))["cases"], ids=lambda case: case["name"]
)
def test_the_vectors_that_the_phone_answers_too(case: dict[str, Any]) -> None:
    assert _pair(CALLS[case["call"]](*case["input"])) == case["output"]


delays_us = st.integers(0, 45_000_000)
offsets_us = st.integers(-(10**12), 10**12)
gaps_us = st.integers(0, 8 * 3600 * 10**6)
drifts_ppm = st.integers(-clock.DRIFT_PPM, clock.DRIFT_PPM)


class World:
    """True time in µs; a device whose clock is off and drifts. Clocks are read in whole ms, as programs do."""

    def __init__(self, offset_us: int, drift_ppm: int) -> None:
        self.offset_us = offset_us
        self.drift_ppm = drift_ppm
        self.now_us = 10**15

    def device_us(self, at_us: int) -> Fraction:
        ran = Fraction(at_us - 10**15) * (10**6 - self.drift_ppm) / 10**6
        return 10**15 - self.offset_us + ran

    def device_ms(self) -> int:
        return int(self.device_us(self.now_us) // 1000)

    def server_ms(self) -> int:
        return self.now_us // 1000

    def true_offset_ms(self) -> Fraction:
        return (self.now_us - self.device_us(self.now_us)) / 1000

    def request(self, up_us: int, served_us: int, down_us: int) -> Interval:
        t0 = self.device_ms()
        self.now_us += up_us
        t1 = self.server_ms()
        self.now_us += served_us
        t2 = self.server_ms()
        self.now_us += down_us
        return clock.measured(t0, self.device_ms(), t1, t2)


@given(
    offsets_us, drifts_ppm, st.lists(st.tuples(gaps_us, delays_us, delays_us, delays_us), min_size=1), gaps_us
)
def test_the_true_offset_lies_within_the_estimate_whatever_the_delays(
    offset_us: int, drift_ppm: int, requests: list[tuple[int, int, int, int]], idle_us: int
) -> None:
    world = World(offset_us, drift_ppm)
    samples: list[tuple[int, Interval]] = []
    for gap_us, *delays in requests:
        world.now_us += gap_us
        interval = world.request(*delays)
        samples.append((world.device_ms(), interval))
        found = clock.skew(clock.estimate(samples, world.device_ms()))
        assert found.skew_error_ms is not None
        assert abs(world.true_offset_ms() - found.skew_ms) <= found.skew_error_ms
    world.now_us += idle_us
    found = clock.skew(clock.estimate(samples, world.device_ms()))
    assert found.skew_error_ms is not None
    assert abs(world.true_offset_ms() - found.skew_ms) <= found.skew_error_ms


@given(offsets_us, st.integers(0, 45_000_000))
def test_a_way_up_that_is_all_of_the_delay_is_inside_the_error(offset_us: int, up_us: int) -> None:
    world = World(offset_us, 0)
    found = clock.skew(world.request(up_us, 0, 0))
    assert found.skew_error_ms is not None
    assert (
        abs(world.true_offset_ms() - found.skew_ms)
        <= found.skew_error_ms
        <= up_us // 2000 + up_us // 10**7 + 4
    )


def test_a_slow_upload_does_not_widen_what_the_line_told() -> None:
    world = World(0, 0)
    found = clock.skew(world.request(10_000, 60_000_000, 10_000))
    assert found.skew_error_ms is not None
    assert found.skew_error_ms <= 20


@given(offsets_us, st.integers(-(10**12), 10**12), st.booleans())
def test_a_clock_that_is_set_or_a_device_that_slept_stays_inside(
    offset_us: int, by_us: int, slept: bool
) -> None:
    """A step of the wall clock against the monotonic one, before any further sample."""
    world = World(offset_us, 0)
    before = world.request(20_000, 0, 20_000)
    step_us = abs(by_us) if slept else by_us
    if slept:
        world.now_us += step_us  # the wall clock ran on, the monotonic one stood still
    else:
        world.offset_us -= step_us
    found = clock.skew(clock.moved(before, round(step_us / 1000)))
    assert found.skew_error_ms is not None
    assert abs(world.true_offset_ms() - found.skew_ms) <= found.skew_error_ms + 1


@given(offsets_us, delays_us, st.integers(0, 10**6))
def test_the_server_never_takes_a_claim_that_its_own_clock_refutes(
    offset_us: int, up_us: int, error_ms: int
) -> None:
    """No request arrives before it was sent: the one-way bound holds for every delay."""
    true_ms = offset_us // 1000
    at_most = true_ms + up_us // 1000
    honest = clock.bounded(Interval(true_ms - error_ms, true_ms + error_ms), at_most)
    assert honest.skew_error_ms is not None
    assert abs(true_ms - honest.skew_ms) <= honest.skew_error_ms
    assert honest.skew_ms + honest.skew_error_ms <= at_most + 1
    assert clock.bounded(Interval(at_most + 1, at_most + 50), at_most) == Skew(at_most, None)
    assert clock.bounded(None, at_most) == Skew(at_most, None)


_ms = st.integers(-6, 6)
_error = st.none() | st.integers(0, 3)


@given(_ms, _error, st.lists(st.tuples(st.integers(-12_000, 12_000), st.none() | _ms, _error), max_size=4))
def test_an_operation_of_a_push_has_the_skew_that_it_would_have_alone(
    skew_ms: int, error: int | None, written: list[tuple[int, int | None, int | None]]
) -> None:
    now, push = datetime(2026, 11, 26, 5, 0, 0, 123_456, tzinfo=UTC), Skew(skew_ms, error)
    timed = clock.Timed(now, push)
    for age_us, ms, error_ms in written:
        at = now - timedelta(microseconds=age_us)
        alone = clock.written(clock.claimed(ms, error_ms), push, clock.behind(now, at))
        assert timed.written(at, ms, error_ms) == alone
