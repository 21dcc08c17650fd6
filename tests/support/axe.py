"""axe-core in the page of a browser test."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.support.server import ROOT

AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
# WCAG 2.2 AA has it; axe leaves it out unless it is asked for.
RULES = "{ 'target-size': { enabled: true } }"
SETTLED_MS = 400  # a sheet slides in for 200 ms, and axe measures colours


def findings(page: Page) -> list[str]:
    """What axe finds on the page as it stands: rule and place."""
    expect(page.locator(".starting")).to_have_count(
        0, timeout=60_000
    )  # what stands there until the app has begun
    page.wait_for_timeout(SETTLED_MS)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(f"axe.run({{ rules: {RULES} }}).then((result) => result.violations)")
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
        if not _scrolled_under(one["id"], node)
    ]


def _scrolled_under(rule: str, node: dict[str, Any]) -> bool:
    """A target that lies half under a bar: scrolling brings it out."""
    said = [check["data"] or {} for check in (*node["any"], *node["all"], *node["none"])]
    return rule == "target-size" and any("bscured" in str(data.get("messageKey")) for data in said)
