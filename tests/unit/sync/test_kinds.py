"""The strict decoders that come from one declaration."""

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from sync.kinds import Body, Codec, Event, Invalid, Issue, Kind, Photo, components, copies, machine, pictures
from tests.contract.sync.company import ASSET, JOB, NOTE, a_photo

NOTES, ASSETS, JOBS = Codec(NOTE), Codec(ASSET), Codec(JOB)


@pytest.mark.parametrize(
    ("data", "path", "code"),
    [
        ({"title": 1}, "title", "type"),
        ({"title": ""}, "title", "length"),
        ({"amount": "1"}, "amount", "type"),
        ({"amount": 1.5}, "amount", "type"),
        ({"amount": True}, "amount", "type"),
        ({"amount": -1}, "amount", "range"),
        ({"rev": "1"}, "rev", "unknown_field"),
        ({"photos": {}}, "photos", "type"),
        ({"photos": [{}]}, "photos[0].sha256", "missing"),
        ({"photos": [a_photo() | {"sha256": "A" * 64}]}, "photos[0].sha256", "pattern"),
        ({"photos": [a_photo(), a_photo() | {"size": 0}]}, "photos[1].size", "range"),
        ({"photos": [a_photo() | {"taken_at": "2026-11-24T08:00:00"}]}, "photos[0].taken_at", "timezone"),
        ({"photos": [a_photo() | {"taken_at": "today"}]}, "photos[0].taken_at", "time"),
        ({"photos": [a_photo() | {"origin": "moon"}]}, "photos[0].origin", "choice"),
        ({"photos": [a_photo() | {"lat": 91}]}, "photos[0].lat", "range"),
        ({"photos": [a_photo() | {"gps": 1}]}, "photos[0].gps", "unknown_field"),
        ([], "", "type"),
        ("x", "", "type"),
    ],
)
def test_a_patch_names_what_is_wrong(data: Any, path: str, code: str) -> None:
    with pytest.raises(Invalid) as fault:
        NOTES.patch(msgspec.json.encode(data))
    assert fault.value.issues == [Issue(path, code)]


@pytest.mark.parametrize("origin", ["app", "camera", "gallery", "import", None])
def test_a_photo_says_where_it_came_from_and_nothing_is_made_up_where_it_does_not(origin: str | None) -> None:
    told, silent = a_photo() | {"origin": origin}, a_photo()
    silent.pop("origin", None)
    assert NOTES.patch(msgspec.json.encode({"photos": [told, silent]})) == {"photos": [told, silent]}


@pytest.mark.parametrize("raw", [b"", b"{", b'{"title":"\xff"}', b"[" * 5000, b'{"title":"x"}}'])
def test_what_is_no_json_is_invalid_too(raw: bytes) -> None:
    with pytest.raises(Invalid):
        NOTES.patch(raw)


def test_a_draft_may_be_half_filled_and_any_field_cleared() -> None:
    assert NOTES.patch(b'{"amount":3}') == {"amount": 3}
    assert NOTES.patch(b'{"unit":null,"photos":null}') == {"unit": None, "photos": None}


def test_a_marked_copy_stands_beside_its_original_and_says_that_it_is_one() -> None:
    original, copy = a_photo(), a_photo() | {"role": "annotated", "copy_of": a_photo()["sha256"]}
    copy |= {"sha256": "c" * 64}

    def wrong(*photos: Any) -> list[Issue]:
        return copies(list(photos))

    assert wrong(original, copy) == wrong(copy, original) == wrong(original) == copies(None) == []
    assert wrong(copy) == [Issue("photos[0].copy_of", "unknown")]  # it counts for no photo that is asked for
    assert wrong(original, copy, copy | {"sha256": "d" * 64, "copy_of": "c" * 64}) == [
        Issue("photos[2].copy_of", "unknown")
    ]
    assert wrong(original, copy | {"role": "evidence"}) == [Issue("photos[1].role", "choice")]
    assert wrong(original | {"role": "annotated"}) == [Issue("photos[0].role", "choice")]


def test_a_recording_says_by_its_role_what_it_is_and_is_no_photo() -> None:
    voice = a_photo() | {"role": "voice", "type": "audio/webm"}
    film = a_photo() | {"role": "video", "type": "video/mp4"}
    assert copies([voice, film]) == []
    for wrong in ({"role": "video"}, {"role": "overall"}, {"type": "image/jpeg"}):
        assert copies([voice | wrong]) == [Issue("photos[0].type", "choice")]
    photos = msgspec.convert([a_photo(), voice, film], list[Photo])
    assert [photo.role for photo in pictures(photos)] == [a_photo()["role"]]


def test_a_copy_without_its_original_is_refused_in_a_body_and_in_an_event() -> None:
    alone = a_photo() | {"role": "annotated", "copy_of": "e" * 64}
    with pytest.raises(Invalid) as fault:
        NOTES.whole({"unit": "u", "title": "t", "photos": [alone]})
    assert fault.value.issues == [Issue("photos[0].copy_of", "unknown")]
    assert NOTES.patch(msgspec.json.encode({"photos": [alone]}))  # a draft may be half filled
    event = next(name for name, event in JOBS.events.items() if "photos" in event.data.__struct_fields__)
    with pytest.raises(Invalid) as fault:
        JOBS.data(event, msgspec.json.encode({"photos": [alone]}))
    assert fault.value.issues == [Issue("photos[0].copy_of", "unknown")]


def test_a_registry_clears_only_what_may_be_empty() -> None:
    assert ASSETS.patch(b'{"line":null}') == {"line": None}
    with pytest.raises(Invalid):
        ASSETS.patch(b'{"code":null}')


def test_the_whole_body_names_all_missing_fields_at_once() -> None:
    with pytest.raises(Invalid) as fault:
        NOTES.whole({"amount": 1})
    assert fault.value.issues == [Issue("unit", "missing"), Issue("title", "missing")]


def test_the_kinds_own_check_is_part_of_the_whole() -> None:
    with pytest.raises(Invalid) as fault:
        NOTES.whole({"unit": "u", "title": "forbidden title"})
    assert fault.value.issues == [Issue("title", "not_allowed")]


def test_an_event_without_data_takes_none() -> None:
    assert JOBS.data("receive", b"{}") == {}
    with pytest.raises(Invalid):
        JOBS.data("receive", b'{"note":"x"}')


def test_components_hold_bodies_patches_and_event_data_with_their_bounds() -> None:
    schemas = components([NOTE, ASSET, JOB])
    assert {"Note", "NotePatch", "Asset", "Reason", "Photo", "Done"} <= schemas.keys()
    assert schemas["Note"]["required"] == ["unit", "title"]
    assert schemas["NotePatch"]["required"] == []
    assert schemas["Note"]["properties"]["title"]["maxLength"] == 200
    assert schemas["Note"]["additionalProperties"] is False


def test_the_state_machine_is_data_for_the_phone() -> None:
    described = machine(NOTE)
    assert described["editable"] == ["draft", "returned"]
    assert described["events"][1] == {
        "name": "return",
        "source": ["submitted"],
        "target": "returned",
        "roles": ["supervisor"],
        "whole": False,
        "amends": [],
    }
    assert msgspec.json.decode(msgspec.json.encode(described)) == described


def test_a_field_that_is_needed_stays_needed_where_it_has_a_pattern() -> None:
    class Named(Body):
        by: Annotated[str, Meta(pattern="^[a-z]+$")]

    kind = Kind(
        name="named",
        body=Body,
        merge="events",
        scope=lambda body, state, author: "org",
        events=(Event(name="name", source=frozenset({"new"}), data=Named),),
    )
    codec = Codec(kind)
    assert codec.data("name", b'{"by":"abc"}') == {"by": "abc"}
    for data, code in ((b"{}", "missing"), (b'{"by":"1"}', "pattern"), (b'{"by":null}', "type")):
        with pytest.raises(Invalid) as wrong:
            codec.data("name", data)
        assert [(each.path, each.code) for each in wrong.value.issues] == [("by", code)]
