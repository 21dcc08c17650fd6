"""Where a reader stands: the epoch, and a position for each scope. Pure.

Text form: `<epoch>.<schema>.<pos>[^<since>]@<scope>,<scope>;<pos>…`, opaque to clients. Scopes at the same
place share one group. `since` is the head when a scope was begun from 0: what was gone by then was never sent
and need not be taken back. It is dropped once the position has passed it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sync.errors import SyncError

_GROUP = re.compile(r"(?P<pos>[0-9]{1,18})(?:\^(?P<since>[0-9]{1,18}))?@(?P<scopes>[A-Za-z0-9:_,-]+)")
_CURSOR = re.compile(r"(?P<epoch>[0-9]{1,9})\.(?P<schema>[0-9]{1,9})\.(?P<groups>.*)")
MAX_LENGTH = 16_384


@dataclass(frozen=True, slots=True)
class Group:
    """Scopes that stand at one position: everything up to `pos` was read, begun when the head was `since`."""

    pos: int
    since: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A reader's place in one organisation's feed."""

    epoch: int
    schema: int
    groups: tuple[Group, ...]

    def __str__(self) -> str:
        groups = ";".join(
            f"{g.pos}{f'^{g.since}' if g.since else ''}@{','.join(g.scopes)}" for g in self.groups
        )
        return f"{self.epoch}.{self.schema}.{groups}"

    @property
    def scopes(self) -> frozenset[str]:
        """All scopes the reader holds rows of."""
        return frozenset(scope for group in self.groups for scope in group.scopes)

    def lowest(self, head: int) -> tuple[Group, int] | None:
        """The group to read next and the position to read up to; None when all stand at `head` or above."""
        low = min(self.groups, key=lambda group: group.pos, default=None)
        if low is None or low.pos >= head:
            return None
        return low, min((g.pos for g in self.groups if g.pos > low.pos), default=head)

    def advanced(self, group: Group, pos: int) -> "Cursor":
        """The cursor after `group` was read up to `pos`."""
        rest = (g for g in self.groups if g is not group)
        return Cursor(self.epoch, self.schema, _grouped([*rest, Group(pos, group.since, group.scopes)]))

    def with_scopes(self, scopes: Iterable[str], head: int) -> "Cursor":
        """The cursor for the scopes held now: withdrawn ones left out, granted ones begun from 0."""
        now = frozenset(scopes)
        kept = [Group(g.pos, g.since, tuple(s for s in g.scopes if s in now)) for g in self.groups]
        new = tuple(now - self.scopes)
        return Cursor(self.epoch, self.schema, _grouped([*kept, Group(0, head, new)]))

    def below(self, horizon: int) -> bool:
        """Whether notices that this reader still needs may have been purged."""
        return any(max(group.pos, group.since) < horizon for group in self.groups)


def start(epoch: int, schema: int, scopes: Iterable[str], head: int) -> Cursor:
    """The cursor of a reader that has nothing."""
    return Cursor(epoch, schema, ()).with_scopes(scopes, head)


def parse(text: str) -> Cursor:
    """Reads a cursor back. Raises SyncError `resync` for what no version of this code can have written."""
    match = _CURSOR.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise SyncError("resync")
    groups = []
    for part in filter(None, match["groups"].split(";")):
        group = _GROUP.fullmatch(part)
        if group is None:
            raise SyncError("resync")
        groups.append(Group(int(group["pos"]), int(group["since"] or 0), tuple(group["scopes"].split(","))))
    return Cursor(int(match["epoch"]), int(match["schema"]), _grouped(groups))


def _grouped(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Joins groups at the same place, in a fixed order, so that equal cursors read equal."""
    places: dict[tuple[int, int], set[str]] = {}
    for group in groups:
        since = group.since if group.since > group.pos else 0
        places.setdefault((group.pos, since), set()).update(group.scopes)
    return tuple(Group(*place, tuple(sorted(scopes))) for place, scopes in sorted(places.items()) if scopes)
