"""The chain: no byte of any stored field can change unseen."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.features.points import ledger
from backend.features.points.chain import FIRST, Line, line, verify


def chain(count: int = 4) -> list[Line]:
    lines: list[Line] = []
    for n in range(1, count + 1):
        entry = {
            "org": "0190-org",
            "n": n,
            "person": f"person-{n % 2}",
            "cycle": "2026",
            "item": "QX-01",
            "points": 3 * n,
            "fact": '到达现场超 45 分钟 "48"',
            "photos": ["ab" * 32],
        }
        lines.append(line(entry, lines[-1].hash if lines else FIRST))
    return lines


def test_an_untouched_chain_holds() -> None:
    lines = chain()
    verdict = verify(lines)
    assert (verdict.count, verdict.broken) == (4, None)
    assert verdict.heads == {"0190-org": lines[-1].hash}


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("name", [field.name for field in msgspec.structs.fields(Line)])
def test_every_single_flipped_byte_of_every_stored_field_is_found(position: int, name: str) -> None:
    lines = chain()
    value = getattr(lines[position], name)
    raw = value.to_bytes(8, "big") if isinstance(value, int) else value.encode()
    for at in range(len(raw)):
        for bit in range(8):
            flipped = bytearray(raw)
            flipped[at] ^= 1 << bit
            changed = (
                int.from_bytes(flipped, "big")
                if isinstance(value, int)
                else bytes(flipped).decode("utf-8", "replace")
            )
            forged = msgspec.structs.replace(lines[position], **{name: changed})
            verdict = verify([*lines[:position], forged, *lines[position + 1 :]])
            assert verdict.broken is not None, (at, bit)


@pytest.mark.parametrize("position", range(3))
def test_a_line_taken_out_of_the_middle_is_found(position: int) -> None:
    lines = chain()
    assert verify([*lines[:position], *lines[position + 1 :]]).broken is not None


def test_two_lines_changing_places_are_found() -> None:
    lines = chain()
    assert verify([lines[0], lines[2], lines[1], lines[3]]).broken is not None


def exported(path: Path) -> bytes:
    raw = b"".join(msgspec.json.encode(each) + b"\n" for each in chain())
    path.write_bytes(raw)
    return raw


def test_an_exported_file_holds(tmp_path: Path) -> None:
    exported(tmp_path / "ledger.jsonl")
    assert ledger.verify_file(tmp_path / "ledger.jsonl") == 0


def test_any_flipped_byte_of_an_exported_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    raw = exported(path)

    @settings(max_examples=400)
    @given(at=st.integers(0, len(raw) - 2), mask=st.integers(1, 255))
    def flip(at: int, mask: int) -> None:
        forged = bytearray(raw)
        forged[at] ^= mask
        path.write_bytes(forged)
        assert ledger.verify_file(path) == 1

    flip()


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 no ledger")
    assert ledger.verify_file(path) == 1
