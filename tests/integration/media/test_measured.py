"""What a phone says it read off a thermal picture is read again by the server."""

from typing import Any

from tests.integration.media.conftest import SAMPLES, World, refused
from tests.support.client import Client, uuid7

PICTURE = SAMPLES / "state-grid-synthetic" / "sg_full.jpg"
HOT = {"label": "A", "tool": "spot", "at": [200, 60], "temp_c": 0.0}


def told(client: Client, id_: str) -> dict[str, Any]:
    answer = client.http.get(f"/api/v1/records/{id_}/measured")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_servers_reading_stands_beside_the_phones(world: World) -> None:
    photo = PICTURE.read_bytes()
    with world.client("inspector") as inspector, world.client("supervisor") as supervisor:
        reference = inspector.photo(photo, "thermal")
        measured = {
            "photo": reference["sha256"],
            "format": "power_industry",
            "trust": "exact",
            "reader": 1,
            "adjusted": False,
            "conditions": {"emissivity": 0.9},
            "marks": [HOT],
        }

        def noted(**change: Any) -> str:
            id_ = uuid7()
            body = {"unit": world.company.stations[0], "photos": [reference]}
            inspector.applied(inspector.put("infrared", id_, body | {"measured": measured | change}))
            return id_

        first = noted()
        assert told(inspector, first)["state"] == "missing"
        inspector.upload(photo)
        (wrong,) = told(inspector, first)["marks"]
        assert (told(inspector, first)["state"], wrong["agrees"]) == ("differs", False)

        true = {**HOT, "temp_c": round(wrong["read_c"], 2)}
        assert told(inspector, noted(marks=[true])) == {
            "state": "agrees",
            "marks": [{"label": "A", "noted_c": true["temp_c"], "read_c": wrong["read_c"], "agrees": True}],
            "wrong": [],
            "reason": None,
        }
        assert told(inspector, noted(marks=[true], trust="apparent", format="hti"))["wrong"] == [
            "format",
            "trust",
        ]
        outside = told(inspector, noted(marks=[{**true, "at": [8000, 0]}]))
        assert (outside["state"], outside["marks"][0]["read_c"]) == ("differs", None)
        false = told(inspector, noted(marks=[true], conditions={"emissivity": 0.5}))
        assert (false["state"], false["reason"]) == ("unreadable", "not_adjustable")

        refused(supervisor.http.get(f"/api/v1/records/{first}/measured"), 404, "not_found")  # his draft
        bare = uuid7()
        inspector.applied(inspector.put("infrared", bare, {"note": "x"}))
        refused(inspector.http.get(f"/api/v1/records/{bare}/measured"), 404, "not_found")
