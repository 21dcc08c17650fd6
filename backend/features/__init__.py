"""The features in order: a later one may react to an earlier one, never the other way."""

from backend.features.assets import feature as assets
from backend.features.checks import feature as checks
from backend.features.defects import feature as defects
from backend.features.editions import feature as editions
from backend.features.forms import feature as forms
from backend.features.infrared import feature as infrared
from backend.features.meterbox import feature as meterbox
from backend.features.org import feature as org
from backend.features.points import feature as points
from backend.features.repair import feature as repair
from backend.features.review import feature as review

FEATURES = (org, assets, editions, checks, infrared, meterbox, defects, forms, repair, points, review)
