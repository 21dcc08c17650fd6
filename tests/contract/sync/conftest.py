from collections.abc import AsyncIterator

import pytest

from backend.db import Database
from tests.contract.sync.company import Company


@pytest.fixture
async def company(database_url: str) -> AsyncIterator[Company]:
    """An empty company on each database in turn."""
    db = Database(database_url)
    yield await Company(db).open()
    await db.close()
