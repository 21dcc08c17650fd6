"""Until it is disclosed, nothing that the inspected unit can fetch or try shows that a visit was made.

Two servers with equal data, clocks and chance; on one of them there was a secret visit. Every answer to every inspected
person is compared: status, headers, body, and the SQL that it took. Everything is asked for after the visit, after the
days that follow all that was tried, and after the disclosure; what a try can move by itself is asked for at once.

The story runs in two files, one for each pair of database and store, so that two workers share it.
"""

from typing import Any

import pytest
from msgspec.structs import fields

from backend.features.points.model import Entry
from tests.integration.secrecy import story, walk
from tests.integration.secrecy.story import violation_of
from tests.integration.secrecy.twins import told
from tests.integration.secrecy.world import INSPECTED, Side, Twins, put, sha

pytestmark = pytest.mark.timeout(3600)  # thousands of answers; some minutes on a machine that is not busy


def _records(twins: Twins, side: str, login: str) -> dict[str, dict[str, Any]]:
    """All that a phone gets from nothing, by id; it must not come twice."""
    server: Side = getattr(twins, side)
    page = server.ask(login, "GET", "/api/v1/sync/pull", at=twins.at, draw="records").json()
    found = {change["id"]: change for change in page["changes"]}
    assert len(found) == len(page["changes"])
    return found


def test_before_the_visit_both_servers_answer_alike(twins: Twins) -> None:
    """What is found later comes from the visit, not from two servers that differ by themselves."""
    walk.fetches(twins, "crew")
    differs = told(twins)
    assert not differs, differs


def test_a_secret_visit_shows_nowhere(twins: Twins) -> None:
    story.visit(twins)
    twins.arrange("work")
    for login in INSPECTED:
        walk.fetches(twins, login, most=None if login in ("crew", "manager", "head") else 1)
    walk.strangers(twins)
    differs = told(twins)
    assert not differs, differs


def _went_out(side: Side) -> list[bytes]:
    return [one.body for one in side.notices.got]


def test_a_secret_visit_sends_nothing_out(twins: Twins) -> None:
    """Not one message more, nor another one, through the hands of others, at night's end neither."""
    assert _went_out(twins.quiet), "there is something to be compared"
    assert _went_out(twins.secret) == _went_out(twins.quiet)


def test_trying_tells_no_more_than_looking(twins: Twins) -> None:
    violations = (
        violation_of(twins, "secret", secretly=True),
        violation_of(twins, "dismissed", secretly=True),
    )
    for login in INSPECTED:
        walk.tries(twins, login, violations)
    differs = told(twins)
    assert not differs, differs


def test_the_days_after_show_nothing_either(twins: Twins) -> None:
    story.after(twins)
    twins.arrange("work")
    twins.arrange("purge")
    for login in INSPECTED:
        walk.fetches(twins, login)
    differs = told(twins)
    assert not differs, differs
    assert _went_out(twins.secret) == _went_out(twins.quiet)


def test_what_is_confirmed_appears_once_for_the_person_concerned_and_for_nobody_else(twins: Twins) -> None:
    violation = story.disclose(twins)
    twins.heard.clear()
    for login in INSPECTED:  # the person concerned and a colleague in full
        walk.fetches(twins, login, (violation,), most=None if login in ("crew", "crew2") else 1)
    assert any(difference.login == "crew" for difference in twins.differences)
    twins.differences = [difference for difference in twins.differences if difference.login != "crew"]
    differs = told(twins)
    assert not differs, differs
    quiet, secret = (_records(twins, side, "crew") for side in ("quiet", "secret"))
    (entry,) = [row for id_, row in secret.items() if id_ not in quiet]
    assert {id_: row for id_, row in secret.items() if id_ in quiet} == quiet
    assert (entry["kind"], entry["data"]["note"], entry["facts"]) == ("entry", story.NOTE, {})
    assert entry["data"].keys() == {field.name for field in fields(Entry)} - {
        "instead_of"
    }  # nobody was deputised
    assert [step["type"] for step in entry["log"]] == ["create"]
    assert [photo["sha256"] for photo in entry["data"]["photos"]] == [sha("secret 1"), sha("secret 2")]
    seen = twins.secret.ask("crew", "GET", f"/api/v1/photos/{sha('secret 1')}/w320", at=twins.at, draw="seen")
    assert seen.status == 200


def test_no_remark_made_on_the_way_comes_along(twins: Twins) -> None:
    """What the walk after the disclosure has read, on the server with the visit."""
    read = b"".join(answer.content for answer in twins.heard)
    assert story.NOTE.encode() in read, "the walk does not reach what is disclosed"
    assert [remark for remark in story.REMARKS if remark.encode() in read] == []


def test_a_put_under_the_id_of_a_secret_record_is_refused_and_says_no_more(twins: Twins) -> None:
    """The one answer that differs: where nothing was, a record begins. Ids carry 74 random bits.

    The last of all: the refusal stays among the sender's own exceptions, on the one server.
    """
    own = put("hazard", "rejected", story.hazard())
    (answer,) = twins.push_secretly("manager", own, applied=False)
    assert {name: answer[name] for name in ("status", "code")} == {"status": "rejected", "code": "not_found"}
    assert answer.keys() == {"n", "id", "status", "code"}
