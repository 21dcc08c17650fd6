"""Where a reader stands: the epoch, and a position in each scope. Pure.

Text form: `<epoch>.<schema>.<pos>[^<since>]@<scope>,<scope>;<pos>…`, opaque to clients. Scopes at equal
positions share one group. `since` is the scope's head when it was begun from 0: what was gone by then was
never sent and need not be taken back. It is dropped once the position has passed it.
"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from sync.errors import SyncError

_GROUP = re.compile(r"(?P<pos>[0-9]{1,18})(?:\^(?P<since>[0-9]{1,18}))?@(?P<scopes>[A-Za-z0-9:_,-]+)")
_CURSOR = re.compile(r"(?P<epoch>[0-9]{1,9})\.(?P<schema>[0-9]{1,9})\.(?P<groups>.*)")
MAX_LENGTH = 16_384


class Place(msgspec.Struct, frozen=True, order=True):
    """Everything of a scope up to `pos` was read; begun when its head was `since`, 0 once that is passed."""

    pos: int
    since: int = 0


class Cursor(msgspec.Struct, frozen=True):
    """A reader's place in one organisation's feed, scope by scope."""

    epoch: int
    schema: int
    places: dict[str, Place]

    def __str__(self) -> str:
        groups: dict[Place, list[str]] = {}
        for scope in sorted(self.places):
            groups.setdefault(self.places[scope], []).append(scope)
        text = ";".join(
            f"{place.pos}{f'^{place.since}' if place.since else ''}@{','.join(scopes)}"
            for place, scopes in sorted(groups.items())
        )
        return f"{self.epoch}.{self.schema}.{text}"

    @property
    def scopes(self) -> frozenset[str]:
        """All scopes the reader holds rows of."""
        return frozenset(self.places)

    def behind(self, heads: Mapping[str, int]) -> list[str]:
        """Scopes with something to read, those just begun first."""
        found = [scope for scope, place in self.places.items() if place.pos < heads.get(scope, 0)]
        return sorted(found, key=lambda scope: (self.places[scope].since == 0, scope))

    def ahead(self, heads: Mapping[str, int]) -> bool:
        """Whether the reader knows more than these heads, which then come from a replica that lags."""
        return any(place.pos > heads.get(scope, 0) for scope, place in self.places.items())

    def advanced(self, scope: str, pos: int) -> "Cursor":
        """The cursor after `scope` was read up to `pos`."""
        since = self.places[scope].since
        return Cursor(self.epoch, self.schema, self.places | {scope: Place(pos, since if since > pos else 0)})

    def with_scopes(self, scopes: Iterable[str], heads: Mapping[str, int]) -> "Cursor":
        """The cursor for the scopes held now: withdrawn ones left out, granted ones begun from 0."""
        return Cursor(
            self.epoch,
            self.schema,
            {scope: self.places.get(scope) or Place(0, heads.get(scope, 0)) for scope in scopes},
        )

    def below(self, horizons: Mapping[str, int]) -> bool:
        """Whether notices that this reader still needs may have been purged."""
        return any(
            max(place.pos, place.since) < horizons.get(scope, 0) for scope, place in self.places.items()
        )


def start(epoch: int, schema: int, scopes: Iterable[str], heads: Mapping[str, int]) -> Cursor:
    """The cursor of a reader that has nothing."""
    return Cursor(epoch, schema, {}).with_scopes(scopes, heads)


def parse(text: str) -> Cursor:
    """Reads a cursor back. Raises SyncError `resync` for what no version of this code can have written."""
    match = _CURSOR.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise SyncError("resync")
    places: dict[str, Place] = {}
    for part in filter(None, match["groups"].split(";")):
        group = _GROUP.fullmatch(part)
        if group is None:
            raise SyncError("resync")
        pos, since = int(group["pos"]), int(group["since"] or 0)
        place = Place(pos, since if since > pos else 0)
        places |= dict.fromkeys(filter(None, group["scopes"].split(",")), place)
    return Cursor(int(match["epoch"]), int(match["schema"]), places)
