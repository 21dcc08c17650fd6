"""Where is my record: every state by its name, and nothing for who may not know of it."""

from typing import Any

import httpx
import pytest

from tests.support.client import Client, now, uuid7
from tests.support.company import ROLES

from .conftest import World

pytestmark = pytest.mark.timeout(600)


def ask(client: Client, id_: str) -> httpx.Response:
    return client.http.get(f"/api/v1/sync/where/{id_}")


def told(client: Client, id_: str) -> dict[str, Any]:
    answer = ask(client, id_)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def picture(letter: bytes) -> bytes:
    return b"\xff\xd8\xff\xe0" + letter * 3000 + b"\xff\xd9"


def finding(client: Client, **more: Any) -> dict[str, Any]:
    return {
        "unit": client.unit,
        "visit": "unannounced",
        "item": "QX-01",
        "catalogue": "2026.11",
        "happened_at": now(),
        "fact": "x",
        **more,
    }


def test_a_submitted_record_says_since_when_by_which_operations_and_in_whose_queue(world: World) -> None:
    with world.client("inspector", register=True) as us, world.client("supervisor", register=True) as desk:
        here, awaited = picture(b"h"), picture(b"w")
        us.upload(here)
        id_ = uuid7()
        photos = [us.photo(here, "evidence"), us.photo(awaited, "evidence")]
        put = us.put("finding", id_, finding(us, photos=photos))
        event = us.event("finding", id_, "submit")
        us.applied(put, event)

        found = told(us, id_)
        assert (found["state"], found["here"]["state"], found["kind"]) == ("here", "submitted", "finding")
        assert found["here"]["rev"] == 2
        assert found["here"]["waits"]["roles"] == ["supervisor"]
        assert found["here"]["waits"]["events"] == ["accept", "return", "reject"]
        assert [(s["n"], s["op"], s["type"], s["status"], s["device"]) for s in found["steps"]] == [
            (put["n"], "put", "", "applied", us.device),
            (event["n"], "event", "submit", "applied", us.device),
        ]
        assert all(step["received_at"] and step["payload"] is None for step in found["steps"])
        assert (found["photos"]["named"], found["photos"]["here"]) == (2, 1)
        (missing,) = found["photos"]["missing"]
        assert (missing["sha256"], missing["device"]) == (photos[1]["sha256"], us.device)
        assert missing["announced_at"]
        for name in (event["id"], f"{us.device}:{put['n']}"):
            same = told(us, name)
            assert (same["id"], same["state"], same["asked"]) == (id_, "here", name)
        assert told(us, photos[0]["sha256"])["state"] == "photo_here"
        lost = told(us, photos[1]["sha256"])
        assert (lost["state"], lost["photo"]["records"]) == ("photo_missing", [["finding", id_]])
        assert told(desk, id_)["steps"] == found["steps"]
        waiting = desk.http.get("/api/v1/sync/waiting").json()["devices"]
        assert [(d["photos"], d["records"]) for d in waiting if d["device"] == us.device] == [(1, 1)]

        desk.applied(desk.event("finding", id_, "return", {"reason": "unclear"}))
        returned = told(us, id_)
        assert returned["here"]["state"] == "returned"
        assert returned["here"]["waits"]["roles"] == ["author"]
        assert all(
            step["device"] == us.device for step in told(us, id_)["steps"] if step["person"] == us.person
        )


def test_edits_between_the_first_and_the_last_are_told_to_their_author_and_to_the_desk(world: World) -> None:
    with world.client("inspector", register=True) as us, world.client("supervisor", register=True) as desk:
        id_ = uuid7()
        photo = us.photo(picture(b"b"), "evidence")
        puts = [us.put("finding", id_, finding(us, photos=[photo]))]
        puts += [us.put("finding", id_, {"fact": word}) for word in ("second", "third")]
        event = us.event("finding", id_, "submit")
        for op in (*puts, event):
            us.applied(op)  # each a push of its own
        wanted = [op["n"] for op in (*puts, event)]
        assert [step["n"] for step in told(us, id_)["steps"]] == wanted
        assert [step["n"] for step in told(desk, id_)["steps"]] == wanted


def test_a_refused_operation_says_why_and_its_author_and_control_can_read_it(world: World) -> None:
    with (
        world.client("inspector", register=True) as us,
        world.client("supervisor", register=True) as desk,
        world.client("crew", register=True) as crew,
    ):
        id_ = uuid7()
        op = us.put("finding", id_, {"unit": us.unit, "nonsense": "my words"})
        (result,) = us.push(op)
        assert result["status"] == "rejected"
        for client in (us, desk):
            for name in (id_, f"{us.device}:{op['n']}"):
                found = told(client, name)
                assert (found["state"], found["here"]) == ("rejected", None)
                (step,) = found["steps"]
                assert (step["code"], step["payload"]["data"]["nonsense"]) == ("invalid", "my words")
        for name in (id_, f"{us.device}:{op['n']}"):
            assert ask(crew, name).status_code == 404


def test_a_deleted_draft_says_when_and_by_whom(world: World) -> None:
    with world.client("inspector", register=True) as us:
        id_ = uuid7()
        us.applied(us.put("finding", id_, {"unit": us.unit}))
        n = next(us.n)
        us.applied({"n": n, "op": "delete", "kind": "finding", "id": id_, "base": 1, "at": now()})
        found = told(us, id_)
        assert (found["state"], found["deleted"]["by"], found["here"]) == ("deleted", us.person, None)


def test_a_record_that_left_the_writers_view_tells_only_what_the_writer_did(world: World) -> None:
    """A manager's own record moves away with the unit; what became of it is not told."""
    with world.client("manager", register=True) as us, world.client("admin", register=True) as admin:
        id_ = uuid7()
        other = world.ours.stations[1]
        box = {"code": "B-1", "area_name": "x", "address": "y", "material": "metal", "positions": 1}
        put = us.put("meter_box", id_, {"unit": us.unit, "ownership": "utility", **box})
        us.applied(put)
        admin.applied(admin.put("meter_box", id_, {"unit": other}, base=1))
        found = told(us, id_)
        assert (found["state"], found["here"], found["photos"]) == ("moved", None, None)
        assert [step["n"] for step in found["steps"]] == [put["n"]]


def test_who_was_refused_hears_of_the_refusal_alone_whether_the_record_is_there_or_not(world: World) -> None:
    """`moved` would say that there is a record under this id."""
    with world.client("inspector", register=True) as us, world.client("crew", register=True) as asker:
        secret, nothing = uuid7(), uuid7()
        us.applied(us.put("finding", secret, finding(us)))
        asker.push(asker.event("finding", secret, "submit"), asker.event("finding", nothing, "submit"))
        for id_ in (secret, nothing):
            found = told(asker, id_)
            assert (found["state"], found["here"], found["deleted"]) == ("rejected", None, None)
            assert [(step["status"], step["code"]) for step in found["steps"]] == [("rejected", "not_found")]


@pytest.mark.parametrize("role", ROLES)
def test_what_may_not_be_known_answers_as_what_never_was(world: World, role: str) -> None:
    with (
        world.client("inspector", register=True) as us,
        world.client("foreign-inspector", register=True) as them,
        world.client(role, register=True) as asker,
    ):
        secret, shot, draft, foreign = uuid7(), picture(b"s" + role[:2].encode()), uuid7(), uuid7()
        photo = us.photo(shot, "evidence")
        us.upload(shot)
        us.applied(us.put("finding", draft, {"unit": us.unit}))
        put = us.put("finding", secret, finding(us, photos=[photo]))
        event = us.event("finding", secret, "submit")
        us.applied(put, event)
        theirs = them.put("finding", foreign, {"unit": them.unit})
        them.applied(theirs)
        control = role in ("inspector", "supervisor", "leader", "admin", "auditor")
        names = [foreign, f"{them.device}:{theirs['n']}"]
        if not control:
            names += [secret, event["id"], f"{us.device}:{put['n']}", photo["sha256"]]
        if role != "inspector":
            names.append(draft)
        never = ask(asker, uuid7())
        assert never.status_code == 404
        for name in names:
            answer = ask(asker, name)
            assert (answer.status_code, answer.content) == (404, never.content), name
        if control:
            assert told(asker, secret)["state"] == "here"
        listed = asker.http.get("/api/v1/sync/waiting").json()["devices"]
        assert them.device not in {d["device"] for d in listed}
        for nonsense in (
            "x",
            f"{us.device}:0",
            f"{us.device}:99999",
            "0" * 64,
            "%2e%2e",
            f"{us.device}:{9**20}",
        ):
            assert ask(asker, nonsense).status_code == 404, nonsense
