"""Inspection findings."""

from dataclasses import replace

from backend.feature import Feature
from backend.features.checks.model import FINDING
from backend.features.checks.service import check, derive, on_accept, on_amend, on_submit

feature = Feature(
    name="checks",
    kinds=(replace(FINDING, check=check, derive=derive),),
    on={"finding.submit": on_submit, "finding.accept": on_accept, "finding.amend": on_amend},
)
