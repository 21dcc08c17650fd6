"""The two servers that are compared, one pair of them for all tests of a file."""

from collections.abc import Iterator

import pytest

from tests.conftest import make_pair
from tests.integration.secrecy.twins import make_twins
from tests.integration.secrecy.world import Twins


@pytest.fixture(scope="module")
def twins(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """On the pair that the file names as `PAIR`."""
    folder = tmp_path_factory.mktemp("twins")
    pairs = [make_pair(request.module.PAIR, request, folder / side) for side in ("quiet", "secret")]
    made = make_twins(pairs)
    try:
        yield made
    finally:
        made.close()
