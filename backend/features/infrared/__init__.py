"""Infrared inspection."""

from dataclasses import replace

from backend.feature import Feature
from backend.features.infrared.api import router
from backend.features.infrared.model import INFRARED
from backend.features.infrared.service import derive, on_accept, on_amend, on_submit

feature = Feature(
    name="infrared",
    kinds=(replace(INFRARED, derive=derive),),
    on={"infrared.submit": on_submit, "infrared.accept": on_accept, "infrared.amend": on_amend},
    routers=(router(),),
)
