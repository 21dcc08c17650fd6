"""How far two reviewers agree who decided the same record without knowing of each other, and who is more lenient than
his colleagues. Pure.

Two looks at one record are a matched pair: its kind, grade and photos are the same for both, so what is left between
them is the reviewers. A report may accuse nobody by chance, so all intervals and tests of one report hold together at
95 % (Bonferroni): of companies whose reviewers are all fair, at most one report in twenty names anybody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import comb, sqrt
from statistics import NormalDist

from msgspec import Struct

ALPHA = 0.05
ACCEPT = "accept"
LEAST = 10  # pairs


class Look(Struct, frozen=True):
    """A record on which two people decided (`accept`, `return`, `reject`), each by himself."""

    kind: str
    grade: str
    unit: str
    first: str
    first_said: str
    second: str
    second_said: str


class Estimate(Struct, frozen=True):
    """A figure with its interval; the level is the report's."""

    value: float
    low: float
    high: float


class Reviewer(Struct, frozen=True):
    """`leniency`: the share of records that he accepted and the other did not, less the share where it was the other
    way round, −1 … 1. `differs`: more than chance explains. `apart`: as much, but from one colleague alone, so that it
    may as well be the other. `looks` that count: those with people who differ count for no one else.
    """

    person: str
    looks: int
    same: int
    accepted: float
    kappa: Estimate | None
    leniency: Estimate | None
    p: float
    differs: bool
    apart: bool


class UnitFigures(Struct, frozen=True):
    """`leniency`: the share accepted of the unit's records, less what is accepted of the same kinds and grades in the
    whole company, −1 … 1. It may as well be better or worse work.
    """

    unit: str
    looks: int
    same: int
    kappa: Estimate | None
    leniency: Estimate | None


class Report(Struct, frozen=True):
    """`level`: what all intervals of the report hold together with, %."""

    looks: int
    level: float
    kappa: Estimate | None
    reviewers: list[Reviewer]
    units: list[UnitFigures]


def z_of(tests: int, alpha: float = ALPHA) -> float:
    """Two-sided normal quantile at which so many intervals hold together with 1 − alpha (Bonferroni)."""
    return NormalDist().inv_cdf(1 - alpha / (2 * max(1, tests)))


def kappa(pairs: Iterable[tuple[str, str]], z: float) -> Estimate | None:
    """Agreement beyond chance: 1 all agree, 0 as chance has it. None for fewer than ten pairs, whose interval would say
    nothing, or when only one word was used.

    Cohen, Educational and Psychological Measurement 20 (1960) 37–46; large-sample variance by Fleiss, Cohen and
    Everitt, Psychological Bulletin 72 (1969) 323–327.
    """
    counts = Counter(pairs)
    n = sum(counts.values())
    if n < LEAST:
        return None
    words = sorted({word for pair in counts for word in pair})
    p = {(a, b): counts[a, b] / n for a in words for b in words}
    row = {a: sum(p[a, b] for b in words) for a in words}
    column = {b: sum(p[a, b] for a in words) for b in words}
    seen, chance = sum(p[a, a] for a in words), sum(row[a] * column[a] for a in words)
    if chance > 1 - 1e-12:
        return None
    value = (seen - chance) / (1 - chance)
    same = sum(p[a, a] * (1 - (row[a] + column[a]) * (1 - value)) ** 2 for a in words)
    other = (1 - value) ** 2 * sum(
        p[a, b] * (column[a] + row[b]) ** 2 for a in words for b in words if a != b
    )
    variance = same + other - (value - chance * (1 - value)) ** 2
    margin = z * sqrt(max(0.0, variance) / n) / (1 - chance)
    return Estimate(value, max(-1.0, value - margin), min(1.0, value + margin))


def wilson(hits: int, n: int, z: float) -> tuple[float, float]:
    """Score interval of a share. Wilson, Journal of the American Statistical Association 22 (1927) 209–212."""
    share, middle = hits / n, z * z / (2 * n)
    margin = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (share + middle - margin) / (1 + z * z / n), (share + middle + margin) / (1 + z * z / n)


def paired_difference(both: int, mine: int, other: int, neither: int, z: float) -> Estimate | None:
    """Difference of two shares over the same cases: `mine` only I said yes, `other` only the other did.

    Newcombe, Statistics in Medicine 17 (1998) 2635–2650, method 10 (score intervals, squared and added). None for no
    cases.
    """
    n = both + mine + other + neither
    if n == 0:
        return None
    p1, p2 = (both + mine) / n, (both + other) / n
    (low1, high1), (low2, high2) = wilson(both + mine, n, z), wilson(both + other, n, z)
    product = (both + mine) * (other + neither) * (both + other) * (mine + neither)
    cross: float = both * neither - mine * other
    if cross > 0:
        cross = max(cross - n / 2, 0)
    phi = cross / sqrt(product) if product else 0.0
    down, up = (p1 - low1, high2 - p2), (high1 - p1, p2 - low2)
    lower = sqrt(max(0.0, down[0] ** 2 - 2 * phi * down[0] * down[1] + down[1] ** 2))
    upper = sqrt(max(0.0, up[0] ** 2 - 2 * phi * up[0] * up[1] + up[1] ** 2))
    return Estimate(p1 - p2, max(-1.0, p1 - p2 - lower), min(1.0, p1 - p2 + upper))


def sign_test(mine: int, other: int) -> float:
    """Probability of such a split or a more uneven one when both ways are as likely: exact, two-sided.

    McNemar, Psychometrika 12 (1947) 153–157, in its exact form.
    """
    n = mine + other
    tail = sum(comb(n, k) for k in range(min(mine, other) + 1))
    return min(1.0, 2 * tail / 2**n) if n else 1.0


def _voices(looks: Iterable[Look]) -> dict[str, list[tuple[str, str, str]]]:
    """By person: (what he said, what the other said, who the other is)."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for look in looks:
        found[look.first].append((look.first_said, look.second_said, look.second))
        found[look.second].append((look.second_said, look.first_said, look.first))
    return found


def _split(voices: Iterable[tuple[str, str, str]]) -> tuple[int, int, int, int]:
    """How often both, only he, only the other, neither accepted."""
    table = Counter((mine == ACCEPT, other == ACCEPT) for mine, other, _ in voices)
    return table[True, True], table[True, False], table[False, True], table[False, False]


def _p(voices: Iterable[tuple[str, str, str]]) -> float:
    _, mine, other, _ = _split(voices)
    return sign_test(mine, other)


def differing(looks: Sequence[Look]) -> dict[str, float]:
    """Those who differ from their colleagues more than chance explains, in the order found, with their p.

    Step by step: the most striking one is named when his p stands the number of all reviewers (Bonferroni) and he
    differs from his other colleagues too, whichever of them is left out: of two who differ only from each other
    nobody can tell which it is. Then his looks count for nobody, for whoever is compared with one who is biased looks
    biased the other way.
    """
    voices = _voices(looks)
    limit = limit_of(len(voices))
    found: dict[str, float] = {}
    while True:
        left = {
            person: [voice for voice in said if voice[2] not in found]
            for person, said in voices.items()
            if person not in found
        }
        ranked = sorted((_p(said), person) for person, said in left.items())
        named = next(((p, person) for p, person in ranked if p <= limit and _stands(left[person])), None)
        if named is None:
            return found
        found[named[1]] = named[0]


def limit_of(people: int) -> float:
    """The p at which one of so many differs."""
    return ALPHA / max(1, people)


def _stands(voices: Sequence[tuple[str, str, str]]) -> bool:
    """Whether somebody differs the same way from his colleagues without any one of them. The way is known by then, so
    the test has one side.
    """
    _, mine, other, _ = _split(voices)
    for colleague in {voice[2] for voice in voices}:
        _, more, less, _ = _split(voice for voice in voices if voice[2] != colleague)
        if (more > less) != (mine > other) or sign_test(more, less) > 2 * ALPHA:
            return False
    return True


def reviewers(looks: Sequence[Look]) -> list[Reviewer]:
    """Each reviewer beside his colleagues on the same records, by name of his id."""
    voices, named = _voices(looks), differing(looks)
    z, found = z_of(len(voices)), []
    for person, said in sorted(voices.items()):
        counted = [voice for voice in said if person in named or voice[2] not in named]
        both, mine, other, neither = _split(counted)
        p = named.get(person, sign_test(mine, other))
        found.append(
            Reviewer(
                person=person,
                looks=len(counted),
                same=sum(mine_said == other_said for mine_said, other_said, _ in counted),
                accepted=(both + mine) / len(counted) if counted else 0.0,
                kappa=kappa(((mine_said, other_said) for mine_said, other_said, _ in counted), z),
                leniency=paired_difference(both, mine, other, neither, z),
                p=p,
                differs=person in named,
                apart=person not in named and p <= limit_of(len(voices)),
            )
        )
    return found


def _score(look: Look) -> float:
    """The share of the two who accepted."""
    return ((look.first_said == ACCEPT) + (look.second_said == ACCEPT)) / 2


def units(looks: Sequence[Look]) -> list[UnitFigures]:
    """Each unit's records beside those of the same kind and grade in the whole company (indirect standardisation:
    Breslow and Day, Statistical Methods in Cancer Research II (1987), ch. 2); normal interval over its records.
    """
    strata: dict[tuple[str, str], list[float]] = defaultdict(list)
    mine: dict[str, list[Look]] = defaultdict(list)
    for look in looks:
        strata[look.kind, look.grade].append(_score(look))
        mine[look.unit].append(look)
    usual = {key: sum(scores) / len(scores) for key, scores in strata.items()}
    z = z_of(len(mine))
    return [
        UnitFigures(
            unit=unit,
            looks=len(own),
            same=sum(look.first_said == look.second_said for look in own),
            kappa=kappa(((look.first_said, look.second_said) for look in own), z),
            leniency=_mean([_score(look) - usual[look.kind, look.grade] for look in own], z),
        )
        for unit, own in sorted(mine.items())
    ]


def _mean(values: Sequence[float], z: float) -> Estimate | None:
    """None for fewer than two: one value has no spread."""
    n = len(values)
    if n < 2:
        return None
    mean = sum(values) / n
    margin = z * sqrt(sum((value - mean) ** 2 for value in values) / (n - 1) / n)
    return Estimate(mean, max(-1.0, mean - margin), min(1.0, mean + margin))


def report(looks: Sequence[Look]) -> Report:
    """All figures of a company's second looks."""
    pairs = [(look.first_said, look.second_said) for look in looks]
    return Report(len(looks), 100 * (1 - ALPHA), kappa(pairs, z_of(1)), reviewers(looks), units(looks))
