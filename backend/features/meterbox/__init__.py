"""Meter-box hazards."""

from dataclasses import replace

from backend.feature import Feature
from backend.features.checks.service import may_amend, on_accept
from backend.features.meterbox.model import HAZARD
from backend.features.meterbox.service import check, derive, on_submit

feature = Feature(
    name="meterbox",
    kinds=(replace(HAZARD, check=check, derive=derive),),
    on={"hazard.submit": on_submit, "hazard.accept": on_accept, "hazard.amend": may_amend},
)
