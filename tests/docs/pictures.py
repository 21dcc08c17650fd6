"""`make pictures`: the screens that README and docs show, taken from the demo company in a real browser."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support import still
from tests.support.phone import PHONE, Shots, fill_hazard, fill_infrared, fill_sign_in, submit
from tests.support.screens import company, places
from tests.support.server import ROOT

IMAGES = ROOT / "docs" / "images"
DESK = {"width": 1440, "height": 900}
HERE = {"latitude": 36.3502, "longitude": 114.2003, "accuracy": 6}  # in the demo company's county
SETTLED_MS = 1_500


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = company(Path(folder) / "data")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            of_phone(browser, server.url, places(server), Shots.taken(Path(folder) / "shots"))
            of_desk(browser, server.url)
        finally:
            browser.close()
            server.kill()


def opened(browser: Browser, url: str, login: str, size: dict[str, int], scale: float) -> Page:
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        device_scale_factor=scale,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        geolocation=HERE,  # type: ignore[arg-type]
        permissions=["geolocation"],
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.clock.set_fixed_time(still.NOW)
    page.goto(url)
    fill_sign_in(page, login)
    expect(page.get_by_test_id("sync-strip")).to_have_attribute("data-synced", "true", timeout=60_000)
    return page


def take(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=80)
    print(f"docs/images/{name}.jpg")


def of_phone(browser: Browser, url: str, ids: dict[str, str], shots: Shots) -> None:
    page = opened(browser, f"{url}/signin", "duchayuan", PHONE, 1.5)
    take(page, "phone-today")
    page.goto(f"{url}/r/infrared/{ids['infrared']}")
    expect(page.get_by_test_id("open-photo").first).to_be_visible()
    take(page, "phone-record")
    page.goto(f"{url}/find/near")
    expect(page.locator("[data-far]").first).to_be_visible()
    take(page, "phone-near")
    fill_infrared(page, url, shots)
    page.get_by_test_id("judgement").scroll_into_view_if_needed()
    take(page, "phone-infrared")
    page.get_by_test_id("measure").click()
    expect(page.get_by_test_id("thermal")).to_have_attribute("data-ready", "true", timeout=60_000)
    page.get_by_test_id("tool-hot").click()
    take(page, "phone-thermal")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.context.set_offline(True)
    fill_hazard(page, url, shots.box)
    submit(page)
    page.goto(f"{url}/sync")
    take(page, "phone-sync")
    crew = opened(browser, f"{url}/signin", "qiangxiu", PHONE, 1.5)
    crew.get_by_test_id("go-repair").last.click()
    expect(crew.get_by_test_id("repair-clock")).to_be_visible()
    take(crew, "phone-job")
    crew.goto(f"{url}/points")
    expect(crew.get_by_test_id("points-balance")).to_be_visible()
    take(crew, "phone-points")


def of_desk(browser: Browser, url: str) -> None:
    page = opened(browser, f"{url}/desk/review", "zhuguan", DESK, 1)
    for _ in range(20):  # the first record of the queue with a thermal picture
        if page.get_by_test_id("judgement-reason").is_visible():
            break
        page.keyboard.press("j")
        page.wait_for_timeout(300)
    take(page, "desk-review")
    for name in ("violations", "ledger", "board", "records", "zeros"):
        page.goto(f"{url}/desk/{name}")
        take(page, f"desk-{name}")
    admin = opened(browser, f"{url}/desk/staff", "guanli", DESK, 1)
    admin.get_by_test_id("staff-line").filter(has_text="王建国").click()
    take(admin, "desk-staff")
    admin.goto(f"{url}/desk/rules?part=points")
    take(admin, "desk-rules")


if __name__ == "__main__":
    main()
