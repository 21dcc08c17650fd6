"""Repair jobs."""

from backend.feature import Feature
from backend.features.repair.model import REPAIR
from backend.features.repair.service import (
    accepted,
    arrived,
    defect_opened,
    defect_regraded,
    defect_voided,
    received,
    restored,
    step_amended,
)

feature = Feature(
    name="repair",
    kinds=(REPAIR,),
    on={
        "defect.create": defect_opened,
        "defect.recheck_fail": defect_opened,
        "defect.regrade": defect_regraded,
        "defect.void": defect_voided,
        "repair.receive": received,
        "repair.arrive": arrived,
        "repair.restore": restored,
        "repair.accept": accepted,
        "repair.amend": step_amended,
    },
)
