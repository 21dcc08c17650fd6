"""Reviewers with a bias of 20 % are found within 200 second looks; one report in twenty names a fair one, at most.

Two thousand made-up companies for each size and each bias; the short version stands in `make test`.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.prove import Figure
from tests.support.reviewers import BIAS, simulate

GROUP = "review"
REPORTS = 2000
LOOKS = 200
SEED = 20261126


def prove(folder: Path) -> Iterator[Figure]:
    for people in (2, 4, 10, 25):
        fair = simulate(REPORTS, people, LOOKS, 0, SEED + people)
        yield Figure(
            f"fair, {people} reviewers: reports naming one", 100 * fair.accused / REPORTS, "%", at_most=5
        )
    for people in (4, 10, 25):
        for bias in (BIAS, -BIAS):
            tally = simulate(REPORTS, people, LOOKS, bias, SEED + people)
            name = f"bias {bias:+.0%}, {people} reviewers"
            yield Figure(f"{name}: found", 100 * tally.found / REPORTS, "%", at_least=95)
            yield Figure(f"{name}: fair ones named", 100 * tally.accused / REPORTS, "%", at_most=5)
