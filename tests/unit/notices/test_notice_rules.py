"""When there is a notice, until when it holds, and when it may be told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.catalogue import ZONE
from backend.notices import rules
from backend.notices.ways import words
from sync.records import Entry, Row
from sync.tables import stamp

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
PROMISE = {"arrive_by": "2026-11-26T08:45:00+00:00", "restore_by": None, "arrived_at": None}


def entry(type_: str, by: str = "crew") -> Entry:
    return Entry(id=f"{type_}-1", type=type_, at=NOW, received_at=NOW, by=by)


def row(
    state: str, *log: Entry, kind: str = "repair", clock: dict[str, Any] | None = None, **body: Any
) -> Row:
    return Row(
        org="o",
        id="r",
        kind=kind,
        scope="u:s",
        state=state,
        author=None if kind == "repair" else "inspector",
        body={"unit": "s", "reported_at": NOW.isoformat(), **body},
        facts={"clock": clock or PROMISE} if kind == "repair" else {},
        log=log,
        created_at=NOW,
        updated_at=NOW,
    )


def told(before: Row | None, after: Row, now: datetime = NOW) -> list[tuple[str, str | None, timedelta]]:
    return [(one.kind, one.person, one.due - now) for one in rules.causes(before, after, now)]


def test_a_new_job_is_told_at_once_and_its_deadline_when_70_percent_are_gone() -> None:
    assert told(None, row("new")) == [
        ("job", None, timedelta(0)),
        ("deadline", None, timedelta(minutes=31, seconds=30)),
    ]


def test_a_deadline_far_away_is_told_a_day_before() -> None:
    until = (NOW + timedelta(days=30)).isoformat()
    far = {"arrive_by": until, "restore_by": until, "arrived_at": None}
    assert told(None, row("new", clock=far))[1] == ("deadline", None, timedelta(days=29))


def test_who_takes_a_job_is_told_of_its_deadline_alone() -> None:
    taken = row("received", entry("receive", "wang"))
    assert told(row("new"), taken) == [("deadline", "wang", timedelta(minutes=31, seconds=30))]
    until = stamp(NOW + timedelta(minutes=45))
    assert rules.holds(taken, "deadline", until, "wang")
    assert not rules.holds(taken, "deadline", until, "li")
    assert not rules.holds(taken, "job", "", "li")


def test_nothing_is_told_twice_of_the_same_and_nothing_of_what_is_past() -> None:
    assert told(row("new"), row("new")) == []
    late = NOW + timedelta(minutes=46)
    assert told(None, row("new"), late) == [("job", None, timedelta(0))]
    assert told(None, row("cancelled")) == []


def test_a_return_goes_to_who_has_to_mend_it() -> None:
    finding = row("returned", entry("submit"), entry("return", "boss"), kind="finding")
    assert told(row("submitted", entry("submit"), kind="finding"), finding) == [
        ("return", "inspector", timedelta(0))
    ]
    assert told(finding, finding) == []
    job = row("returned", entry("restore", "wang"), entry("return", "boss"))
    assert told(row("restored", entry("restore", "wang")), job) == [("return", "wang", timedelta(0))]
    assert rules.holds(job, "return", "return-1", "wang")
    assert not rules.holds(row("restored", *job.log), "return", "return-1", "wang")


def test_practice_gives_no_notice() -> None:
    after = row("returned", entry("return"), kind="finding", practice=True)
    assert told(None, after) == []


SHANGHAI = "22:00-07:00"


@pytest.mark.parametrize(
    ("hours", "here", "ends"),
    [
        (SHANGHAI, "2026-11-26T21:59", None),
        (SHANGHAI, "2026-11-26T22:00", "2026-11-27T07:00"),
        (SHANGHAI, "2026-11-26T23:59", "2026-11-27T07:00"),
        (SHANGHAI, "2026-11-27T00:00", "2026-11-27T07:00"),
        (SHANGHAI, "2026-11-27T06:59", "2026-11-27T07:00"),
        (SHANGHAI, "2026-11-27T07:00", None),
        (SHANGHAI, "2026-12-31T23:30", "2027-01-01T07:00"),
        ("12:00-14:00", "2026-11-26T13:00", "2026-11-26T14:00"),
        ("12:00-14:00", "2026-11-26T14:00", None),
        ("00:00-06:00", "2026-11-26T00:00", "2026-11-26T06:00"),
        ("08:00-08:00", "2026-11-26T08:00", None),
        ("", "2026-11-26T23:00", None),
    ],
)
def test_quiet_hours_end_at_their_time_of_the_company_s_zone(hours: str, here: str, ends: str | None) -> None:
    now = datetime.fromisoformat(here).replace(tzinfo=ZONE).astimezone(UTC)
    wanted = datetime.fromisoformat(ends).replace(tzinfo=ZONE) if ends else None
    assert rules.quiet_until(hours, now, ZONE) == wanted


def test_quiet_hours_go_by_the_clock_on_the_wall_when_that_is_put_forward() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # 01:30, half an hour before 03:00 follows 02:00
    assert rules.quiet_until(SHANGHAI, now, berlin) == datetime(2027, 3, 28, 5, 0, tzinfo=UTC)


def test_a_deadline_within_the_hour_breaks_through_if_the_company_says_so() -> None:
    near, far = (stamp(NOW + timedelta(minutes=n)) for n in (60, 61))
    assert rules.breaks_through("deadline", near, NOW, True)
    assert not rules.breaks_through("deadline", far, NOW, True)
    assert not rules.breaks_through("deadline", near, NOW, False)
    assert not rules.breaks_through("job", "", NOW, True)


def test_both_languages_have_the_same_words_and_these_name_nothing() -> None:
    chinese, english = words("zh-CN"), words("en")
    assert chinese.keys() == english.keys() == {"title", "open", "job", "return", "deadline", "digest"}
    for said in (*chinese.values(), *english.values()):
        assert said.replace("{n}", "").count("{") == 0
