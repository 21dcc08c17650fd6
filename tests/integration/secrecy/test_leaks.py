"""The comparison is not blind: each known way to let a secret out is put in, and is found."""

from pathlib import Path

import pytest

from sync import tables
from tests.integration.secrecy import story, walk
from tests.integration.secrecy.test_secrecy import make_twins, told
from tests.support.leaks import LEAKS


@pytest.mark.skipif(not hasattr(tables, "scope_head"), reason="everything differs by its number")
@pytest.mark.parametrize("fault", LEAKS)
def test_a_leak_is_found(fault: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    twins = make_twins(request, "sqlite+files", tmp_path, fault)
    try:
        story.visit(twins)
        violation = story.violation_of(twins, "secret", secretly=True)
        for login in ("crew", "manager", "head"):
            walk.glance(twins, login, (violation,))
        assert told(twins)
    finally:
        twins.close()
