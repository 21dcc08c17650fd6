"""Units and people."""

from backend.feature import Feature
from backend.features.org.api import router
from backend.features.org.model import PERSON, UNIT

feature = Feature(name="org", kinds=(UNIT, PERSON), routers=(router(),))
