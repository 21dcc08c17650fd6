"""`make mutants`, secrecy: each way to let a secret out is put in, and the two servers must tell. LEAK=name
for one of them. The exit code is the number of those that live.
"""

import os
import sys
import tempfile
from pathlib import Path

from tests.conftest import Pair
from tests.integration.secrecy.twins import found_out
from tests.support.leaks import LEAKS, SHOWS


def main(only: str = "") -> int:
    alive = 0
    for name in [name for name in LEAKS if only in ("", name)]:
        with tempfile.TemporaryDirectory(prefix="mingcha-leak-") as folder:
            pairs = [Pair("sqlite+files", {}, Path(folder) / side) for side in ("quiet", "secret")]
            differs = found_out(pairs, name)
        alive += not differs
        print(
            f"{name:<46} {'found: ' + differs.splitlines()[0] if differs else 'LIVES: ' + SHOWS[name]}",
            flush=True,
        )
    return alive


if __name__ == "__main__":
    sys.exit(main(os.environ.get("LEAK", "")))
