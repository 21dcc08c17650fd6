"""The two servers at the point from which on they are compared, and what the comparison says."""

import re
from collections.abc import Sequence

from tests.conftest import Pair
from tests.integration.secrecy import story, walk
from tests.integration.secrecy.world import METER_BOX, Difference, Side, Twins


def make_twins(pairs: Sequence[Pair], fault: str = "") -> Twins:
    """Both servers, each on its pair, with their day before the visit behind them."""
    quiet, secret = (Side(pair, fault) for pair in pairs)
    twins = Twins(quiet, secret)
    try:
        story.before(twins)
    except BaseException:
        twins.close()
        raise
    return twins


def told(twins: Twins) -> str:
    """The differences so far, one of each sort; they are forgotten with that."""
    found, twins.differences = twins.differences, []
    sorts: dict[str, list[Difference]] = {}
    for difference in found:
        sorts.setdefault(re.sub(r"[0-9a-f-]{36,64}", "…", difference.asked)[:60], []).append(difference)
    lines = [f"{len(each)} × {each[0]}" for each in sorts.values()]
    return f"{len(found)} of {twins.asked} answers differ\n" + "\n".join(lines) if found else ""


def found_out(pairs: Sequence[Pair], fault: str) -> str:
    """What a short walk says of two servers with this fault; "" when it finds nothing."""
    twins = make_twins(pairs, fault)
    try:
        story.visit(twins)
        more = {"positions": 7}  # the phones that were here are behind when all is purged
        twins.push("manager", {"op": "put", "kind": "meter_box", "id": METER_BOX, "base": 1, "data": more})
        twins.arrange("purge")
        violation = story.violation_of(twins, "secret", secretly=True)
        for login in ("crew", "manager", "head"):
            walk.glance(twins, login, (violation,))
            if differs := told(twins):
                return differs
        return ""
    finally:
        twins.close()
