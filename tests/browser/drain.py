"""A full queue of photos goes out while the phone dies again and again."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.support.client import signed_in
from tests.support.phone import (
    UPRIGHT,
    fill_finding,
    kill,
    phone,
    shot,
    sign_in,
    signed_in_on_disk,
    submit,
)
from tests.support.server import Server
from tests.support.stored import digest, objects

KILLS = 3
LATE_S = 1800


@dataclass(frozen=True)
class Drained:
    """What the server has of what the phone had queued. `at`: how many photos had arrived at each kill."""

    photos: int
    at: tuple[int, ...]
    lost: int
    doubled: int


def drained(
    playwright: Playwright, server: Server, folder: Path, *, records: int, photos: int, seed: int
) -> Drained:
    """Findings of so many photos each, handed in without a server; then it comes, and the phone is killed three times
    while they go, at moments that `seed` chooses. The server is one with the demo company, started.
    """
    profile, chance = folder / "profile", random.Random(seed)
    taken = [[shot(UPRIGHT, folder / f"{i}-{j}.jpg") for j in range(photos)] for i in range(records)]
    before = set(objects(server))
    with phone(playwright, profile) as context:
        page = context.pages[0]
        sign_in(page, server.url, "duchayuan")
        signed_in_on_disk(profile)
        server.stop()
        ids = [_handed_in(page, server.url, files) for files in taken]
        expect(page.get_by_test_id("sync-strip")).to_contain_text(f"{records * photos} 张照片")
    server.start()
    total, at = records * photos, []
    for wanted in sorted(chance.sample(range(1, total * 9 // 10), KILLS)):
        with phone(playwright, profile) as context:
            context.pages[0].goto(server.url)
            _wait(context.pages[0], server, len(before) + wanted)
            time.sleep(chance.random() / 2)
            kill(profile)
            at.append(_stored(server) - len(before))
    with phone(playwright, profile) as context:
        page = context.pages[0]
        page.goto(server.url)
        strip = page.get_by_test_id("sync-strip")
        expect(strip).to_have_attribute("data-waiting", "0", timeout=LATE_S * 1000)
        expect(strip).to_have_attribute("data-phase", "idle", timeout=LATE_S * 1000)
    return _counted(server, dict(zip(ids, taken, strict=True)), before, tuple(at))


def _handed_in(page: Page, url: str, files: list[Path]) -> str:
    fill_finding(page, url, files[0])
    page.get_by_test_id("photo-evidence-gallery").set_input_files(files[1:])
    expect(page.locator(".frames__one--full")).to_have_count(len(files), timeout=LATE_S * 1000)
    return submit(page)


def _stored(server: Server) -> int:
    return sum(file.is_file() for file in (server.folder / "photos" / "originals").rglob("*"))


def _wait(page: Page, server: Server, count: int) -> None:
    until = time.monotonic() + LATE_S
    while _stored(server) < count:
        assert time.monotonic() < until, f"{_stored(server)} photos of {count} came"
        page.wait_for_timeout(20)


def _counted(server: Server, taken: dict[str, list[Path]], before: set[str], at: tuple[int, ...]) -> Drained:
    wanted = {id_: [digest(file) for file in files] for id_, files in taken.items()}
    stored = Counter(hashed for address, hashed in objects(server).items() if address not in before)
    with signed_in(server.url, "duchayuan") as inspector:
        mine = inspector.records("finding")
        person = inspector.person
    known = {
        id_: Counter(photo["sha256"] for photo in one["data"]["photos"])
        for id_, one in mine.items()
        if id_ in wanted
    }
    every = [(id_, sha256) for id_, hashes in wanted.items() for sha256 in hashes]
    lost = [
        sha256
        for id_, sha256 in every
        if not stored[sha256] or not known.get(id_, {})[sha256] or sha256 in mine[id_]["missing"]
    ]
    handed_in = [
        e for one in mine.values() for e in one["log"] if e["type"] == "submit" and e["by"] == person
    ]
    again = (
        len(handed_in)
        - len({e["id"] for e in handed_in})
        + sum([e["type"] for e in mine[id_]["log"]].count("submit") - 1 for id_ in wanted if id_ in mine)
    )
    doubled = sum(n - 1 for n in stored.values()) + sum(
        n - 1 for all_ in known.values() for n in all_.values()
    )
    strangers = len(stored.keys() - {sha256 for _, sha256 in every})
    return Drained(len(every), at, len(lost), doubled + again + strangers)
