"""Checklists, rules of points and forms as data of the company: drafts, editions with their day, import."""

from backend.feature import Feature
from backend.features.editions.api import router
from backend.features.editions.model import EDITION
from backend.features.editions.tables import metadata

feature = Feature(name="editions", kinds=(EDITION,), tables=metadata, routers=(router(),))
