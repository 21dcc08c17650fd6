"""How marks of two photos are laid over each other."""

import numpy as np

from media.likeness import arranged


def test_two_marks_that_fit_by_a_turn_alone_are_no_arrangement() -> None:
    mine = np.array([[0.0, 0.0, 1.0], [200.0, 0.0, 1.0]])
    turned = np.array([[0.0, 0.0, 1.0], [200.0, 12.0, 1.0]])
    assert arranged(mine, turned) is None


def test_marks_shifted_and_scaled_are_found_so() -> None:
    mine = np.array([[10.0, 20.0, 1.0], [200.0, 40.0, 1.0], [90.0, 150.0, 2.0]])
    found = arranged(mine, mine * [2, 2, 2] + [30, -10, 0])
    assert found is not None
    assert (round(found.scale, 3), round(found.dx, 3), round(found.dy, 3), found.marks) == (
        2.0,
        30.0,
        -10.0,
        3,
    )
