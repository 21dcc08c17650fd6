"""Units and people."""

from backend.feature import Feature
from backend.features.org.model import PERSON, UNIT

feature = Feature(name="org", kinds=(UNIT, PERSON))
