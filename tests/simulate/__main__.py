"""`make simulate`: rounds of the simulator. SEEDS=1-50, OPS a round, DB=sqlite or postgresql; both when not said."""

import contextlib
import os
import signal
import sys

from tests.simulate.host import Host
from tests.simulate.rounds import Outcome, bundle, plan, play, seeds
from tests.support.postgres import Postgres

SHOWN = 20
TRACED = 40


def tell(outcome: Outcome, ops: int) -> None:
    print(outcome, flush=True)
    if not outcome.violations:
        return
    for line in outcome.trace[-TRACED:]:
        print(f"    {line}")
    for text in outcome.violations[:SHOWN]:
        print(f"  VIOLATION {text}")
    print(f"  again: make simulate SEEDS={outcome.seed} OPS={ops} DB={outcome.engine}", flush=True)


def main() -> int:
    wanted = seeds(os.environ.get("SEEDS") or "1-10")
    ops = int(os.environ.get("OPS") or 1000)
    engines = [os.environ["DB"]] if os.environ.get("DB") else ["sqlite", "postgresql"]
    rounds = operations = violations = 0
    cluster = Postgres().start() if "postgresql" in engines else None
    try:
        with bundle() as phones:
            for engine in engines:
                with contextlib.closing(Host(cluster if engine == "postgresql" else None)) as host:
                    for outcome in play((plan(seed, ops) for seed in wanted), phones, host):
                        tell(outcome, ops)
                        rounds += 1
                        operations += outcome.operations
                        violations += len(outcome.violations)
    finally:
        if cluster is not None:
            cluster.stop()
    print(f"{rounds} rounds, {operations} operations, {violations} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with it
    sys.exit(main())
