"""Before a round: red until each item was read back without a network, one tap fetches what is missing."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, Request, expect

from tests.support.look import in_both_languages, look
from tests.support.phone import phone, sign_in
from tests.support.server import Server

LOSE = """async ({ person }) => {
    const open = (name) => new Promise((done, fail) => {
        const asked = indexedDB.open(name)
        asked.onsuccess = () => done(asked.result)
        asked.onerror = () => fail(asked.error)
    })
    const ask = (request) => new Promise((done, fail) => {
        request.onsuccess = () => done(request.result)
        request.onerror = () => fail(request.error)
    })
    const db = await open(`mingcha-${person}`)
    const packs = () => db.transaction('packs', 'readwrite').objectStore('packs')
    const round = await ask(db.transaction('meta').objectStore('meta').get('round'))
    const rows = (await ask(packs().getAll())).flatMap((pack) => JSON.parse(pack.rows))
    const devices = rows.filter(({ kind }) => kind === 'equipment').map(({ id }) => id)
    const named = new Set(rows.map(({ data }) => data.equipment)) // a job without its thing says that first
    const lost = devices.find((id) => round.value.register.includes(id) && !named.has(id))
    const pack = await ask(packs().index('ids').get(lost))
    const left = JSON.parse(pack.rows).filter(({ id }) => id !== lost)
    await ask(packs().put({ ...pack, ids: left.map(({ id }) => id), rows: JSON.stringify(left) }))
    await ask(db.transaction('thumbs', 'readwrite').objectStore('thumbs').clear())
    db.close()
    for (const name of await caches.keys())
        for (const request of await (await caches.open(name)).keys())
            if (/assets\\/checklist-.*js$/.test(request.url)) await (await caches.open(name)).delete(request)
    return lost
}"""
HAS = """async ({ person, id }) => new Promise((done) => {
    const asked = indexedDB.open(`mingcha-${person}`)
    asked.onsuccess = () => {
        const found = asked.result.transaction('packs').objectStore('packs').index('ids').count(id)
        found.onsuccess = () => { asked.result.close(); done(found.result === 1) }
    }
})"""


def let_it_keep_its_data(context: BrowserContext, url: str) -> None:
    """What installing does on a real phone: the browser promises to keep the data."""
    session = context.new_cdp_session(context.pages[0])
    session.send("Browser.grantPermissions", {"origin": url, "permissions": ["durableStorage"]})


def states(page: Page) -> dict[str, str]:
    """State and sentence of each line, once it has been read."""
    expect(page.get_by_test_id("ready-told")).not_to_have_attribute(
        "data-doing", re.compile("."), timeout=90_000
    )
    found = page.locator('[data-testid^="ready-"][data-say]')
    return {
        (one.get_attribute("data-testid") or "").removeprefix("ready-"): " ".join(
            (one.get_attribute("data-state") or "", one.get_attribute("data-say") or "")
        )
        for one in found.all()
    }


def fetch(page: Page) -> dict[str, str]:
    page.locator('[data-testid="ready-fetch"], [data-testid="ready-again"]').click()
    expect(page.get_by_test_id("ready-told")).to_have_attribute("data-doing", re.compile("."))
    return states(page)


def red(found: dict[str, str]) -> dict[str, str]:
    return {item: said.split()[1] for item, said in found.items() if said.startswith("bad")}


def test_a_phone_is_ready_only_when_each_item_was_read_back_without_a_network(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    try:
        with phone(playwright, tmp_path / "profile") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            page.goto(server.url)
            card = page.get_by_test_id("todo").filter(has=page.get_by_test_id("unread")).first
            expect(card).to_contain_text("原因未读")
            expect(page.get_by_test_id("to-ready")).to_contain_text("今天还没有检查")
            unread = page.get_by_test_id("unread").count()
            look(page, "today-unread")
            card.get_by_test_id("go-returned").click()
            expect(page.get_by_test_id("submit")).to_be_visible()
            page.get_by_role("button", name="返回").click()  # out of the form: a start would come back to it
            page.goto(f"{server.url}/me")
            expect(page.get_by_test_id("sign-out")).to_be_visible()
            page.goto(server.url)
            expect(page.get_by_test_id("todo").first).to_be_visible()
            expect(page.get_by_test_id("unread")).to_have_count(unread - 1)

            page.get_by_test_id("to-ready").click()
            first = states(page)
            assert red(first)["register"] == "never"
            assert red(first)["persisted"] == "lacking"
            assert first["map"] == "bad never"
            in_both_languages(page, "ready-red", "ready-map", states)

            let_it_keep_its_data(context, server.url)
            done = fetch(page)
            for _ in range(20):  # the server makes its small views a little after it got the photos
                if done["jobs"] == "ok ok":
                    break
                page.wait_for_timeout(3_000)
                done = fetch(page)
            assert red(done) == {}, done
            assert done["map"] == "none none"
            assert done["jobs"] == "ok ok", page.get_by_test_id("ready-jobs").inner_text()
            expect(page.get_by_test_id("ready-told")).to_contain_text("可以离线工作")
            person = page.evaluate("async () => (await (await fetch('/api/v1/session')).json()).person.id")

            server.stop()
            lost = page.evaluate(LOSE, {"person": person})
            context.on("request", note)
            page.reload()
            lacking = red(states(page))
            assert lacking["register"] == lacking["rules"] == lacking["app"] == "lacking"
            assert lacking["jobs"] == "photos"
            expect(page.get_by_test_id("ready-told")).to_have_attribute("data-ready", "false")
            fetch(page)
            expect(page.get_by_test_id("ready-hindered")).to_contain_text("连不上服务器")
            look(page, "ready-hindered")

            server.start()
            mended = fetch(page)
            assert red(mended) == {}, mended
            assert page.evaluate(HAS, {"person": person, "id": lost})

            server.stop()
            asked.clear()
            page.reload()
            assert red(states(page)) == {}
            expect(page.get_by_test_id("ready-told")).to_have_attribute("data-ready", "true")
            answered = [url for url in asked if "/api/v1/photos/" in url or url.endswith("/w320")]
            assert answered == [], "a check asks the network for nothing that it says is here"
            server.start()
            in_both_languages(page, "ready-green", "ready-map", states)
            page.goto(server.url)
            expect(page.get_by_test_id("to-ready")).to_contain_text("可以离线工作")

            page.goto(f"{server.url}/me")
            page.get_by_test_id("sign-out").click()
            page.get_by_test_id("ask-ok").click()
            expect(page).to_have_url(re.compile("/signin"))
            sign_in(page, server.url, "qiangxiu")
            page.goto(server.url)
            clock = page.get_by_test_id("todo-clock").first
            expect(clock).to_be_visible()
            expect(clock.locator("b")).to_have_text(re.compile(r"^(\d\d:\d\d|\d+) "))
            due = [page.get_by_test_id("todo-clock").nth(n).inner_text() for n in range(2)]
            assert due, "the crew's jobs carry their clocks"
            in_both_languages(page, "today-crew", "todo-clock")
    finally:
        server.kill()
