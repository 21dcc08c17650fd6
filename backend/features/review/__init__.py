"""Review: remarks and their answers, decisions taken back, second looks, live word that others decided."""

from backend.feature import Feature
from backend.features.review import second_api, tables
from backend.features.review.api import router
from backend.features.review.service import (
    HANDED_IN,
    REVIEWED,
    deciding,
    on_handed_in,
    on_reject,
    on_reopen,
    on_return,
    on_second,
)

_NAMES = [kind.name for kind in REVIEWED]

feature = Feature(
    name="review",
    on={
        **{f"{name}.return": on_return for name in _NAMES},
        **{f"{name}.reject": on_reject for name in _NAMES},
        **{f"{name}.reopen": on_reopen for name in _NAMES},
        **{f"{name}.second": on_second for name in _NAMES},
        **{f"{name}.{HANDED_IN.get(name, 'submit')}": on_handed_in for name in _NAMES},
    },
    tables=tables.metadata,
    routers=(router(), second_api.router()),
)


def as_set(share_pct: float, sample_pct: float) -> Feature:
    """The part that follows the company's settings, both in %: second looks, and the sample of a bulk acceptance."""
    on_decided = deciding(share_pct, sample_pct)
    return Feature(
        name="review_as_set",
        on={
            f"{kind.name}.{event.name}": on_decided
            for kind in REVIEWED
            for event in kind.events
            if event.name in ("accept", "return", "reject")
        },
    )
