"""A phone that the company stopped: what the server has goes from it, what only it has comes out first."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.support.axe import findings
from tests.support.look import in_both_languages
from tests.support.phone import Shots, fill_hazard, phone, sign_in, submit
from tests.support.server import Server

API = "**/api/**"
OPENED = """async () => {
    const [found] = (await indexedDB.databases()).filter(({ name }) => /^mingcha-[0-9a-f]/.test(name))
    if (!found) return null
    const asked = indexedDB.open(found.name)
    await new Promise((resolve, reject) => Object.assign(asked, { onsuccess: resolve, onerror: reject }))
    const got = (table, how, ...what) => {
        const wanted = asked.result.transaction(table).objectStore(table)[how](...what)
        return new Promise((resolve) => (wanted.onsuccess = () => resolve(wanted.result)))
    }
    const answer = await (%s)(got)
    asked.result.close()
    return answer
}"""
COUNTS = (
    OPENED
    % """async (got) => {
        const packs = await got('packs', 'getAll')
        const rows = packs.reduce((sum, { ids }) => sum + ids.length, 0)
        return [rows, ...await Promise.all(['outbox', 'photos', 'photoBytes'].map((name) => got(name, 'count')))]
    }"""
)
DEVICE = OPENED % "async (got) => (await got('meta', 'get', 'device')).value.id"


def counts(page: Page) -> list[int] | None:
    found: list[int] | None = page.evaluate(COUNTS)
    return found


def test_a_revoked_phone_forgets_what_the_server_has_and_hands_over_the_rest(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    shots = Shots.taken(tmp_path / "shots")
    try:
        with phone(playwright, tmp_path / "phone") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            page.goto(f"{server.url}/sync")
            expect(page.get_by_test_id("sync-now")).to_be_enabled()
            page.wait_for_function(f"async () => ((await ({COUNTS})()) ?? [0])[0] > 100")
            page.route(API, lambda route: route.abort())
            fill_hazard(page, server.url, shots.box)
            submit(page)
            server.run("user", "revoke", page.evaluate(DEVICE))
            page.unroute(API)
            page.goto(f"{server.url}/sync")
            page.get_by_test_id("sync-now").click()
            expect(page.get_by_text("这台设备已被停用，服务器已有的资料已从本机删除")).to_be_visible()
            page.wait_for_function(f"async () => ((await ({COUNTS})()) ?? [1])[0] === 0")
            left = counts(page)
            assert left is not None
            assert left == [0, left[1], 1, 1]
            assert left[1] >= 2, "the record and its submission"
            expect(page.get_by_test_id("revoked-empty")).to_have_count(0)
            assert findings(page) == []

            file = tmp_path / "rescue.mcr"
            with page.expect_download() as waiting:
                page.get_by_test_id("rescue-export").click()
            waiting.value.save_as(file)
            assert file.stat().st_size > shots.box.stat().st_size
            empty = page.get_by_test_id("revoked-empty")
            in_both_languages(page, "revoked", "revoked-empty", lambda _: expect(empty).to_be_visible())
            empty.click()
            page.get_by_test_id("ask-ok").click()
            expect(page.get_by_test_id("signin-gone")).to_be_visible()
            assert counts(page) is None
            page.goto(server.url)
            expect(page.get_by_test_id("signin-login")).to_be_visible()
    finally:
        server.kill()
