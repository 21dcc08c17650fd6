from datetime import UTC, datetime

import pytest

from sync.ids import is_id, new_id, uuid7


def test_the_example_of_rfc_9562_comes_out() -> None:
    random = (0xCC3 << 64 | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    assert uuid7(0x017F22E279B0, random) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_ids_are_new_and_sort_by_time() -> None:
    early, late = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2))
    assert new_id(early) != new_id(early)
    assert new_id(early) < new_id(late)
    assert is_id(new_id(early))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
        "017f22e279b07cc398c4dc0c0c07398f",
        "017f22e2-79b0-7cc3-18c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
        "../017f22e2-79b0-7cc3-98c4-dc0c0c0739",
    ],
)
def test_other_spellings_are_no_ids(text: str) -> None:
    assert not is_id(text)
