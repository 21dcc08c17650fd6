"""A signature is a drawing and nothing else; it lies in the record and is refused where it is anything more."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from backend.features.checks.model import FINDING
from backend.features.meterbox.model import HAZARD
from backend.features.repair.model import REPAIR
from sync.kinds import Codec, Invalid, Issue

PHOTO = {
    "sha256": "a" * 64,
    "size": 9,
    "type": "image/jpeg",
    "role": "after",
    "taken_at": "2026-11-26T10:00:00+08:00",
}
FINDINGS, HAZARDS, REPAIRS = Codec(FINDING), Codec(HAZARD), Codec(REPAIR)


def restored(data: bytes) -> dict[str, Any]:
    """The signature of a step that says that power is back."""
    step = {"photos": [PHOTO], **msgspec.json.decode(data)}
    return {"signature": REPAIRS.data("restore", msgspec.json.encode(step))["signature"]}


Taken = Callable[[bytes], dict[str, Any]]
WHERE = pytest.mark.parametrize(
    "taken", [FINDINGS.patch, HAZARDS.patch, restored], ids=["finding", "hazard", "repair"]
)
GOOD = {"name": "李四", "signed_at": "2026-11-26T10:00:00+08:00", "strokes": "M0 0L1000 600M10 20L9 599L1 1"}


def refused(taken: Taken, **change: Any) -> list[Issue]:
    with pytest.raises(Invalid) as fault:
        taken(msgspec.json.encode({"signature": {**GOOD, **change}}))
    return fault.value.issues


@WHERE
def test_a_signature_is_taken_as_it_was_drawn(taken: Taken) -> None:
    assert taken(msgspec.json.encode({"signature": GOOD})) == {"signature": GOOD}
    assert taken(b'{"signature":null}') == {"signature": None}
    longest = {**GOOD, "strokes": "M0 0" + "L1000 600" * 1820}
    assert taken(msgspec.json.encode({"signature": longest}))


@WHERE
@pytest.mark.parametrize(
    "strokes",
    [
        "",
        "M0 0",
        "L0 0L1 1",
        "M0 0L1001 0",
        "M0 0L0 601",
        "M0 0L-1 0",
        "M0 0L1.5 0",
        "M0 0C1 1 2 2 3 3",
        "M0 0L1 1Z",
        "m0 0L1 1",
        'M0 0L1 1"/><script>',
        "M0 0L1 1\n",
    ],
)
def test_what_is_no_drawing_in_its_field_is_refused(taken: Taken, strokes: str) -> None:
    assert refused(taken, strokes=strokes) == [Issue("signature.strokes", "pattern")]


@WHERE
def test_a_signature_has_a_name_a_time_and_a_bounded_size(taken: Taken) -> None:
    assert refused(taken, strokes="M0 0" + "L1000 600" * 1821) == [Issue("signature.strokes", "length")]
    assert refused(taken, name="") == [Issue("signature.name", "length")]
    assert refused(taken, signed_at="2026-11-26T10:00:00") == [Issue("signature.signed_at", "timezone")]
    assert refused(taken, picture="x") == [Issue("signature.picture", "unknown_field")]
