"""Everything that can be wrong with a phone has its own words and a way out, and loses nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.support.axe import findings
from tests.support.look import in_both_languages, look
from tests.support.phone import Shots, choose, fill_sign_in, open_form, phone, sign_in
from tests.support.server import Server

# Faults of a real browser's database, called up by the test: no room, a transaction broken off, a connection lost.
FAULTS = """
window.fault = { full: '', aborts: 0, lost: 0 }
const { fault } = window
const stores = IDBObjectStore.prototype
const is = { put: stores.put, add: stores.add, delete: stores.delete }
const { transaction } = IDBDatabase.prototype
const estimate = StorageManager.prototype.estimate
for (const name of ['put', 'add']) stores[name] = function (...given) {
    const text = ['outbox', 'drafts'].includes(this.name)
    if ((fault.full && this.name === 'photoBytes') || (fault.full === 'text' && text))
        throw new DOMException('full', 'QuotaExceededError')
    return is[name].apply(this, given)
}
stores.delete = function (what) {
    const reserve = what instanceof IDBKeyRange ? what.includes('reserve') : what === 'reserve'
    if (this.name === 'meta' && reserve && fault.full) fault.full = 'photos'
    return is.delete.call(this, what)
}
IDBDatabase.prototype.transaction = function (...given) {
    if (fault.lost > 0 && this.name !== 'mingcha') {
        fault.lost -= 1
        throw new DOMException('Connection to Indexed Database server lost', 'InvalidStateError')
    }
    const made = transaction.apply(this, given)
    const saves = ['outbox', 'drafts'].every((name) => made.objectStoreNames.contains(name))
    if (fault.aborts > 0 && given[1] === 'readwrite' && saves) {
        fault.aborts -= 1
        queueMicrotask(() => made.abort())
    }
    return made
}
StorageManager.prototype.estimate = async function () {
    const used = Number(localStorage.getItem('test.used'))
    return used ? { usage: used * 1e9, quota: 1e9 } : estimate.call(this)
}
"""
CHAT_APP = """
delete Navigator.prototype.serviceWorker
Object.defineProperty(navigator, 'userAgent', { get: () => 'Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50' })
"""
LOSE_KEY = """async (person) => new Promise((done) => {
    const asked = indexedDB.open(`mingcha-${person}`)
    asked.onsuccess = () => {
        const work = asked.result.transaction('meta', 'readwrite')
        const meta = work.objectStore('meta')
        meta.delete('deviceKey')
        meta.get('device').onsuccess = ({ target }) =>
            meta.put({ key: 'device', value: { ...target.result.value, registered: false, keyed: false } })
        work.oncomplete = () => { asked.result.close(); done(true) }
    }
})"""


def fault(page: Page, **what: object) -> None:
    page.evaluate("what => Object.assign(window.fault, what)", what)


def save_text(page: Page, url: str, fact: str) -> None:
    """A finding, half filled: text alone."""
    open_form(page, url, "finding")
    choose(page, "unit", "城关供电所")
    page.get_by_test_id("field-fact").fill(fact)


def saved(page: Page) -> None:
    page.get_by_test_id("save").click()
    expect(page).to_have_url(re.compile("/r/finding/"), timeout=30_000)


def today(page: Page) -> None:
    page.get_by_test_id("tab-me").click()
    page.get_by_test_id("tab-today").click()


def sign_out(page: Page, url: str) -> None:
    page.goto(f"{url}/me")
    page.get_by_test_id("sign-out").click()
    page.get_by_test_id("ask-ok").click()
    expect(page).to_have_url(re.compile("/signin"), timeout=30_000)


def test_each_trouble_says_what_is_safe_and_what_to_do(playwright: Playwright, tmp_path: Path) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    url = server.url
    proof = Shots.taken(tmp_path / "shots").proof
    try:
        with phone(playwright, tmp_path / "profile") as context:
            context.add_init_script(FAULTS)
            page = context.pages[0]
            sign_in(page, url, "duchayuan")
            strip = page.get_by_test_id("sync-strip")
            person = page.evaluate("async () => (await (await fetch('/api/v1/session')).json()).person.id")
            server.stop()

            # No room: the photo is refused with a reason, the text is kept by what was set aside for it.
            save_text(page, url, "手机满了也要记下")
            fault(page, full="text")
            page.get_by_test_id("photo-evidence").set_input_files(proof)
            expect(page.locator("main")).to_contain_text("本机存储已满")
            saved(page)
            assert page.evaluate("window.fault.full") == "photos", "the room set aside was given up"
            # A transaction broken off, and a connection lost once: the save goes through by itself.
            fault(page, full="")
            page.get_by_test_id("tab-record").click()
            page.get_by_test_id("new-finding").click()
            choose(page, "unit", "城关供电所")
            page.get_by_test_id("field-fact").fill("事务中断")
            fault(page, aborts=1)
            saved(page)
            assert page.evaluate("window.fault.aborts") == 0
            page.get_by_test_id("tab-record").click()
            page.get_by_test_id("new-finding").click()
            choose(page, "unit", "城关供电所")
            page.get_by_test_id("field-fact").fill("连接断开")
            fault(page, lost=1)
            saved(page)
            # The connection is gone for good: it is said, and opening anew shows all three.
            fault(page, lost=1_000_000)
            page.get_by_test_id("tab-record").click()
            expect(page.get_by_test_id("trouble-broken")).to_contain_text("没上传的记录还在本机")
            assert findings(page) == []
            look(page, "trouble-broken", whole=False)
            page.get_by_test_id("trouble-broken-act").click()
            expect(page.locator('[data-testid="record-line"] [data-where="local"]')).to_have_count(3)

            # Three quarters full, and nothing promised about the data that only this phone has.
            page.evaluate("localStorage.setItem('test.used', '0.74')")
            page.goto(url)
            expect(page.get_by_test_id("trouble-filling")).to_contain_text("已用 74%")
            expect(page.get_by_test_id("trouble-not_kept")).to_contain_text("3 条只在本机")
            in_both_languages(page, "trouble-filling", "trouble-filling")
            page.get_by_test_id("trouble-filling-act").click()
            expect(page.locator("body")).to_contain_text("没有可以清理的：照片都还没有上传")
            page.evaluate("localStorage.setItem('test.used', '0.9')")
            today(page)
            expect(page.get_by_test_id("trouble-full")).to_contain_text("文字总能保存")
            page.evaluate("localStorage.removeItem('test.used')")
            page.get_by_test_id("trouble-not_kept-act").click()
            expect(page).to_have_url(re.compile("/me$"))

            # Signed out with unsent work; the next person is told of it and sees none of it.
            sign_out(page, url)
            expect(page.get_by_test_id("signin-left")).to_contain_text("3 条留在本机")
            in_both_languages(page, "trouble-left-signin", "signin-left")
            server.start()
            sign_in(page, url, "qiangxiu")
            page.goto(url)
            expect(page.get_by_test_id("trouble-left")).to_contain_text("有没传完的记录")
            look(page, "trouble-left", whole=False)
            assert findings(page) == []
            assert "手机满了也要记下" not in page.content()
            sign_out(page, url)
            sign_in(page, url, "duchayuan")
            page.goto(url)
            expect(strip).to_have_attribute("data-waiting", "0", timeout=60_000)
            expect(page.get_by_test_id("trouble-left")).to_have_count(0)

            # The app in two windows; one form in one of them only.
            open_form(page, url, "finding")
            expect(page.get_by_test_id("save")).to_be_visible()
            form = page.url
            other = context.new_page()
            other.goto(form)
            expect(other.get_by_test_id("trouble-elsewhere")).to_contain_text("正在另一个窗口里填")
            in_both_languages(other, "trouble-elsewhere", "trouble-elsewhere")
            other.get_by_test_id("tab-today").click()
            expect(other.get_by_test_id("trouble-other_tab")).to_contain_text(
                "由那个窗口上传", timeout=30_000
            )
            look(other, "trouble-other_tab", whole=False)
            page.goto(f"{url}/me")
            other.goto(form)
            expect(other.get_by_test_id("save")).to_be_visible()
            other.close()

            # An app too old to receive says so, and goes on sending.
            context.route(
                re.compile("/api/v1/sync/pull"),
                lambda route: route.fulfill(
                    status=426,
                    content_type="application/problem+json",
                    body=json.dumps({"code": "schema_too_old"}),
                ),
            )
            page.goto(f"{url}/sync")
            page.get_by_test_id("sync-now").click()
            expect(page.get_by_test_id("trouble-old")).to_contain_text("没上传的不会丢", timeout=60_000)
            look(page, "trouble-old", whole=False)
            page.get_by_test_id("trouble-old-act").click()
            context.unroute(re.compile("/api/v1/sync/pull"))
            expect(strip).to_have_attribute("data-phase", "idle", timeout=60_000)
            expect(page.get_by_test_id("trouble-old")).to_have_count(0)

            # The key was lost: the phone is a new device, which is said until it was read.
            page.evaluate(LOSE_KEY, person)
            page.goto(url)
            expect(page.get_by_test_id("trouble-key")).to_contain_text("已作为新设备登记", timeout=60_000)
            look(page, "trouble-key", whole=False)
            page.get_by_test_id("trouble-key-act").click()
            expect(page.get_by_test_id("trouble-key")).to_have_count(0)

            # The session ended with work unsent: one tap leads to the sign-in, then it is sent.
            context.clear_cookies()
            save_text(page, url, "登录过期时记下")
            saved(page)
            page.goto(url)
            expect(page.get_by_test_id("trouble-signin")).to_contain_text("1 条在本机", timeout=60_000)
            look(page, "trouble-signin", whole=False)
            page.get_by_test_id("trouble-signin-act").click()
            fill_sign_in(page, "duchayuan")
            expect(strip).to_have_attribute("data-waiting", "0", timeout=60_000)

            # Inside a chat app: to look at only, and how to get out of it.
            inside = context.new_page()
            inside.add_init_script(CHAT_APP)
            inside.goto(url)
            notice = inside.get_by_test_id("trouble-browser")
            expect(notice).to_contain_text("在浏览器打开")
            expect(notice).to_contain_text(url)
            expect(inside.get_by_test_id("todo").first).to_be_visible()
            inside.goto(f"{url}/record")
            inside.get_by_test_id("new-finding").click()
            expect(inside).to_have_url(re.compile("/view-only"))
            in_both_languages(inside, "trouble-browser", "trouble-browser")
            assert inside.get_by_test_id("save").count() == 0
    finally:
        server.kill()
