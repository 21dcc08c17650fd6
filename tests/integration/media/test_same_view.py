"""The short version of `make prove ONLY=same_view`: the phone's own registration, on seeded pairs."""

from pathlib import Path

import pytest

from tests.prove import same_view
from tests.support import views

SEED = 7

pytestmark = pytest.mark.timeout(600)


def test_photos_of_one_place_are_laid_within_2_per_cent_and_another_box_of_the_type_is_told_apart(
    tmp_path: Path,
) -> None:
    program = same_view.built(tmp_path)
    figures = [
        *same_view.laid("warped, a part repaired", program, views.same(1, SEED, repair=True), 0.9),
        *same_view.told_apart(program, views.of_type(1, SEED, other=True)),
    ]
    assert [str(figure) for figure in figures if not figure.holds] == []
