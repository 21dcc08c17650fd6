"""One driver for the browsers of a file; a test that fails by chance is named, not hidden."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

# A page on a busy machine may take its time: what does not come in half a minute does not come.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


# What a screen does is the same over both pairs, whose answers are compared below the browser; and each test that
# asks for a look at a screen opens it in both languages. So a story is played once in `make test`, on the first pair
# and in Chinese. Both ways stay: recording offline and sending it, for there the phone meets the store; the looks of
# all screens, and what axe says of them.
OTHERS = ("postgresql+minio", "en")
ON_BOTH = ("test_field.py", "test_screens.py")


def _is_told_already(item: pytest.Item) -> bool:
    given = (
        item.callspec.params.values()
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else ()
    )
    on_both = item.path.name in ON_BOTH or "axe" in item.name
    return not on_both and any(value in OTHERS for value in given)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test that fails is played once more: two failures are red, one is listed as RERUN to be mended."""
    for item in items:
        if item.nodeid.startswith("tests/browser/"):
            item.add_marker(pytest.mark.flaky(reruns=1))
            if _is_told_already(item):
                item.add_marker(pytest.mark.whole)
