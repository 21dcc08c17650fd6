"""The phone's database fails wherever a capture writes: it is said, in both languages, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.test_repair import UNDO_MS, job_of
from tests.support.axe import findings
from tests.support.client import signed_in
from tests.support.idbfaults import GONE, KINDS, SCRIPT, fault
from tests.support.look import look
from tests.support.phone import UPRIGHT, add_photo, choose, kept_rows, open_form, phone, shot, sign_in
from tests.support.server import Server

LATE = 60_000
TEXT = {"infrared": "note", "hazard": "note", "finding": "fact"}
WORDS: dict[str, dict[str, str]] = {
    "zh-CN": {
        "full": "没有存下：手机存储已满",
        "failed": "没有存下。请再按一次",
        "draft_full": "手机存储已满，刚填的还没有存到本机",
        "draft_failed": "刚填的还没有存到本机，正在再试",
        "photo_full": "本机存储已满：文字照常保存，照片没有存下",
        "photo_failed": "照片没有存下，请再试一次",
        "step_full": "手机存储已满，这一步还没有记到本机",
        "no_room": "手机存储已满",
        "broken": "没上传的记录还在本机",
    },
    "en": {
        "full": "Not saved: the phone is full",
        "failed": "Not saved. Press once more",
        "draft_full": "The phone is full: what you typed last is not stored yet",
        "draft_failed": "What you typed last is not on this phone yet",
        "photo_full": "The phone is full",
        "photo_failed": "The photo was not kept. Try once more",
        "step_full": "The phone is full: this step is not stored yet",
        "no_room": "The phone is full",
        "broken": "Unsent records are still on this phone",
    },
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("faults")).prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()


@pytest.mark.parametrize("language", list(WORDS))
def test_a_failing_database_is_said_at_each_write_of_a_capture_and_nothing_is_lost(
    playwright: Playwright, company: Server, tmp_path: Path, language: str
) -> None:
    words = WORDS[language]
    try:
        with phone(playwright, tmp_path / "profile", language) as context:
            context.add_init_script(SCRIPT)
            page = context.pages[0]
            sign_in(page, company.url, "duchayuan")
            company.stop()
            for kind in TEXT:
                record = each_save(page, company.url, kind, words, language)
                assert waiting_of(page, record) == ["put"]
            record = photo_and_submit(page, company.url, tmp_path, words)
            assert waiting_of(page, record) == ["put", "submit"]
            company.start()
            the_pull_and_the_answer(page, company.url, record, words, language)
        with signed_in(company.url, "duchayuan", register=False) as client:
            there = client.records("finding")[record]
            assert [one["type"] for one in there["log"]] == ["submit", "amend"]
            assert there["missing"] == []
    finally:
        if not company.running:
            company.start()


def each_save(page: Page, url: str, kind: str, words: dict[str, str], language: str) -> str:
    """Save fails in every way, and goes through once the fault is over; the draft as well. Gives the record."""
    open_form(page, url, kind)
    text, told = page.get_by_test_id(f"field-{TEXT[kind]}"), page.get_by_test_id("unstored")
    expect(text).to_be_visible(timeout=LATE)
    record = page.url.rsplit("/", 1)[1].split("?")[0]
    typed = ""
    for how in ("quota", "abort"):
        with fault(page, how, "drafts"):
            typed += f"{how} "
            text.fill(typed)
            expect(told).to_contain_text(words["draft_full" if how == "quota" else "draft_failed"])
        expect(told).to_have_count(0, timeout=LATE)  # by itself
    for how in KINDS:
        if how == "lost" and kind != "hazard":
            continue
        with fault(page, how, "outbox"):
            page.get_by_test_id("save").click()
            expect(told).to_contain_text(words["full" if how == "quota" else "failed"])
            expect(told).to_be_in_viewport()
            if how == "quota":
                assert findings(page) == []
                look(page, f"unstored-{kind}-{language[:2]}", whole=False)
        expect(text).to_have_value(typed)
    page.get_by_test_id("save").click()
    expect(page).to_have_url(re.compile(f"/r/{kind}/"), timeout=LATE)
    expect(page.locator("main")).to_contain_text(typed.strip())
    return record


def photo_and_submit(page: Page, url: str, folder: Path, words: dict[str, str]) -> str:
    """A photo that cannot be stored is refused with its reason and taken the next time; so is handing in."""
    open_form(page, url, "finding")
    taken = shot(UPRIGHT, folder / "proof.jpg")
    frames, problem = page.locator(".frames__one--full"), page.locator(".frames__problem")
    for how in KINDS:
        with fault(page, how, "photoBytes"):
            page.get_by_test_id("photo-evidence").set_input_files(taken)
            expect(problem).to_contain_text(words["photo_full" if how == "quota" else "photo_failed"])
        expect(frames).to_have_count(0)
    with fault(page, "quota", "thumbs"):  # its small view alone
        add_photo(page, "evidence", taken)
    expect(problem).to_have_count(0)
    fill_the_rest(page)
    refused(page, words)
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile("/r/finding/"), timeout=LATE)
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "local")
    return page.url.rsplit("/", 1)[1]


def refused(page: Page, words: dict[str, str]) -> None:
    """Handing in fails in every way, and says so."""
    told = page.get_by_test_id("unstored")
    for how in ("abort", "lost", GONE):
        for kind, what in (("quota", "full"), (how, "failed")):  # two words in turn: each was said anew
            with fault(page, kind, "outbox"):
                page.get_by_test_id("submit").click()
                expect(told).to_contain_text(words[what])


def fill_the_rest(page: Page) -> None:
    choose(page, "unit", "城关供电所")
    choose(page, "item", "YYT-08")
    page.get_by_test_id("field-fact").fill("未佩戴工号牌")


def the_pull_and_the_answer(page: Page, url: str, record: str, words: dict[str, str], language: str) -> None:
    """What comes and the server's answers do not fit: the person is told, and they are stored once they do."""
    page.goto(f"{url}/sync")
    strip, told = page.get_by_test_id("sync-strip").first, page.get_by_test_id("trouble-no_room")
    for stores, only in ((["outbox"], '"acked"'), (["packs"], "")):
        with fault(page, "quota", *stores, only=only):
            page.get_by_test_id("sync-now").click()
            expect(told).to_contain_text(words["no_room"], timeout=LATE)
            assert findings(page) == []
            look(page, f"no-room-{stores[0]}-{language[:2]}", whole=False)
        if stores == ["outbox"]:
            assert int(strip.get_attribute("data-waiting") or 0) > 0
        with fault(page, "lost", *stores, only=only):
            page.get_by_test_id("sync-now").click()
            page.wait_for_function("() => window.fault.hits > 0", timeout=LATE)
    gone_and_back(page, words)
    expect(strip).to_have_attribute("data-waiting", "0", timeout=2 * LATE)
    expect(told).to_have_count(0, timeout=LATE)
    page.goto(f"{url}/r/finding/{record}")
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "sent", timeout=LATE)
    page.get_by_test_id("amend").click()
    page.get_by_test_id("field-amend-reason").fill("写错了")
    page.get_by_test_id("field-fact").fill("未佩戴工号牌，已当场指出")
    refused(page, words)
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile("/r/finding/"), timeout=LATE)
    expect(page.get_by_test_id("amended")).to_be_visible(timeout=LATE)
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "sent", timeout=2 * LATE)


def gone_and_back(page: Page, words: dict[str, str]) -> None:
    """No connection to the database can be made: that is said, and over by itself once one can."""
    told = page.get_by_test_id("trouble-broken")
    with fault(page, GONE):
        page.get_by_test_id("sync-now").click()
        expect(told).to_contain_text(words["broken"], timeout=LATE)
        assert findings(page) == []
        look(page, f"broken-{page.evaluate('document.documentElement.lang')}", whole=False)
    expect(told).to_have_count(0, timeout=LATE)
    page.get_by_test_id("sync-now").click()


def test_a_step_of_a_repair_that_cannot_be_stored_is_kept_with_its_time(
    playwright: Playwright, company: Server, tmp_path: Path
) -> None:
    with signed_in(company.url, "duchayuan") as inspector:
        job = job_of(inspector, shot(UPRIGHT, tmp_path / "hazard.jpg"))
    with phone(playwright, tmp_path / "profile") as context:
        context.add_init_script(SCRIPT)
        page = context.pages[0]
        sign_in(page, company.url, "qiangxiu")
        page.goto(f"{company.url}/job/{job}")
        with fault(page, "quota", "outbox"):
            page.get_by_test_id("milestone-receive").click()
            expect(page.get_by_test_id("held")).to_be_visible()
            pressed: Any = page.evaluate("Date.now()")
            expect(page.get_by_test_id("unstored")).to_contain_text(
                WORDS["zh-CN"]["step_full"], timeout=UNDO_MS + LATE
            )
            assert findings(page) == []
            look(page, "unnoted-zh", whole=False)
        expect(page.get_by_test_id("done-receive")).to_be_visible(timeout=LATE)
        expect(page.get_by_test_id("unstored")).to_have_count(0)
        noted: Any = page.get_by_test_id("done-receive").locator("time").get_attribute("datetime")
        off = page.evaluate("([at, pressed]) => Math.abs(Date.parse(at) - pressed)", [noted, pressed])
        assert off < UNDO_MS / 2, "the time is that of the slide"


def waiting_of(page: Page, record: str) -> list[str]:
    """The operations of a record in the outbox."""
    return [row.get("type") or row["op"] for row in kept_rows(page, "outbox") if row["record"] == record]
