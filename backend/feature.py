"""What a domain feature gives to the application."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from litestar.types import ControllerRouterHandler
from sqlalchemy import MetaData

from sync.kinds import Kind
from sync.push import Context, Entry, Op, Reaction, Row


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One folder of backend/features.

    `on` says what an event of a record causes here, as "<kind>.<event>": in the same transaction, its refusal
    rejects the operation. `routers` are mounted as they are and ask for `caller`, `db`, `clock`, `engine` by
    name.
    """

    name: str
    kinds: tuple[Kind, ...] = ()
    on: Mapping[str, Reaction] = field(default_factory=dict)
    tables: MetaData | None = None
    routers: tuple[ControllerRouterHandler, ...] = ()


def reactions(features: Sequence[Feature]) -> dict[str, list[Reaction]]:
    """All reactions, an event's in the order of the features.

    A record of practice is checked by its own feature and causes nothing in others.
    """
    found: dict[str, list[Reaction]] = {}
    for feature in features:
        own = {kind.name for kind in feature.kinds}
        for name, reaction in feature.on.items():
            checks = name.split(".")[0] in own
            found.setdefault(name, []).append(reaction if checks else _unless_practice(reaction))
    return found


def _unless_practice(reaction: Reaction) -> Reaction:
    async def react(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
        return () if row.body.get("practice") else await reaction(ctx, row, entry)

    return react
