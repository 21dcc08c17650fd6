"""The supervisor at the desk decides records and violations by keyboard: real server, real browser."""

from __future__ import annotations

import io
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page, expect, sync_playwright

from backend.jobs import job
from tests.conftest import PAIRS, make_pair
from tests.support.axe import findings
from tests.support.client import PASSWORD, Client, signed_in, uuid7
from tests.support.jobs import give_up
from tests.support.look import look
from tests.support.phone import NOT_STORED, PHONE
from tests.support.phone import sign_in as sign_in_on_phone
from tests.support.server import ROOT, Server
from tests.support.stored import rows

SAMPLES = ROOT / "backend" / "demo" / "photos"
THERMAL = SAMPLES / "state-grid-synthetic" / "sg_minimal.jpg"  # highest 87.384 °C
HOT_AT = (51, 65)
VISIBLE = SAMPLES / "metadata-extractor-images" / "HTC_Desire.jpg"
NOT_RADIOMETRIC = ROOT / "tests" / "samples" / "metadata-extractor-images" / "FLIR_not_radiometric.jpg"
DAMAGED = ROOT / "tests" / "samples" / "state-grid-synthetic" / "sg_truncated.jpg"
SIZE = {"width": 1440, "height": 900}
UNDO_MS = 10_000
PICTURE_MS = 180_000  # a new company has a hundred photos to derive first, beside other tests
on_both_pairs = pytest.mark.parametrize("company", PAIRS, indirect=True)


@pytest.fixture(scope="module")
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with the demo company for all tests of this file; the main story asks for both pairs."""
    name = getattr(request, "param", PAIRS[0])
    running = make_pair(name, request, tmp_path_factory.mktemp("desk")).server()
    running.env["MINGCHA_RETURN_OPEN_HOURS"] = "0"
    running.prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def desk(chromium: Browser, company: Server) -> Iterator[Callable[..., Page]]:
    """Opens a page for a signed-in person; a script error on any of them fails the test."""
    contexts = []
    errors: list[str] = []

    def open_as(
        login: str, path: str = "/desk/review", *, locale: str = "zh-CN", stored: bool = False
    ) -> Page:
        """`stored`: so that it opens without the server too."""
        context = chromium.new_context(viewport=SIZE, locale=locale)
        if not stored:
            context.add_init_script(NOT_STORED)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        sign_in(page, company.url, login, path)
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def inspector(company: Server) -> Iterator[Client]:
    with signed_in(company.url, "duchayuan") as client:
        yield client


@pytest.fixture
def supervisor(company: Server) -> Iterator[Client]:
    with signed_in(company.url, "zhuguan") as client:
        yield client


def sign_in(page: Page, url: str, login: str, path: str) -> None:
    """Sign in on the page that asks for it on the way to `path`, and go on there."""
    page.goto(url + path)
    page.get_by_test_id("signin-login").fill(login)
    page.get_by_test_id("signin-password").fill(PASSWORD)
    page.get_by_test_id("signin-submit").click()
    expect(page.get_by_test_id("sync-strip"), page.locator("body").inner_text()).to_be_visible()


def at(hours_ago: float = 1) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()


def variant(source: Path, mark: str) -> bytes:
    """The same picture as another file, for a photo proves one record only."""
    data = source.read_bytes()
    note = f"mingcha {mark}".encode()
    comment = b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note
    return data[:2] + comment + data[2:]


def submitted(
    client: Client, kind: str, body: dict[str, Any], *photos: tuple[bytes, str], **place: float
) -> str:
    """A record of this kind, submitted, its photos stored, all taken at `place`; gives its id."""
    record = uuid7()
    references = [client.photo(content, role) | place for content, role in photos]
    client.applied(
        client.put(kind, record, {**body, "photos": references}), client.event(kind, record, "submit")
    )
    for content, _ in photos:
        client.upload(content)
    return record


def infrared(
    client: Client,
    thermal: Path = THERMAL,
    temps: tuple[float, float] = (87.4, 38.1),
    marks: list[dict[str, Any]] | None = None,
) -> str:
    device = next(iter(client.records("equipment").values()))
    body = {
        "unit": device["data"]["unit"],
        "equipment": device["id"],
        "taken_at": at(),
        "row": "C01",
        "points": [{"label": "A相", "temp_c": temps[0]}, {"label": "B相", "temp_c": temps[1]}],
        "ambient_c": 12.0,
        "load_a": 210.0,
        "rated_a": 400.0,
        "emissivity": 0.9,
        "weather": "cloudy",
    }
    if marks:
        body["measured"] = {
            "photo": client.photo(thermal)["sha256"],
            "format": "power_industry",
            "trust": "exact",
            "reader": 1,
            "adjusted": False,
            "conditions": {},
            "marks": marks,
        }
    visible = variant(VISIBLE, uuid7())
    return submitted(client, "infrared", body, (thermal.read_bytes(), "thermal"), (visible, "visible"))


def hazard(client: Client, photo: bytes | None = None) -> str:
    box = next(iter(client.records("meter_box").values()))
    body = {
        "unit": box["data"]["unit"],
        "meter_box": box["id"],
        "items": ["MB-02"],
        "ownership": "utility",
        "found_at": at(),
        "controlled": False,
    }
    return submitted(client, "hazard", body, (photo or variant(VISIBLE, uuid7()), "close_up"))


def finding(
    client: Client,
    person: str,
    *,
    item: str = "QX-01",
    fact: str = "抢修到达现场超时 20 分钟。",
    **place: float,
) -> str:
    unit = client.records("person")[person]["data"]["unit"]
    body = {
        "unit": unit,
        "visit": "unannounced",
        "item": item,
        "catalogue": "2026.11",
        "person": person,
        "happened_at": at(),
        "fact": fact,
    }
    return submitted(client, "finding", body, (variant(VISIBLE, uuid7()), "evidence"), **place)


def proposed(inspector: Client, supervisor: Client, person: str, **more: str) -> str:
    """A violation that waits for confirmation, made by accepting a finding; gives its id."""
    record = finding(inspector, person, **more)
    supervisor.applied(supervisor.event("finding", record, "accept"))
    return str(supervisor.records("finding")[record]["facts"]["violation"])


def person_of(client: Client, login: str) -> str:
    with signed_in(client.url, login, register=False) as other:
        return other.person


def item(page: Page, record: str) -> Any:
    return page.locator(f"[data-testid='queue-item'][data-id='{record}']")


def state_of(client: Client, kind: str, record: str) -> str:
    return str(client.records(kind)[record]["state"])


def until(state: str, client: Client, kind: str, record: str, page: Page) -> dict[str, Any]:
    """Wait for the server to have the record in this state; gives it as the feed tells it."""
    for _ in range(60):
        found = client.records(kind)[record]
        if found["state"] == state:
            return found
        page.wait_for_timeout(250)
    raise AssertionError(f"{kind} is {found['state']}, not {state}")


@on_both_pairs
def test_a_thermal_picture_stands_with_its_scale_and_hot_spot_beside_the_reason_of_the_grade(
    desk: Callable[..., Page], inspector: Client
) -> None:
    record = infrared(inspector)
    page = desk("zhuguan")
    item(page, record).click()
    facts = page.get_by_test_id("facts")
    expect(facts.get_by_test_id("grade")).to_have_attribute("data-grade", "serious")
    expect(facts.get_by_test_id("judgement-reason")).to_contain_text("87.4 °C，高于严重限值 80 °C")
    expect(facts.get_by_test_id("rule-version")).to_contain_text("2026.11")
    expect(page.get_by_test_id("hot-spot")).to_contain_text("87.4 °C", timeout=PICTURE_MS)
    expect(page.get_by_test_id("scale-high")).to_have_text("87.4 °C")
    expect(page.get_by_test_id("scale-low")).to_have_text(re.compile(r"^3\d\.\d °C$"))
    expect(page.get_by_test_id("thermal-label")).to_contain_text("精确温度")
    photo = page.locator("[data-testid='photo'][data-view='thermal']")
    expect(photo).to_be_visible()
    evidence = page.locator(".evidence").bounding_box()
    assert evidence
    assert evidence["width"] >= 0.55 * SIZE["width"]


def test_the_places_measured_on_the_phone_stand_on_the_picture_and_are_read_again(
    desk: Callable[..., Page], inspector: Client
) -> None:
    x, y = HOT_AT
    box = [x - 4, y - 4, x + 4, y + 4]
    true = {"label": "A相", "tool": "box", "at": box, "temp_c": 87.38}
    false = {"label": "B相", "tool": "spot", "at": [20, 20], "temp_c": 66.6}
    line = {"label": "C相", "tool": "line", "at": [x, y, x, y + 40], "temp_c": 87.38}
    for locale in ("zh-CN", "en"):
        record = infrared(inspector, temps=(87.4, 66.6), marks=[true, false, line])
        page = desk("zhuguan", locale=locale)
        item(page, record).click()
        told = page.get_by_test_id("reread")
        expect(told).to_have_count(1, timeout=PICTURE_MS)
        expect(told).to_have_attribute("data-state", "differs")
        expect(told).to_contain_text("66.6 °C")
        expect(told).to_contain_text("B相")
        expect(page.get_by_test_id("measured-mark")).to_have_count(3, timeout=PICTURE_MS)
        look(page, f"desk-measured-{locale}")
    record = infrared(inspector, marks=[true])
    page.reload()
    item(page, record).click()
    expect(page.get_by_test_id("reread")).to_have_attribute("data-state", "agrees", timeout=PICTURE_MS)


def test_nothing_moves_when_the_next_record_comes(desk: Callable[..., Page], inspector: Client) -> None:
    infrared(inspector)
    page = desk("zhuguan")
    expect(page.get_by_test_id("decision-accept")).to_be_visible()
    parts = (".desk-list", ".evidence", ".desk-side", "[data-testid='decision-accept']")
    before = [page.locator(part).bounding_box() for part in parts]
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    assert [page.locator(part).bounding_box() for part in parts] == before


@on_both_pairs
def test_a_record_is_accepted_returned_and_rejected_by_keyboard_alone(
    desk: Callable[..., Page], inspector: Client, supervisor: Client
) -> None:
    good, wrong = infrared(inspector), hazard(inspector)
    empty = finding(inspector, person_of(inspector, "taiqu"))
    page = desk("zhuguan")

    item(page, good).click()
    page.keyboard.press("a")
    expect(item(page, good)).to_have_attribute("data-decided", "accept")
    expect(page.get_by_test_id("desk-status")).to_contain_text("已通过")
    expect(item(page, good)).not_to_have_attribute("aria-current", "true")

    item(page, wrong).click()
    page.keyboard.press("r")
    expect(page.get_by_test_id("reason-panel")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reason-problem")).to_have_text("请选一个理由或写明原因")
    page.get_by_test_id("reason-panel").locator("input").first.focus()
    page.keyboard.press("1")
    page.get_by_test_id("reason").fill("箱门照片请正对着拍。")
    page.keyboard.press("Control+Enter")
    expect(item(page, wrong)).to_have_attribute("data-decided", "return")

    item(page, empty).click()
    page.keyboard.press("x")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(item(page, empty)).to_have_attribute("data-decided", "reject")

    page.keyboard.press("s")
    until("accepted", supervisor, "infrared", good, page)
    mine = until("returned", inspector, "hazard", wrong, page)
    last = mine["log"][-1]
    assert last["type"] == "return"
    assert last["data"]["reason"].endswith("箱门照片请正对着拍。")
    assert last["data"]["fields"] == ["controlled", "note"]
    until("rejected", supervisor, "finding", empty, page)


def test_near_a_limit_the_supervisor_sets_the_grade(
    desk: Callable[..., Page], inspector: Client, supervisor: Client
) -> None:
    record = infrared(inspector, temps=(81.0, 70.0))
    page = desk("zhuguan")
    item(page, record).click()
    expect(page.get_by_test_id("facts")).to_contain_text("临界：热像仪误差 ±2.0 °C，会越过严重的温度限值")
    choice = page.get_by_test_id("grade-choice")
    expect(choice).to_contain_text("规则定不了级")
    expect(page.get_by_test_id("facts").get_by_test_id("grade-open")).to_be_visible()
    page.keyboard.press("a")
    expect(choice.get_by_test_id("decide-normal")).to_be_focused()
    assert item(page, record).get_attribute("data-decided") is None
    choice.get_by_test_id("decide-general").check()
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/desk-near.png")
    page.keyboard.press("a")
    page.keyboard.press("s")
    until("accepted", supervisor, "infrared", record, page)
    kept = supervisor.records("infrared")[record]
    assert kept["facts"]["decided"]["grade"] == "general"
    assert kept["facts"]["judgement"]["grade"] == "serious"
    defect = supervisor.records("defect")[kept["facts"]["defect"]]
    assert defect["data"]["grade"] == "general"


def test_an_undone_decision_was_never_sent(
    desk: Callable[..., Page], inspector: Client, supervisor: Client
) -> None:
    record = hazard(inspector)
    page = desk("zhuguan")
    item(page, record).click()
    page.keyboard.press("a")
    expect(item(page, record)).to_have_attribute("data-decided", "accept")
    page.keyboard.press("z")
    expect(item(page, record)).not_to_have_attribute("data-decided", "accept")
    expect(item(page, record)).to_have_attribute("aria-current", "true")
    page.wait_for_timeout(UNDO_MS + 1_500)
    assert state_of(supervisor, "hazard", record) == "submitted"


def test_a_decision_is_sent_by_itself_after_ten_seconds_and_survives_a_closed_window(
    desk: Callable[..., Page], inspector: Client, supervisor: Client, company: Server
) -> None:
    record = hazard(inspector)
    page = desk("zhuguan")
    item(page, record).click()
    page.keyboard.press("a")
    expect(page.get_by_test_id("desk-status")).to_contain_text("10 秒后发送")
    context = page.context
    page.close()
    assert state_of(supervisor, "hazard", record) == "submitted"
    again = context.new_page()
    again.goto(company.url + "/desk/review")
    again.wait_for_timeout(UNDO_MS)
    until("accepted", supervisor, "hazard", record, again)


def test_photos_that_have_not_arrived_or_hold_no_temperatures_say_so(
    desk: Callable[..., Page], inspector: Client
) -> None:
    box = next(iter(inspector.records("meter_box").values()))
    missing = uuid7()
    reference = inspector.photo(variant(VISIBLE, missing), "close_up")
    inspector.applied(
        inspector.put(
            "hazard",
            missing,
            {
                "unit": box["data"]["unit"],
                "meter_box": box["id"],
                "items": ["MB-01"],
                "found_at": at(),
                "ownership": "utility",
                "controlled": False,
                "photos": [reference],
            },
        ),
        inspector.event("hazard", missing, "submit"),
    )
    cold = infrared(inspector, NOT_RADIOMETRIC)
    damaged = infrared(inspector, DAMAGED)
    page = desk("zhuguan")
    item(page, missing).click()
    expect(page.get_by_test_id("photo-missing")).to_contain_text("王建国")
    expect(page.get_by_test_id("flag").filter(has_text="1 张照片还没有传到")).to_be_visible()
    item(page, cold).click()
    expect(page.get_by_test_id("no-temperatures")).to_be_visible(timeout=PICTURE_MS)
    expect(page.get_by_test_id("thermal-scale")).to_have_count(0)
    item(page, damaged).click()
    expect(page.get_by_test_id("no-temperatures")).to_contain_text("power_block_cut", timeout=PICTURE_MS)
    item(page, cold).click()
    page.keyboard.press("r")
    expect(page.get_by_test_id("reason-no_temperatures")).to_be_focused()


def test_filters_narrow_the_queue_and_the_question_mark_shows_all_keys(
    desk: Callable[..., Page], inspector: Client
) -> None:
    record = hazard(inspector)
    page = desk("zhuguan")
    page.get_by_test_id("filter-kind").select_option("hazard")
    expect(item(page, record)).to_be_visible()
    expect(page.locator("[data-testid='queue-item']:not([data-kind='hazard'])")).to_have_count(0)
    page.get_by_test_id("filter-kind").select_option("")
    page.locator("h1").focus()
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys-dialog")).to_contain_text("撤回")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("keys-dialog")).to_have_count(0)


def test_a_leader_sees_the_queue_and_decides_nothing(desk: Callable[..., Page], inspector: Client) -> None:
    record = infrared(inspector)
    page = desk("lingdao")
    item(page, record).click()
    expect(page.get_by_test_id("read-only")).to_be_visible()
    expect(page.get_by_test_id("decision-accept")).to_have_count(0)
    page.keyboard.press("a")
    expect(item(page, record)).not_to_have_attribute("data-decided", "accept")


@on_both_pairs
def test_a_confirmed_violation_is_a_ledger_entry_with_points_balance_and_distance_to_the_cap(
    desk: Callable[..., Page], inspector: Client, supervisor: Client, company: Server
) -> None:
    concerned = person_of(inspector, "qiangxiu")
    before = supervisor.http.get(f"/api/v1/points/people/{concerned}").json()
    fact = f"抢修结束后没有清理现场（{uuid7()}）。"
    violation = proposed(inspector, supervisor, concerned, item="QX-04", fact=fact)
    body = supervisor.records("violation")[violation]["data"]
    page = desk("zhuguan", "/desk/violations")
    page.locator(f"[data-testid='violation-item'][data-id='{violation}']").click()
    expect(page.get_by_test_id("proposed-points")).to_have_text(f"{body['proposed_points']} 分")
    expect(page.get_by_test_id("balance-now")).to_have_text(str(before["balance"]))
    expected = before["balance"] + body["proposed_points"]
    expect(page.get_by_test_id("balance-after")).to_have_text(str(expected))

    page.keyboard.press("a")
    expect(page.get_by_test_id("violation-held")).to_be_visible()
    page.keyboard.press("s")
    result = page.get_by_test_id("violation-result")
    expect(result).to_be_visible(timeout=15_000)
    after = supervisor.http.get(f"/api/v1/points/people/{concerned}").json()
    entry = after["entries"][-1]
    assert entry["violation"] == violation
    assert after["balance"] == expected
    expect(result.get_by_test_id("result-entry")).to_have_text(f"第 {entry['n']} 条")
    expect(result.get_by_test_id("result-points")).to_have_text(str(entry["points"]))
    expect(result.get_by_test_id("result-balance")).to_have_text(f"{after['balance']} / {after['cap']}")
    expect(result.get_by_test_id("result-to-cap")).to_have_text(str(after["to_cap"]))

    page.goto(company.url + "/desk/ledger")
    line = page.locator(f"[data-testid='ledger-line'][data-n='{entry['n']}']")
    expect(line).to_contain_text(f"+{entry['points']}")
    expect(page.get_by_test_id("chain")).to_have_attribute("data-ok", "true")
    line.click()
    dialog = page.get_by_test_id("entry-dialog")
    expect(dialog).to_contain_text(entry["hash"])
    expect(dialog.get_by_test_id("photo").first).to_be_visible()

    own = desk("qiangxiu", "/points")
    expect(own.get_by_test_id("points-entry").filter(has_text=fact)).to_be_visible()
    expect(own.get_by_test_id("points-balance")).to_have_attribute("data-points", str(after["balance"]))
    other = desk("qiangxiu2", "/points")
    expect(other.get_by_test_id("sync-strip")).to_have_attribute("data-synced", "true")
    expect(other.get_by_text(fact)).to_have_count(0)
    with signed_in(company.url, "qiangxiu2") as client:
        assert client.http.get(f"/api/v1/points/people/{concerned}").status_code == 404
        assert concerned not in {one["data"]["person"] for one in client.records("entry").values()}


def test_a_ledger_of_ten_thousand_lines_draws_what_is_in_view_and_prints_all(
    desk: Callable[..., Page], supervisor: Client, company: Server
) -> None:
    count = 10_000
    [known, *_] = supervisor.http.get("/api/v1/points/ledger").json()["entries"]
    lines = [{**known, "n": n, "modifiers": ["M1", "M3", "M5"]} for n in range(1, count + 1)]
    page = desk("zhuguan", "/desk/review")
    page.route(
        "**/api/v1/points/ledger?*", lambda route: route.fulfill(json={"entries": lines, "more": False})
    )
    page.goto(company.url + "/desk/ledger")
    drawn = page.get_by_test_id("ledger-line")
    expect(drawn.first).to_have_attribute("data-n", str(count))
    assert drawn.count() < 60
    box = page.locator(".ledger")
    left = [drawn.first.locator("td").nth(column).bounding_box() for column in (2, 4, 7)]
    for last, key in ((1, "End"), (count, "Home")):
        box.focus()
        page.keyboard.press(key)
        line = page.locator(f"[data-testid='ledger-line'][data-n='{last}']")
        expect(line).to_be_in_viewport(ratio=1)
        assert drawn.count() < 60
    box.evaluate("box => box.scrollTo(0, box.scrollHeight / 2)")
    middle = page.locator(f"[data-testid='ledger-line'][data-n='{count // 2}']")
    expect(middle).to_be_in_viewport(ratio=1)
    rows_px = drawn.evaluate_all("rows => [...new Set(rows.map((row) => row.offsetHeight))]")
    assert len(rows_px) == 1, "rows are of one height"
    assert box.evaluate("box => box.scrollHeight") >= count * rows_px[0]
    assert [one["x"] for one in left if one] == [
        place["x"]
        for column in (2, 4, 7)
        if (place := middle.locator("td").nth(column).bounding_box()) is not None
    ]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(drawn).to_have_count(count)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(middle).to_be_in_viewport(ratio=1)
    assert drawn.count() < 60


def test_each_page_is_reached_on_a_narrow_desk_in_the_longer_language(
    desk: Callable[..., Page], company: Server
) -> None:
    page = desk("guanli", "/desk/staff", locale="en")
    pages = {"review", "violations", "records", "ledger", "zeros", "rules", "staff", "import", "jobs"}
    for width in (1024, 1280, 1440, 1600, 2560):
        page.set_viewport_size({"width": width, "height": 720})
        more = page.get_by_test_id("desk-more")
        expect(more).to_have_count(1 if width < 1600 else more.count())
        if more.count():
            more.click()
        for name in pages:
            link = page.get_by_test_id(f"desk-{name}")
            expect(link).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.get_by_test_id("desk-more").press("Enter")
    page.get_by_test_id("desk-jobs").press("Enter")
    expect(page).to_have_url(re.compile("/desk/jobs$"))
    expect(page.get_by_test_id("desk-jobs")).to_be_hidden()
    expect(page.get_by_test_id("desk-more")).to_contain_text("Jobs")


@pytest.mark.timeout(300)
@on_both_pairs
def test_the_same_picture_in_another_record_is_shown_side_by_side(
    desk: Callable[..., Page], inspector: Client
) -> None:
    with Image.open(ROOT / "tests/samples/exif-orientation/Landscape_1.jpg") as opened:
        picture = opened.convert("RGB")
    seen, turned = io.BytesIO(), io.BytesIO()
    picture.save(seen, "JPEG", quality=85)
    ImageOps.mirror(picture.crop((150, 60, 1700, 1180))).save(turned, "JPEG", quality=70)
    first = hazard(inspector, seen.getvalue())
    second = hazard(inspector, turned.getvalue())
    with signed_in(inspector.url, "zhuguan", register=False) as supervisor:
        for _ in range(900):
            answer = supervisor.http.get(f"/api/v1/records/{second}/reused").json()
            if answer["photos"]:
                break
            time.sleep(0.2)
    for locale, said in (
        ("zh-CN", "画面与另外 1 条记录的照片相同"),
        ("en", "same picture as one of 1 other record"),
    ):
        page = desk("zhuguan", locale=locale)
        item(page, second).click()
        expect(page.get_by_test_id("reused")).to_contain_text(said, timeout=PICTURE_MS)
        page.get_by_test_id("reused-open").click()
        dialog = page.get_by_test_id("reused-dialog")
        expect(dialog.get_by_test_id("photo")).to_have_count(2, timeout=PICTURE_MS)
        expect(dialog).to_contain_text("左右翻转" if locale == "zh-CN" else "mirrored")
        look(page, f"desk-reused-{locale}")
        assert findings(page) == []
        page.get_by_test_id("reused-record").click()
        expect(item(page, first)).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("key", ["r", "x"])
def test_letters_typed_while_a_reason_is_asked_for_are_the_reason(
    desk: Callable[..., Page], inspector: Client, supervisor: Client, key: str
) -> None:
    record = hazard(inspector)
    page = desk("zhuguan", locale="en")
    item(page, record).click()
    page.keyboard.press(key)
    expect(page.get_by_test_id("reason-panel")).to_be_visible()
    page.keyboard.type("Axis marks zs? okay, jobs back")
    expect(page.get_by_test_id("reason")).to_have_value("Axis marks zs? okay, jobs back")
    page.get_by_test_id("counts").click()  # the focus is nowhere
    page.keyboard.type("askzxj")
    expect(page.get_by_test_id("reason-panel")).to_be_visible()
    expect(item(page, record)).to_have_attribute("aria-current", "true")
    assert item(page, record).get_attribute("data-decided") is None
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("reason-panel")).to_have_count(0)
    assert supervisor.records("hazard")[record]["state"] == "submitted"


def test_a_dismissal_that_is_typed_confirms_nothing(
    desk: Callable[..., Page], inspector: Client, supervisor: Client
) -> None:
    violation = proposed(inspector, supervisor, person_of(inspector, "taiqu2"))
    before = supervisor.http.get("/api/v1/points/ledger/chain").json()
    page = desk("zhuguan", "/desk/violations", locale="en")
    page.locator(f"[data-testid='violation-item'][data-id='{violation}']").click()
    page.keyboard.press("x")
    expect(page.get_by_test_id("reason-panel")).to_be_visible()
    page.keyboard.type("Mandated otherwise")
    expect(page.get_by_test_id("reason")).to_have_value("Mandated otherwise")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("s")
    until("dismissed", supervisor, "violation", violation, page)
    assert supervisor.http.get("/api/v1/points/ledger/chain").json() == before


@on_both_pairs
def test_a_dismissed_violation_leaves_no_entry_and_keeps_its_reason(
    desk: Callable[..., Page], inspector: Client, supervisor: Client
) -> None:
    concerned = person_of(inspector, "taiqu2")
    violation = proposed(inspector, supervisor, concerned)
    before = supervisor.http.get("/api/v1/points/ledger/chain").json()
    page = desk("zhuguan", "/desk/violations")
    page.locator(f"[data-testid='violation-item'][data-id='{violation}']").click()
    page.keyboard.press("x")
    page.get_by_test_id("reason").fill("当日为上级统一安排。")
    page.get_by_test_id("violation-dismiss").click()
    page.keyboard.press("s")
    expect(page.get_by_test_id("violation-dismissed")).to_contain_text("当日为上级统一安排。")
    found = until("dismissed", supervisor, "violation", violation, page)
    assert found["log"][-1]["data"]["reason"] == "当日为上级统一安排。"
    assert supervisor.http.get("/api/v1/points/ledger/chain").json() == before


def test_without_the_server_the_desk_shows_what_is_stored_and_keeps_the_decision(
    desk: Callable[..., Page], inspector: Client, company: Server
) -> None:
    record = hazard(inspector)
    page = desk("zhuguan", stored=True)
    item(page, record).click()
    expect(page.get_by_test_id("photo")).to_be_visible(timeout=PICTURE_MS)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")  # the app itself is stored
    company.stop()
    try:
        page.keyboard.press("a")
        page.keyboard.press("s")
        expect(item(page, record)).to_have_attribute("data-decided", "accept")
        expect(page.get_by_test_id("desk-offline")).to_be_visible(timeout=30_000)
        page.get_by_test_id("desk-ledger").click()
        expect(page.get_by_test_id("ledger-offline")).to_be_visible()
    finally:
        company.start()
    with signed_in(company.url, "zhuguan") as supervisor:
        until("accepted", supervisor, "hazard", record, page)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_axe_finds_nothing_on_the_desk(
    desk: Callable[..., Page], inspector: Client, supervisor: Client, company: Server, locale: str
) -> None:
    thermal, box = infrared(inspector), hazard(inspector)
    proposed(inspector, supervisor, person_of(inspector, "yingye"))
    page = desk("zhuguan", locale=locale)
    found: dict[str, list[str]] = {}
    item(page, thermal).click()
    expect(page.get_by_test_id("hot-spot")).to_contain_text("87.4 °C", timeout=PICTURE_MS)
    found["thermal"] = findings(page)
    page.keyboard.press("b")
    expect(page.get_by_test_id("pair")).to_be_visible()
    found["side by side"] = findings(page)
    page.keyboard.press("b")
    page.keyboard.press("o")
    found["original"] = findings(page)
    page.keyboard.press("o")
    for key in ("r", "x"):
        page.keyboard.press(key)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_test_id("reason-panel")).to_be_visible()
        found[f"reason, {key}"] = findings(page)
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys-dialog")).to_be_visible()
    found["keys"] = findings(page)
    page.keyboard.press("Escape")
    for kind in ("finding", "repair", "hazard"):
        page.get_by_test_id("filter-kind").select_option(kind)
        page.wait_for_timeout(500)
        found[f"review, {kind}"] = findings(page)
    item(page, box).click()
    page.keyboard.press("a")
    expect(page.get_by_test_id("undo")).to_be_visible()
    found["decided"] = findings(page)
    page.keyboard.press("z")
    page.get_by_test_id("filter-grade").select_option("critical")
    page.get_by_test_id("filter-kind").select_option("repair")
    expect(page.get_by_test_id("show-all")).to_be_visible()
    found["queue, nothing found"] = findings(page)
    page.goto(company.url + "/desk/violations")
    expect(page.get_by_test_id("proposed-points")).to_be_visible()
    found["violations"] = findings(page)
    page.keyboard.press("x")
    expect(page.get_by_test_id("reason")).to_be_visible()
    found["violations, dismiss"] = findings(page)
    page.goto(company.url + "/desk/ledger")
    page.get_by_test_id("ledger-line").first.click()
    expect(page.get_by_test_id("entry-dialog")).to_be_visible()
    found["entry"] = findings(page)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("entry-dialog")).to_have_count(0)
    found["ledger"] = findings(page)
    page.goto(company.url + "/desk/board")
    expect(page.get_by_test_id("board")).to_be_visible()
    found["board"] = findings(page)
    page.get_by_test_id("board-defects").click()
    found["board, defects"] = findings(page)
    page.get_by_test_id("desk-who").click()
    found["menu"] = findings(page)
    page.set_viewport_size({"width": 1100, "height": 800})
    page.get_by_test_id("desk-more").click()
    found["more pages"] = findings(page)
    assert {screen: some for screen, some in found.items() if some} == {}


FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at)
  if (at === document.body) return ['BODY', true]
  const ring = (s) => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none'
  const name = at.dataset.testid ?? at.textContent.trim().slice(0, 20)
  return [name || at.tagName, ring(style) || (at.parentElement && ring(getComputedStyle(at.parentElement)))]
}"""


def test_the_desk_is_walked_by_keyboard_alone_and_the_focus_is_always_seen(
    desk: Callable[..., Page], inspector: Client
) -> None:
    record = infrared(inspector)
    page = desk("zhuguan")
    item(page, record).click()
    expect(page.get_by_test_id("compare")).to_be_visible()
    page.locator("a").first.focus()
    seen: list[str] = []
    for _ in range(150):
        page.keyboard.press("Tab")
        name, ringed = page.evaluate(FOCUSED)
        if name == "BODY":
            break
        assert ringed, f"no ring on {name}"
        seen.append(name)
    for wanted in (
        "desk-ledger",
        "filter-kind",
        "queue-item",
        "compare",
        "decision-accept",
        "decision-return",
        "keys",
    ):
        assert wanted in seen, seen
    assert seen.index("desk-review") < seen.index("filter-kind") < seen.index("queue-item")
    assert seen.index("queue-item") < seen.index("decision-accept") < seen.index("keys")


def test_a_job_that_was_given_up_is_seen_by_an_administrator_and_tried_again(
    desk: Callable[..., Page], inspector: Client, company: Server
) -> None:
    content = variant(VISIBLE, uuid7())
    sha256 = inspector.upload(content)
    [(org,)] = rows(company, sa.select(job.c.org).distinct())
    for name in ("derive", "resemble"):
        give_up(company, org, {"sha256": sha256}, name=name)
    for locale, named, why in (
        ("en", ("Views and temperatures", "Comparison with other photos"), "The decoder ended"),
        ("zh-CN", ("生成缩略图和温度", "与其他照片比对"), "解码时程序退出"),
    ):
        page = desk("guanli", "/desk/jobs", locale=locale)
        lines = page.get_by_test_id("job").filter(has_text=sha256[:12])
        expect(lines).to_have_count(2)
        for name in named:
            expect(lines.filter(has_text=name)).to_contain_text(why)
        assert findings(page) == []
        look(page, f"desk-jobs-{locale}")
    lines.first.get_by_role("button").click()
    expect(lines).to_have_count(1)
    expect(page.get_by_test_id("jobs-said")).to_be_visible()
    lines.first.get_by_role("button").click()
    expect(lines).to_have_count(0)
    photo_of_job = job.c.payload.contains(sha256)
    until_s = time.monotonic() + 120
    while {row.state for row in rows(company, sa.select(job.c.state).where(photo_of_job))} != {"done"}:
        assert time.monotonic() < until_s, "what is tried again is not done"
        time.sleep(0.5)
    other = desk("zhuguan", "/desk/review")
    expect(other.get_by_role("link", name="后台任务")).to_have_count(0)


SLOW_MS = 60_000
REMARKS = {
    "zh-CN": ("没有对准接头", "铭牌看不清", "请核对环境温度", "已重测为 13 度"),
    "en": ("Not aimed at the joint", "The label cannot be read", "Check the ambient", "Measured again: 13"),
}


def pin_by_keys(page: Page, text: str) -> None:
    """A rectangle is moved and stretched by keys; Enter leads to its words, Enter pins."""
    page.keyboard.press("m")
    expect(page.get_by_test_id("region-draw")).to_be_focused()
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("pin-text")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("pin-form")).to_have_count(0)


def pin_by_mouse(page: Page, text: str) -> None:
    page.get_by_test_id("decision-pin").click()
    box = page.get_by_test_id("region-draw").bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.3 * box["height"], steps=4)
    page.mouse.up()
    expect(page.get_by_test_id("pin-text")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def pin_to_field(page: Page, field: str, text: str) -> None:
    page.keyboard.press("m")
    expect(page.get_by_test_id("region-draw")).to_be_focused()
    page.keyboard.press("f")
    expect(page.get_by_test_id("pin-where")).to_be_focused()
    page.get_by_test_id("pin-where").select_option(field)
    page.get_by_test_id("pin-where").press("Enter")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def remarks_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record["log"][-1]["data"]["remarks"]
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_remarks_are_pinned_answered_on_the_phone_and_read_with_their_answers(
    desk: Callable[..., Page], chromium: Browser, company: Server, inspector: Client, locale: str
) -> None:
    aimed, label, ambient, answer = REMARKS[locale]
    record = infrared(inspector)
    page = desk("zhuguan", locale=locale)
    item(page, record).click(timeout=SLOW_MS)
    expect(page.get_by_test_id("hot-spot")).to_contain_text("87.4 °C", timeout=PICTURE_MS)
    pin_by_keys(page, aimed)
    pin_by_mouse(page, label)
    page.keyboard.press("m")
    expect(page.get_by_test_id("region-draw")).to_be_focused()
    assert findings(page) == []
    look(page, f"desk-pinning-{locale}")
    page.keyboard.press("Escape")
    pin_to_field(page, "ambient_c", ambient)
    expect(page.get_by_test_id("pin")).to_have_count(3)
    expect(page.get_by_test_id("region")).to_have_count(2)
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")  # the remarks are reason enough
    expect(item(page, record)).to_have_attribute("data-decided", "return")
    page.keyboard.press("z")
    expect(page.get_by_test_id("pin")).to_have_count(3)
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("s")
    sent = until("returned", inspector, "infrared", record, page)["log"][-1]["data"]["remarks"]
    assert [one["text"] for one in sent] == [aimed, label, ambient]
    assert sent[0]["region"] == pytest.approx({"x": 0.37, "y": 0.37, "w": 0.32, "h": 0.3})
    assert sent[1]["region"] == pytest.approx({"x": 0.1, "y": 0.1, "w": 0.3, "h": 0.2}, abs=0.02)
    assert sent[2]["field"] == "ambient_c"
    page.get_by_test_id("desk-returns").click()
    line = page.locator(f"[data-testid='returned'][data-id='{record}']")
    expect(line).to_have_attribute("data-late", "true", timeout=SLOW_MS)
    assert findings(page) == []
    look(page, f"desk-returns-{locale}")

    context = chromium.new_context(viewport=PHONE, locale=locale)
    try:
        mend_on_phone(context.new_page(), company.url, record, locale)
    finally:
        context.close()
    log = until("submitted", inspector, "infrared", record, page)["log"]
    assert [entry["type"] for entry in log] == ["submit", "return", "open", "submit"]
    assert log[-1]["data"]["answers"] == [{"remark": 0}, {"remark": 1}, {"remark": 2, "text": answer}]
    page.goto(f"{company.url}/desk/review?record={record}")
    lines = page.get_by_test_id("remark-line")
    expect(lines).to_have_count(3, timeout=SLOW_MS)
    expect(lines.nth(2)).to_contain_text(answer)
    expect(page.get_by_test_id("region")).to_have_count(2, timeout=SLOW_MS)
    assert findings(page) == []
    look(page, f"desk-answers-{locale}")


def mend_on_phone(page: Page, url: str, record: str, locale: str) -> None:
    """The form opens at the first remark; each is marked as answered before the record goes back."""
    aimed, _, ambient, answer = REMARKS[locale]
    sign_in_on_phone(page, url, "duchayuan")
    page.goto(f"{url}/new/infrared/{record}")
    bar = page.get_by_test_id("remark-bar")
    expect(bar).to_have_attribute("data-at", "0", timeout=SLOW_MS)
    expect(bar.get_by_test_id("remark-text")).to_have_text(aimed)
    expect(bar.get_by_test_id("region")).to_be_visible()
    assert findings(page) == []
    look(page, f"phone-remark-{locale}", whole=False)
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("gap-remark")).to_have_count(3)
    bar.get_by_test_id("remark-done").click()
    expect(bar).to_have_attribute("data-at", "1")
    bar.get_by_test_id("remark-done").click()
    expect(bar.get_by_test_id("remark-text")).to_have_text(ambient)
    page.get_by_test_id("field-ambient_c").fill("13")
    bar.get_by_test_id("remark-answer").fill(answer)
    bar.get_by_test_id("remark-done").click()
    expect(bar).to_have_attribute("data-open", "0")
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile("/r/"), timeout=SLOW_MS)
    expect(page.get_by_test_id("sync-strip")).to_have_attribute("data-waiting", "0", timeout=SLOW_MS)


DECIDED = 200
UNDONE = 5


def hand_in_hazards(client: Client, count: int) -> dict[str, str]:
    """So many hazards handed in by one phone, each with its own small photo; gives their hashes by record."""
    box = next(iter(client.records("meter_box").values()))
    ops, photos = [], {}
    for number in range(count):
        record, photo = uuid7(), io.BytesIO()
        Image.effect_noise((160, 120), 20 + number).save(photo, "JPEG")
        photos[record] = client.photo(photo.getvalue(), "overall")
        client.upload(photo.getvalue())
        body = {
            "unit": box["data"]["unit"],
            "meter_box": box["id"],
            "items": ["MB-02"],
            "ownership": "utility",
            "found_at": at(72 + number / 100),
            "photos": [photos[record]],
        }
        ops += [client.put("hazard", record, body), client.event("hazard", record, "submit")]
    for first in range(0, len(ops), 200):
        client.applied(*ops[first : first + 200])
    return {record: photo["sha256"] for record, photo in photos.items()}


def the_photo_stands_there(page: Page, photos: dict[str, str]) -> bool:
    """That of the record before the reviewer, drawn; False when the record is none of these."""
    chosen = page.locator("[data-testid='queue-item'][aria-current='true']").get_attribute("data-id")
    if chosen not in photos:
        return False
    photo = page.locator(f".evidence [data-testid='photo'][src*='{photos[chosen]}']")
    expect(photo).to_be_visible(timeout=PICTURE_MS)
    assert photo.evaluate("photo => photo.complete && photo.naturalWidth > 0")
    return True


TOLD_MS = 15_000  # far less than the minute of the next sync: the server has told


def test_a_sent_decision_is_told_to_a_colleague_and_taken_back_with_a_reason_by_keyboard(
    desk: Callable[..., Page], inspector: Client, supervisor: Client
) -> None:
    hand_in_hazards(inspector, 1)
    page = desk("zhuguan")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.get_by_test_id("filter-kind").select_option("hazard")
    first = page.get_by_test_id("queue-item").first
    expect(first).to_be_visible(timeout=SLOW_MS)
    record = first.get_attribute("data-id") or ""
    expect(page.get_by_test_id("flag").first).to_be_in_viewport(ratio=1)  # its photos have not come
    colleague = desk("zhuguan2", locale="en")  # the longer words, at 1440
    expect(colleague.get_by_test_id("decision-reject")).to_be_in_viewport(ratio=1, timeout=SLOW_MS)
    expect(colleague.locator(f"[data-testid='queue-item'][data-id='{record}']")).to_be_visible(
        timeout=SLOW_MS
    )
    page.locator("h1").focus()
    page.keyboard.press("a")
    page.keyboard.press("s")
    until_there(lambda: supervisor.records("hazard")[record]["state"] == "accepted")
    decided = colleague.locator(f"[data-testid='queue-item'][data-id='{record}'][data-decided]")
    expect(decided).to_be_visible(timeout=TOLD_MS)
    page.keyboard.press("k")
    expect(page.locator("[data-testid='queue-item'][aria-current='true']")).to_have_attribute(
        "data-id", record
    )
    page.keyboard.press("z")
    expect(page.get_by_test_id("reason-panel")).to_be_visible(timeout=SLOW_MS)
    assert findings(page) == []
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("reason-panel")).to_contain_text("写明原因")
    page.keyboard.type("kan cuo le")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("reason-panel")).to_have_count(0, timeout=SLOW_MS)
    page.keyboard.press("s")
    until_there(lambda: supervisor.records("hazard")[record]["state"] == "submitted")
    taken_back = supervisor.records("hazard")[record]["log"][-1]
    assert (taken_back["type"], taken_back["data"]["reason"]) == ("reopen", "kan cuo le")


def decided_in(page: Page) -> dict[str, str]:
    """What was decided in the queue, by record, from the first row to the last: only those in view are drawn."""
    found: dict[str, str] = page.evaluate(
        """async () => {
          const list = document.querySelector('.desk-list'), found = {}
          for (let top = 0; ; top += 3 * list.clientHeight) {
            list.scrollTop = top
            for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame)
            for (const { dataset } of list.querySelectorAll('[data-decided]')) found[dataset.id] = dataset.decided
            if (top >= list.scrollHeight) return found
          }
        }"""
    )
    return found


@pytest.mark.timeout(600)
def test_two_hundred_decisions_by_key_with_five_undos_leave_the_right_states_and_a_whole_history(
    desk: Callable[..., Page], inspector: Client, supervisor: Client
) -> None:
    photos = hand_in_hazards(inspector, DECIDED)
    page = desk("zhuguan")
    page.get_by_test_id("filter-kind").select_option("hazard")
    first = page.locator("[data-testid='queue-item']").first
    until_there(lambda: int(first.locator("..").get_attribute("aria-setsize") or 0) >= DECIDED)
    assert findings(page) == []  # with rows that are not drawn
    page.locator("h1").focus()
    seen = 0
    for turn in range(UNDONE):
        for _ in range(DECIDED // UNDONE - 1):
            page.keyboard.press("a")  # as fast as one can: each is for the next record
        before = (turn + 1) * DECIDED // UNDONE - 1
        until_there(lambda n=before: len(decided_in(page)) == n)  # type: ignore[misc]
        page.keyboard.press("j")
        seen += the_photo_stands_there(page, photos)
        page.keyboard.press("k")
        seen += the_photo_stands_there(page, photos)
        page.keyboard.press(
            "a"
        )  # by mistake: back within the ten seconds, however slow the machine, and rejected
        page.keyboard.press("z")
        until_there(lambda n=before: len(decided_in(page)) == n)  # type: ignore[misc]
        page.keyboard.press("x")
        expect(page.get_by_test_id("reason-panel")).to_be_visible(timeout=SLOW_MS)
        page.keyboard.press("1")
        page.keyboard.press("Control+Enter")
        until_there(lambda n=before: len(decided_in(page)) == n + 1)  # type: ignore[misc]
    assert seen >= UNDONE
    decided = decided_in(page)
    assert sorted(decided.values()) == ["accept"] * (DECIDED - UNDONE) + ["reject"] * UNDONE
    page.keyboard.press("s")
    states = {"accept": "accepted", "reject": "rejected"}
    wanted = {record: states[how] for record, how in decided.items()}

    def standing() -> dict[str, str]:
        found = supervisor.records("hazard")
        return {record: found[record]["state"] for record in decided}

    until_there(lambda: standing() == wanted)
    found = supervisor.records("hazard")
    for record, how in decided.items():
        events = [entry for entry in found[record]["log"] if entry["type"] in ("accept", "reject", "return")]
        assert [entry["type"] for entry in events] == [how], record
        assert events[0]["by"] == supervisor.person


def until_there(condition: Callable[[], bool], seconds: float = 180) -> None:
    """Wait for what the page or the server comes to by itself."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not come to it"
        time.sleep(0.5)
