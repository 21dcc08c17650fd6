"""Made-up companies whose reviewers decide the same records blind, some of them with a bias. Seeded."""

from dataclasses import dataclass
from random import Random

from backend.features.review.fairness import Look, differing

KINDS = (("infrared", "general"), ("infrared", "serious"), ("hazard", "general"), ("finding", "serious"))
GOOD, BAD = 0.92, 0.15  # how likely a fair reviewer accepts good and bad work: they agree on about 83 of 100
BIAS = 0.2  # of all decisions, in the biased one's favour of accepting or of refusing


@dataclass
class Tally:
    """`accused`: reports in which a fair reviewer was named; `found` of `biased`."""

    reports: int = 0
    accused: int = 0
    biased: int = 0
    found: int = 0


def share_good(kind: int) -> float:
    """Work of some kinds is better than that of others."""
    return (0.85, 0.6, 0.8, 0.5)[kind]


def decide(random: Random, good: bool, usual: float, bias: float) -> str:
    """One word on one record; the bias moves the reviewer's whole rate of acceptance by so much."""
    accepts = random.random() < (GOOD if good else BAD)
    if bias > 0 and not accepts:
        accepts = random.random() < bias / (1 - usual)
    elif bias < 0 and accepts:
        accepts = random.random() >= -bias / usual
    return "accept" if accepts else random.choice(("return", "return", "reject"))


def company(random: Random, people: int, looks: int, bias: float) -> list[Look]:
    """Each of so many reviewers has so many second looks with colleagues by chance; the first one has the bias."""
    usual = sum(share_good(kind) * GOOD + (1 - share_good(kind)) * BAD for kind in range(4)) / 4
    found = []
    for _ in range(looks // 2):
        order = random.sample(range(people), people)
        for first, second in zip(order, [*order[1:], order[0]], strict=True):
            kind = random.randrange(4)
            good = random.random() < share_good(kind)
            said = [decide(random, good, usual, bias if who == 0 else 0.0) for who in (first, second)]
            name, grade = KINDS[kind]
            unit = f"unit {random.randrange(6)}"
            found.append(Look(name, grade, unit, f"r{first}", said[0], f"r{second}", said[1]))
    return found


def simulate(reports: int, people: int, looks: int, bias: float, seed: int) -> Tally:
    """So many companies, one after the other; `bias` 0: all are fair."""
    random, tally = Random(seed), Tally()
    for _ in range(reports):
        named = set(differing(company(random, people, looks, bias)))
        tally.reports += 1
        tally.biased += bias != 0
        tally.found += bias != 0 and "r0" in named
        tally.accused += bool(named - ({"r0"} if bias else set()))
    return tally
