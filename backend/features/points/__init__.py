"""Violation points."""

from backend.feature import Feature
from backend.features.points.api import router
from backend.features.points.model import ENTRY, VIOLATION
from backend.features.points.service import finding_accepted, violation_confirmed, violation_dismissed
from backend.features.points.tables import metadata

feature = Feature(
    name="points",
    kinds=(VIOLATION, ENTRY),
    on={
        "finding.accept": finding_accepted,
        "violation.confirm": violation_confirmed,
        "violation.dismiss": violation_dismissed,
    },
    tables=metadata,
    routers=(router(),),
)
