"""Screens as people see them: in both languages, through axe, and as pictures when MINGCHA_PICTURES names a folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.axe import findings

LANGUAGES = ("en", "zh-CN")  # the last one stays
PICTURES = os.environ.get("MINGCHA_PICTURES")


def look(page: Page, name: str, *, whole: bool = True) -> None:
    """A picture for a person to look at; `whole`: with what lies below the fold."""
    if PICTURES:
        page.wait_for_timeout(500)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=whole)


def in_both_languages(
    page: Page, name: str, ready: str, then: Callable[[Page], object] | None = None, *, whole: bool = True
) -> None:
    """The page as it opens in each language: `ready` is seen, axe finds nothing. It is left in Chinese.

    `then` brings it to the place that is meant.
    """
    expect(page.get_by_test_id(ready).first).to_be_visible(timeout=90_000)
    for language in LANGUAGES:
        page.evaluate("language => localStorage.setItem('mingcha.language', language)", language)
        page.reload()
        expect(page.get_by_test_id(ready).first).to_be_visible(timeout=90_000)
        if then:
            then(page)
        assert findings(page) == [], f"{name} in {language}"
        look(page, f"{name}-{language[:2]}", whole=whole)
