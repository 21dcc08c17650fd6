"""Who is asking: the application fills it from the session, `sync` only reads it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deputised:
    """In whose place a caller acts in `roles`, which he does not hold himself."""

    person: str
    name: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person with the rights of this request.

    `scopes` are all scopes the person may read now (`org`, `control`, `u:<unit>`, `p:<person>`); what lives
    in another scope does not exist for this caller. `roles` are his own and those of `deputised`.
    """

    org: str
    person: str
    name: str
    roles: frozenset[str]
    scopes: tuple[str, ...]
    device: str | None = None
    unit: str | None = None
    deputised: tuple[Deputised, ...] = ()
