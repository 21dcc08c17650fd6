"""Agreement and leniency of reviewers: the formulas against published figures, fair and biased reviewers made up."""

from random import Random

import pytest
from msgspec.structs import replace

from backend.features.review.fairness import (
    Look,
    differing,
    kappa,
    paired_difference,
    report,
    sign_test,
    units,
    wilson,
    z_of,
)
from tests.support.reviewers import BIAS, company, simulate

LOOKS = 200  # second looks of each reviewer
SEED = 20261126


def pairs(**counts: int) -> list[tuple[str, str]]:
    return [(key[0], key[1]) for key, n in counts.items() for _ in range(n)]


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    found = kappa(pairs(aa=20, ab=5, ba=10, bb=15), z_of(1))
    assert found is not None
    assert found.value == pytest.approx(0.4)  # seen 0.70, by chance 0.50
    assert found.low == pytest.approx(0.1511, abs=0.002)
    assert found.high == pytest.approx(0.6489, abs=0.002)
    assert kappa(pairs(aa=9, bb=4), 1.96) is not None
    perfect = kappa(pairs(aa=9, bb=4), 1.96)
    assert perfect is not None
    assert (perfect.value, perfect.low) == (1.0, 1.0)
    assert kappa([], 1.96) is None
    assert kappa(pairs(aa=9), 1.96) is None  # one word only: chance explains all


def test_wilsons_interval_as_published() -> None:
    low, high = wilson(81, 263, 1.959964)  # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 20, 1.959964)[0] == pytest.approx(0)


def test_the_paired_difference_as_published() -> None:
    found = paired_difference(36, 12, 2, 0, 1.959964)  # Newcombe 1998, table II, example (a)
    assert found is not None
    assert found.value == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0569, 0.3404)
    assert paired_difference(0, 0, 0, 0, 1.96) is None
    nothing = paired_difference(5, 0, 0, 0, 1.96)
    assert nothing is not None
    assert nothing.value == 0


def test_the_sign_test_is_exact() -> None:
    assert sign_test(0, 0) == 1
    assert sign_test(5, 5) == 1
    assert sign_test(9, 1) == pytest.approx(22 / 1024)
    assert sign_test(1, 9) == sign_test(9, 1)


@pytest.mark.parametrize("people", [2, 4, 10])
def test_fair_reviewers_are_accused_in_at_most_one_report_in_twenty(people: int) -> None:
    tally = simulate(200, people, LOOKS, 0, SEED)
    print(f"fair, {people} reviewers: named in {100 * tally.accused / tally.reports:.1f} % of reports")
    assert tally.accused <= 0.05 * tally.reports


@pytest.mark.parametrize("bias", [BIAS, -BIAS])
@pytest.mark.parametrize("people", [3, 4, 10])
def test_a_biased_reviewer_is_found_within_two_hundred_reviews_and_nobody_else(
    people: int, bias: float
) -> None:
    tally = simulate(100, people, LOOKS, bias, SEED)
    print(
        f"bias {bias:+.0%}, {people} reviewers: found {100 * tally.found / tally.biased:.0f} %, "
        f"others named in {100 * tally.accused / tally.reports:.1f} % of reports"
    )
    assert tally.found >= (0.9 if people == 3 else 0.95) * tally.biased  # of three, each meets only two
    assert tally.accused <= 0.05 * tally.reports


def test_of_two_who_differ_only_from_each_other_nobody_is_named() -> None:
    looks = company(Random(SEED), 2, LOOKS, BIAS)
    assert differing(looks) == {}
    assert [(one.differs, one.apart) for one in report(looks).reviewers] == [(False, True)] * 2
    others = [replace(look, first=f"x{look.first}", second=f"x{look.second}") for look in looks]
    assert differing([*looks, *others]) == {}, "pairs that never met"


def test_who_is_named_does_not_hang_on_the_order_of_ids() -> None:
    names = {"r0": "z0", "r1": "b1", "r2": "a2", "r3": "c3"}
    looks = [
        replace(look, first=names[look.first], second=names[look.second])
        for look in company(Random(SEED), 4, LOOKS, BIAS)
    ]
    assert set(differing(looks)) == {"z0"}


def test_a_fair_one_who_meets_a_biased_one_and_others_is_not_named_for_him() -> None:
    random = Random(SEED)
    looks = [
        look
        for leaf in range(3)
        for look in (
            replace(each, second=f"leaf{leaf}") if each.first == "r1" else replace(each, first=f"leaf{leaf}")
            for each in company(random, 2, LOOKS, BIAS if leaf == 0 else 0)
        )
    ]
    assert "r1" not in differing(looks)


def test_whoever_differs_counts_for_no_one_else_and_stands_outside_his_interval() -> None:
    looks = company(Random(SEED), 6, LOOKS, BIAS)
    assert set(differing(looks)) == {"r0"}
    found = report(looks)
    assert [one.person for one in found.reviewers if one.differs] == ["r0"]
    lenient = found.reviewers[0]
    assert lenient.leniency is not None
    assert lenient.leniency.low > 0
    assert lenient.looks == LOOKS
    for fair in found.reviewers[1:]:
        assert fair.leniency is not None
        assert fair.leniency.low < 0 < fair.leniency.high
        assert fair.looks < LOOKS


def test_a_unit_is_compared_with_the_same_kinds_and_grades_elsewhere() -> None:
    def of(unit: str, kind: str, accepted: int, n: int) -> list[Look]:
        said = ["accept"] * accepted + ["return"] * (n - accepted)
        return [Look(kind, "", unit, "a", word, "b", word) for word in said]

    # b has the harder kind: less is accepted there, but no less than elsewhere of that kind
    looks = of("a", "easy", 90, 100) + of("b", "hard", 25, 50) + of("c", "hard", 25, 50)
    by_unit = {one.unit: one for one in units(looks)}
    assert by_unit["b"].leniency is not None
    assert by_unit["b"].leniency.value == pytest.approx(0)
    strict = of("a", "hard", 10, 50) + of("b", "hard", 40, 50)
    first, second = units(strict)
    assert first.leniency is not None
    assert second.leniency is not None
    assert first.leniency.high < 0 < second.leniency.low
    (lonely,) = units(of("a", "easy", 1, 1))
    assert lonely.leniency is None
    assert report([]).reviewers == []
