"""The comparison is not blind: ways to let a secret out are put in, and are found. `make mutants` tries them all."""

from pathlib import Path

import pytest

from tests.conftest import Pair
from tests.integration.secrecy.twins import found_out

pytestmark = pytest.mark.timeout(1200)


@pytest.mark.parametrize("fault", ["", "one_counter_for_the_organisation", "naming_a_photo_is_having_it"])
def test_a_leak_is_found_and_where_there_is_none_none_is(fault: str, tmp_path: Path) -> None:
    pairs = [Pair("sqlite+files", {}, tmp_path / side) for side in ("quiet", "secret")]
    assert bool(found_out(pairs, fault)) == bool(fault)
