"""The one function that says what a person may see. Everything that reads records asks with its answer."""

from collections.abc import Collection, Iterable, Mapping

from sync.caller import Caller

# These roles work for the whole county and see what an inspected station must not see before its time.
CONTROL_ROLES = frozenset({"inspector", "supervisor", "leader", "admin", "auditor"})


def scopes(
    person: str,
    unit: str | None,
    roles: Iterable[str],
    parents: Mapping[str, str | None],
    stations: Collection[str] = (),
) -> tuple[str, ...]:
    """Scopes of a person, sorted. `parents` is the organisation's tree: unit → unit above it; `stations` are
    the units that are inspected.

    Everyone has `org`, himself and his own unit; who controls also has `control` and all units below his own.
    Whoever works in a station does not control, whatever his role: a station's head is of the inspected unit.
    """
    found = {"org", f"p:{person}"}
    if unit is not None and unit in parents:
        found.add(f"u:{unit}")
    if CONTROL_ROLES.intersection(roles):
        if unit not in stations:
            found.add("control")
        if unit is not None:
            found.update(f"u:{below}" for below in _below(unit, parents))
    return tuple(sorted(found))


def manages(caller: Caller) -> bool:
    """Whether he looks after everybody's devices, receipts and rescue files."""
    return "control" in caller.scopes and bool(caller.roles & {"supervisor", "admin"})


def _below(unit: str, parents: Mapping[str, str | None]) -> set[str]:
    below: set[str] = set()
    edge = {unit}
    while edge:
        edge = {child for child, parent in parents.items() if parent in edge} - below - {unit}
        below |= edge
    return below
