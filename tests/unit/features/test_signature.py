"""A signature is a drawing and nothing else; it lies in the record and is refused where it is anything more."""

from typing import Any

import msgspec
import pytest

from backend.features.checks.model import FINDING
from sync.kinds import Codec, Invalid, Issue

FINDINGS = Codec(FINDING)
GOOD = {"name": "李四", "signed_at": "2026-11-26T10:00:00+08:00", "strokes": "M0 0L1000 600M10 20L9 599L1 1"}


def refused(**change: Any) -> list[Issue]:
    with pytest.raises(Invalid) as fault:
        FINDINGS.patch(msgspec.json.encode({"signature": {**GOOD, **change}}))
    return fault.value.issues


def test_a_signature_is_taken_as_it_was_drawn() -> None:
    assert FINDINGS.patch(msgspec.json.encode({"signature": GOOD})) == {"signature": GOOD}
    assert FINDINGS.patch(b'{"signature":null}') == {"signature": None}
    longest = {**GOOD, "strokes": "M0 0" + "L1000 600" * 1820}
    assert FINDINGS.patch(msgspec.json.encode({"signature": longest}))


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
def test_what_is_no_drawing_in_its_field_is_refused(strokes: str) -> None:
    assert refused(strokes=strokes) == [Issue("signature.strokes", "pattern")]


def test_a_signature_has_a_name_a_time_and_a_bounded_size() -> None:
    assert refused(strokes="M0 0" + "L1000 600" * 1821) == [Issue("signature.strokes", "length")]
    assert refused(name="") == [Issue("signature.name", "length")]
    assert refused(signed_at="2026-11-26T10:00:00") == [Issue("signature.signed_at", "timezone")]
    assert refused(picture="x") == [Issue("signature.picture", "unknown_field")]
