"""Every fault that can be switched on in a server's uploads is found by what the fault tests count.

The product itself loses nothing under power cuts that take whatever was not flushed to the disk. On SQLite
and files, on PostgreSQL and MinIO, as far as there can be such a fault.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.fault import upload_mutants
from tests.prove import Figure

GROUP = "media"


def prove(folder: Path) -> Iterator[Figure]:
    for pair in upload_mutants.PAIRS:
        sound = upload_mutants.whole(folder / f"sound-{pair}", pair)
        yield Figure(f"{pair}, power cuts: photos stored", sound.stored, at_least=3)
        yield Figure(f"{pair}, power cuts: requests cut", sound.cut, at_least=upload_mutants.KILLS / 2)
        yield Figure(f"{pair}, power cuts: faults", len(sound.faults), at_most=0)
    for name, (_, sign, pairs) in upload_mutants.MUTANTS.items():
        for pair in pairs:
            faults = upload_mutants.faults_of(name, folder / f"{name}-{pair}", pair)
            yield Figure(f"{pair}, {name}: caught by {sign}", sign in faults, at_least=1)
