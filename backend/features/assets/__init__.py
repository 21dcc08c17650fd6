"""Equipment and meter boxes."""

from backend.feature import Feature
from backend.features.assets.api import router
from backend.features.assets.model import EQUIPMENT, METER_BOX

feature = Feature(name="assets", kinds=(EQUIPMENT, METER_BOX), routers=(router(),))
