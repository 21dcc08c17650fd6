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
    for bias in (BIAS, -BIAS):
        tally = simulate(REPORTS, 2, LOOKS, bias, SEED + 2)
        name = f"bias {bias:+.0%}, 2 reviewers: reports naming one of them"
        yield Figure(name, 100 * (tally.found + tally.accused) / REPORTS, "%", at_most=0)
    for people in (3, 4, 10, 25):
        for bias in (BIAS, -BIAS):
            tally = simulate(REPORTS, people, LOOKS, bias, SEED + people)
            name = f"bias {bias:+.0%}, {people} reviewers"
            least = 90 if people == 3 else 95  # of three, each meets only two
            yield Figure(f"{name}: found", 100 * tally.found / REPORTS, "%", at_least=least)
            yield Figure(f"{name}: fair ones named", 100 * tally.accused / REPORTS, "%", at_most=5)
