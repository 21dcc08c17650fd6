"""Every fault that can be switched on in a server's uploads is found by what the fault tests count.

The product itself loses nothing under power cuts that take whatever was not flushed to the disk.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.fault import upload_mutants
from tests.prove import Figure

GROUP = "media"


def prove(folder: Path) -> Iterator[Figure]:
    sound = upload_mutants.whole(folder / "sound")
    yield Figure("power cuts: photos stored", sound.stored, at_least=3)
    yield Figure("power cuts: requests cut", sound.cut, at_least=upload_mutants.KILLS / 2)
    yield Figure("power cuts: faults", len(sound.faults), at_most=0)
    for name, (_, sign) in upload_mutants.MUTANTS.items():
        faults = upload_mutants.faults_of(name, folder / name)
        yield Figure(f"{name}: caught by {sign}", sign in faults, at_least=1)
