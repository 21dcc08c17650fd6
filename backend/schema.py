"""All tables of an installation, as the migrations compare them."""

from sqlalchemy import MetaData

import media.tables
import sync.tables
from backend import audit, evidence, jobs, phones
from backend.access import tables as access_tables
from backend.custody import tables as custody_tables
from backend.features import FEATURES
from backend.lists import tables as lists_tables
from backend.notices import tables as notices_tables

METADATA: tuple[MetaData, ...] = (
    sync.tables.metadata,
    media.tables.metadata,
    access_tables.metadata,
    jobs.metadata,
    audit.metadata,
    evidence.metadata,
    phones.metadata,
    custody_tables.metadata,
    lists_tables.metadata,
    notices_tables.metadata,
    *(feature.tables for feature in FEATURES if feature.tables is not None),
)
