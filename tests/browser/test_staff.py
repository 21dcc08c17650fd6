"""An administrator at the desk: units, people, roles with their days, a deputy, and a phone signed in by its code."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.support.client import PASSWORD, signed_in
from tests.support.look import in_both_languages
from tests.support.phone import phone, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.timeout(600)
SLOW = 90_000
TODAY = date.today()
HEAD = ["编号", "名称", "单位", "线路", "类型", "发热部位", "电压kV", "台区"]
ROW = ["NX-1", "10kV 新城线 1# 变压器", "新城供电所", "新城线", "变压器", "C01", "10", "新城台区"]


def by_keys(page: Page, field: str, text: str) -> None:
    """Typed without a mouse."""
    page.get_by_test_id(field).focus()
    page.keyboard.type(text)


def saved(page: Page) -> None:
    expect(page.get_by_test_id("staff-said")).to_be_visible(timeout=SLOW)


def table(*rows: list[str]) -> bytes:
    """As a Chinese Excel saves it."""
    return "\r\n".join(",".join(row) for row in rows).encode("gb18030")


def chosen(page: Page, raw: bytes) -> None:
    file = {"name": "设备.csv", "mimeType": "text/csv", "buffer": raw}
    page.get_by_test_id("import-file").set_input_files([file])  # type: ignore[list-item]


def chosen_again(raw: bytes, page: Page) -> None:
    chosen(page, raw)
    expect(page.get_by_test_id("import-bad-cell").first).to_be_visible(timeout=SLOW)


def line(page: Page, name: str) -> Locator:
    return page.get_by_test_id("staff-line").filter(has_text=name)


def shown_to_camera(page: Page, folder: Path) -> Path:
    """The QR code on the desk's screen, as a phone's camera sees it."""
    picture = page.get_by_test_id("phone-code").locator("svg").screenshot()
    wall = Image.new("RGB", (640, 480), (140, 140, 140))
    wall.paste(Image.open(BytesIO(picture)).convert("RGB").resize((400, 400)), (120, 40))
    frame = BytesIO()
    wall.save(frame, "JPEG", quality=90)
    path = folder / "seen.mjpeg"
    path.write_bytes(frame.getvalue() * 10)
    return path


def test_an_administrator_needs_no_command_line_for_people_and_their_phones(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        for login in ("zhuguan", "duchayuan", "qiangxiu"):
            with signed_in(server.url, login, register=False) as other:
                assert other.http.get("/api/v1/staff").status_code == 403
        with phone(playwright, tmp_path / "desk") as desk_context:
            desk = desk_context.pages[0]
            desk.set_viewport_size({"width": 1440, "height": 900})
            sign_in(desk, server.url, "guanli")
            desk.goto(f"{server.url}/desk/staff")
            expect(desk.get_by_test_id("staff-line").first).to_be_visible(timeout=SLOW)

            desk.get_by_test_id("staff-add-unit").focus()
            desk.keyboard.press("Enter")
            by_keys(desk, "unit-name", "新城供电所")
            desk.keyboard.press("Enter")
            expect(line(desk, "新城供电所")).to_be_visible(timeout=SLOW)

            line(desk, "明察县供电公司").first.focus()
            desk.keyboard.press("Enter")
            desk.get_by_test_id("staff-add-person").focus()
            desk.keyboard.press("Enter")
            by_keys(desk, "person-name", "钱新")
            by_keys(desk, "person-post", "督察员")
            by_keys(desk, "person-login", "qianxin")
            by_keys(desk, "person-password", PASSWORD)
            desk.keyboard.press("Enter")
            expect(line(desk, "钱新")).to_be_visible(timeout=SLOW)

            desk.get_by_test_id("role-to").fill((TODAY + timedelta(days=30)).isoformat())
            desk.get_by_test_id("role-give").focus()
            desk.keyboard.press("Enter")
            saved(desk)
            expect(desk.get_by_test_id("role")).to_have_attribute("data-state", "runs")
            desk.get_by_test_id("role-role").select_option("supervisor")
            desk.get_by_test_id("role-of").select_option(index=1)
            desk.get_by_test_id("role-give").click()
            expect(desk.get_by_test_id("role")).to_have_count(2, timeout=SLOW)
            with signed_in(server.url, "qianxin") as new:
                assert new.me["roles"] == ["inspector", "supervisor"]
                assert [one["roles"] for one in new.me["acting_for"]] == [["supervisor"]]
                desk.get_by_test_id("role-end").last.click()
                desk.get_by_test_id("role-end-now").click()
                expect(desk.locator("[data-testid=role][data-state=over]")).to_have_count(1, timeout=SLOW)
                me = new.http.get("/api/v1/session").json()
                assert (me["roles"], me["acting_for"]) == (["inspector"], [])

            desk.get_by_test_id("phone-invite").click()
            expect(desk.get_by_test_id("phone-code-text")).to_have_text(
                re.compile(r"^\w{4}-\w{4}-\w{4}$"), timeout=SLOW
            )
            with phone(playwright, tmp_path / "phone", camera=shown_to_camera(desk, tmp_path)) as context:
                page = context.pages[0]
                page.goto(f"{server.url}/signin")
                page.get_by_test_id("signin-code").click()
                expect(page.get_by_test_id("code-text")).to_be_visible(timeout=SLOW)
                in_both_languages(page, "phone-code", "code-text")
                page.get_by_test_id("code-text").fill("AAAA-BBBB-CCCC")
                page.get_by_test_id("code-submit").click()
                expect(page.get_by_role("alert")).to_contain_text("登记码", timeout=SLOW)
                page.get_by_test_id("code-scan").click()
                expect(page).not_to_have_url(re.compile("/signin"), timeout=SLOW)
                expect(page.get_by_test_id("sync-strip")).to_have_attribute(
                    "data-synced", "true", timeout=SLOW
                )

            line(desk, "周丽").click()  # the only administrator, herself
            desk.get_by_test_id("role-end").click()
            desk.get_by_test_id("role-end-now").click()
            expect(desk.get_by_test_id("staff-trouble")).to_contain_text("管理员", timeout=SLOW)

            line(desk, "钱新").click()
            in_both_languages(desk, "desk-staff", "role", whole=False)
            expect(desk.get_by_test_id("person-phone")).to_have_count(2, timeout=SLOW)
            desk.get_by_test_id("phone-revoke").first.focus()
            desk.keyboard.press("Enter")
            desk.get_by_test_id("ask-ok").click()
            expect(desk.get_by_test_id("phone-revoke")).to_have_count(1, timeout=SLOW)
            expect(desk.locator(".staff__over[data-testid='person-phone']")).to_have_count(1)

            desk.get_by_test_id("desk-import").click()
            wrong = [[*ROW[:2], "新城供电站", *ROW[3:6], "高压", ROW[7]], ["NX-2", "=1+1", *ROW[2:]]]
            chosen(desk, table(HEAD, *wrong))
            expect(desk.get_by_test_id("import-bad-cell")).to_have_count(3, timeout=SLOW)
            expect(desk.get_by_test_id("import-bad-cell").first).to_contain_text("新城供电所")
            expect(desk.get_by_test_id("import-run")).to_have_count(0)
            again = partial(chosen_again, table(HEAD, *wrong))
            in_both_languages(desk, "desk-import", "import-file", again, whole=False)
            chosen(desk, table(HEAD, ROW))
            expect(desk.get_by_test_id("import-change")).to_have_count(1, timeout=SLOW)
            desk.get_by_test_id("import-run").focus()
            desk.keyboard.press("Enter")
            expect(desk.get_by_test_id("import-done")).to_contain_text("1", timeout=SLOW)
            chosen(desk, table(HEAD, ROW))
            expect(desk.get_by_test_id("import-summary")).to_contain_text("相同 1", timeout=SLOW)
    finally:
        server.kill()
