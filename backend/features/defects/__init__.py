"""The closed loop of defects."""

from backend.feature import Feature
from backend.features.defects.model import DEFECT
from backend.features.defects.service import (
    hazard_submitted,
    infrared_decided,
    infrared_submitted,
    rechecked,
    record_rejected,
)

feature = Feature(
    name="defects",
    kinds=(DEFECT,),
    on={
        "infrared.submit": infrared_submitted,
        "hazard.submit": hazard_submitted,
        "infrared.amend": infrared_submitted,
        "hazard.amend": hazard_submitted,
        "infrared.accept": infrared_decided,
        "infrared.reject": record_rejected,
        "hazard.reject": record_rejected,
        "defect.recheck_pass": rechecked,
        "defect.recheck_fail": rechecked,
    },
)
