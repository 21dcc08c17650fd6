"""Every screen of the app by its route: who opens it, how one gets there, and on which sizes it is looked at."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from backend.jobs import job
from backend.phones import phone_report
from sync.tables import device, record, stamp
from tests.support import still
from tests.support.client import Client
from tests.support.phone import THERMAL, VISIBLE, add_photo, choose
from tests.support.server import ROOT, Server
from tests.support.stored import change, rows
from tests.support.warm import REMEMBER

PHONE = ((360, 780),)
DESK = ((1280, 720), (2560, 1440))
FACTOR = {360: 4, 1280: 4, 2560: 6}  # how much smaller a picture is kept
LANGUAGES = ("en", "zh-CN")
DERIVED_S = 600  # the demo company's photos, when this checkout has never derived them

PHONES = ("01a1a000-0000-7000-8000-00000000000a", "01a1a000-0000-7000-8000-00000000000b")
SOME_ID = "01a1a000-0000-7000-8000-00000000000c"
LONG_AGO = still.NOW - timedelta(hours=30)

Step = Callable[[Page], object]


@dataclass(frozen=True)
class Screen:
    """`path` is opened, `{name}` in it filled from what the company has; `then` brings to the place that is meant.

    `apart` are the parts that are never the same, such as a code: they are covered, their place is still compared.
    `offline`: opened without a network, so that what is typed stays on this phone.
    """

    name: str
    route: str
    path: str = ""
    then: Step | None = None
    apart: tuple[str, ...] = ()
    offline: bool = False


@dataclass(frozen=True)
class Round:
    """The screens that one person opens, one after the other; `script` runs in each page before the app."""

    name: str
    login: str
    sizes: tuple[tuple[int, int], ...]
    screens: tuple[Screen, ...]
    script: str = ""


def routes() -> set[str]:
    """The paths of the router."""
    sources = [
        *(ROOT / "pwa" / "src" / "features").glob("*/routes.ts"),
        *(ROOT / "pwa" / "src" / "app").glob("route*.ts"),
    ]
    return {
        path for source in sources for path in re.findall(r"\bpath: '(/[^']*)'", source.read_text("utf-8"))
    }


def company(folder: Path) -> Server:
    """A server with the demo company, its photos derived, at a moment that does not pass.

    Two phones are known: one has opened a return, the other has been silent with work unsent.
    """
    folder.mkdir(parents=True)
    server = Server(folder, {REMEMBER: "1"}, hook=still.HOOK)
    server.run("migrate")
    server.run("demo", hook=still.HOOK)
    server.start()
    until = time.monotonic() + DERIVED_S
    waiting = sa.select(sa.func.count()).where(job.c.name == "derive", job.c.state == "waiting")
    while rows(server, waiting)[0][0]:
        assert time.monotonic() < until, server.log_tail()
        time.sleep(0.5)
    with Client(server.url, timeout_s=120).sign_in("duchayuan", register=False) as inspector:
        inspector.register(PHONES[0])
        at = still.NOW.isoformat()
        opened: dict[str, Any] = {
            "op": "event",
            "kind": "finding",
            "id": SOME_ID,
            "subject": places(server)["returned"],
        }
        opened |= {"n": 1, "type": "open", "at": at, "data": {}}
        body = {"device": PHONES[0], "schema": 1, "sent_at": at, "ops": [opened]}
        answer = inspector.http.post("/api/v1/sync/push", json=body).json()
        assert answer["results"][0]["status"] == "applied", answer
    with Client(server.url, timeout_s=120).sign_in("qiangxiu", register=False) as crew:
        crew.register(PHONES[1])
        said = {
            "app_version": "0.1",
            "records": 4,
            "photos": 21,
            "photo_bytes": 68_000_000,
            "attention": 1,
            "records_since": LONG_AGO.isoformat(),
            "photos_since": LONG_AGO.isoformat(),
            "free_bytes": 300_000_000,
            "persistent": False,
            "faults": [{"code": "sync.refused:storage_full", "count": 3, "at": LONG_AGO.isoformat()}],
        }
        assert crew.http.put(f"/api/v1/devices/{PHONES[1]}/report", json=said).status_code == 204
    change(server, device.update().where(device.c.id == PHONES[1]).values(last_seen=stamp(LONG_AGO)))
    return server


def as_before(server: Server) -> None:
    """Forgets the phones of earlier rounds, so that each round finds the same."""
    change(
        server,
        device.delete().where(device.c.id.not_in(PHONES)),
        phone_report.delete().where(phone_report.c.device.not_in(PHONES)),
    )


def places(server: Server) -> dict[str, str]:
    """What `{name}` stands for in the paths of screens: records of the demo company, oldest first."""
    found: dict[str, list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]] = {}
    for row in rows(server, sa.select(record).order_by(record.c.id)):
        body, facts = (msgspec.json.decode(part) for part in (row.body, row.facts))
        found.setdefault(row.kind, []).append((row.id, row.state, body, facts))

    def one(kind: str, *states: str) -> str:
        return next(id_ for id_, state, *_ in found[kind] if not states or state in states)

    with Client(server.url, timeout_s=120).sign_in("duchayuan", register=False) as client:
        photo = next(body["photos"][0]["sha256"] for _, _, body, _ in found["infrared"] if body.get("photos"))
        proof = client.http.get(f"/api/v1/photos/{photo}/proof").json()["path"]
    return {
        "infrared": one("infrared", "accepted"),
        "returned": one("finding", "returned"),
        "hazard": one("hazard", "submitted"),
        "defect": one("defect"),
        "equipment": one("equipment"),
        "meter_box": one("meter_box"),
        "job": one("repair", "arrived", "located", "repaired"),
        "proof": proof.removeprefix("/verify/"),
        "new": SOME_ID,
    }


# --- what a person does -------------------------------------------------------------------------------------


def tap(name: str) -> Step:
    return lambda page: page.get_by_test_id(name).first.click()


def press(*keys: str) -> Step:
    def pressed(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(150)

    return pressed


def looked_up(page: Page) -> None:
    expect(page.get_by_test_id("ready-told")).not_to_have_attribute(
        "data-doing", re.compile("."), timeout=60_000
    )
    expect(page.get_by_test_id("ready-told")).to_have_attribute("data-ready", re.compile("."), timeout=60_000)


def measured(page: Page) -> None:
    """An infrared inspection, filled in up to its judgement."""
    choose(page, "equipment", "CH-0001")
    add_photo(page, "thermal", THERMAL)
    add_photo(page, "visible", VISIBLE)
    for index, celsius in enumerate(("85", "40", "41")):
        page.get_by_test_id(f"field-temp-{index}").fill(celsius)
    page.get_by_test_id("field-ambient_c").fill("30")
    page.get_by_test_id("field-load_a").fill("210")
    expect(page.get_by_test_id("judgement")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")


ANYBODY = Round(
    "anybody",
    "",
    PHONE,
    (
        Screen("signin", "/signin"),
        Screen("signin-code", "/signin/code"),
        Screen("verify", "/verify/:token", "/verify/{proof}"),
        Screen("verify-record", "/verify/record/:token", "/verify/record/none"),
        Screen("not-found", "/:rest(.*)*", "/nowhere"),
    ),
)

INSPECTOR = Round(
    "inspector",
    "duchayuan",
    PHONE,
    (
        Screen("today", "/", "/"),
        Screen("ready", "/ready", then=looked_up),
        Screen("notices", "/notices"),
        Screen("record", "/record"),
        Screen("r-infrared", "/r/:kind(infrared|hazard|finding|form|defect)/:id", "/r/infrared/{infrared}"),
        Screen("r-returned", "/r/:kind(infrared|hazard|finding|form|defect)/:id", "/r/finding/{returned}"),
        Screen("find", "/find"),
        Screen("find-scan", "/find/scan"),
        Screen("find-near", "/find/near"),
        Screen("thing", "/find/:kind(equipment|meter_box)/:id", "/find/equipment/{equipment}"),
        Screen("me", "/me", apart=("#content dd",)),
        Screen("points", "/points"),
        Screen("exceptions", "/exceptions"),
        Screen("sync", "/sync"),
        Screen("where", "/where"),
        Screen("where-record", "/where/:id", "/where/{infrared}"),
        Screen("other-window", "/other-window"),
        Screen("new-hazard", "/new/hazard/:id", "/new/hazard/{new}", offline=True),
        Screen("new-finding", "/new/finding/:id", "/new/finding/{new}", offline=True),
        Screen("new-form", "/new/form/:id", "/new/form/{new}", offline=True),
        Screen("new-infrared", "/new/infrared/:id", "/new/infrared/{new}", offline=True),
        Screen("new-infrared-filled", "/new/infrared/:id", "/new/infrared/{new}", measured, offline=True),
    ),
)

IN_A_CHAT_APP = Round(
    "in-a-chat-app",
    "duchayuan",
    PHONE,
    (Screen("view-only", "/view-only"),),
    "delete Navigator.prototype.serviceWorker",
)

CREW = Round(
    "crew",
    "qiangxiu",
    PHONE,
    (
        Screen("crew-today", "/", "/"),
        Screen("crew-points", "/points"),
        Screen("job", "/job/:id", "/job/{job}"),
        Screen("no-right", "/no-right", "/desk/staff"),
        Screen("job-amend", "/job/:id/amend/:step(arrive|locate|repair|restore)", "/job/{job}/amend/arrive"),
    ),
)

SUPERVISOR = Round(
    "supervisor",
    "zhuguan",
    DESK,
    (
        Screen("desk", "/desk", "/desk"),
        Screen("desk-review", "/desk/review", "/desk/review"),
        Screen("desk-review-keys", "/desk/review", "/desk/review", press("?")),
        Screen("desk-review-return", "/desk/review", "/desk/review", press("r")),
        Screen("desk-second", "/desk/second"),
        Screen("desk-returns", "/desk/returns"),
        Screen("desk-violations", "/desk/violations"),
        Screen("desk-records", "/desk/records"),
        Screen("desk-ledger", "/desk/ledger"),
        Screen("desk-zeros", "/desk/zeros"),
        Screen("desk-coverage", "/desk/coverage"),
        Screen("desk-map", "/desk/map", apart=(".desk-map__picture",)),  # fits what it has found by then
        Screen("desk-rules", "/desk/rules"),
        Screen("desk-board", "/desk/board"),
        Screen("desk-exceptions", "/desk/exceptions"),
        Screen("desk-where", "/desk/where", apart=("code",)),
        Screen("desk-phones", "/desk/phones", apart=("code",)),
        Screen("desk-handover", "/desk/handover"),
    ),
)

ADMINISTRATOR = Round(
    "administrator",
    "guanli",
    DESK,
    (
        Screen("desk-staff", "/desk/staff"),
        Screen("desk-import", "/desk/import"),
        Screen("desk-jobs", "/desk/jobs"),
        Screen("desk-rules-points", "/desk/rules", "/desk/rules?part=points"),
    ),
)

ROUNDS = (ANYBODY, INSPECTOR, IN_A_CHAT_APP, CREW, SUPERVISOR, ADMINISTRATOR)
