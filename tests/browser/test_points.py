"""The person concerned sees his own points with their evidence on his phone, and nobody else does."""

from __future__ import annotations

import hashlib
from pathlib import Path

from playwright.sync_api import Playwright, expect

from tests.conftest import Pair
from tests.support.client import Client, now, signed_in, uuid7
from tests.support.phone import UPRIGHT, phone, shot, sign_in

FACT = "抢修到达现场超时 20 分钟，未向用户说明。"


def confirmed(inspector: Client, supervisor: Client, person: str, evidence: bytes) -> str:
    """A finding about this person, accepted, and its violation confirmed; gives the violation's id."""
    finding = uuid7()
    body = {
        "unit": inspector.records("person")[person]["data"]["unit"],
        "visit": "unannounced",
        "item": "QX-04",
        "catalogue": "2026.11",
        "person": person,
        "happened_at": now(),
        "fact": FACT,
        "photos": [inspector.photo(evidence, "evidence")],
    }
    inspector.applied(inspector.put("finding", finding, body), inspector.event("finding", finding, "submit"))
    inspector.upload(evidence)
    supervisor.applied(supervisor.event("finding", finding, "accept"))
    violation = str(supervisor.records("finding")[finding]["facts"]["violation"])
    supervisor.applied(supervisor.event("violation", violation, "confirm"))
    return violation


def test_a_person_sees_his_points_with_their_evidence_and_another_sees_nothing_of_them(
    playwright: Playwright, backend_pair: Pair, tmp_path: Path
) -> None:
    server = backend_pair.server().prepare(demo=True).start()
    evidence = shot(UPRIGHT, tmp_path / "evidence.jpg").read_bytes()
    sha256 = hashlib.sha256(evidence).hexdigest()
    try:
        with signed_in(server.url, "qiangxiu", register=False) as client:
            concerned = client.person
        with signed_in(server.url, "duchayuan") as inspector, signed_in(server.url, "zhuguan") as supervisor:
            violation = confirmed(inspector, supervisor, concerned, evidence)
            account = supervisor.http.get(f"/api/v1/points/people/{concerned}").json()
        [entry] = [one for one in account["entries"] if one["violation"] == violation]

        with phone(playwright, tmp_path / "own") as context:
            page = context.pages[0]
            sign_in(page, server.url, "qiangxiu")
            page.goto(f"{server.url}/points")
            balance = page.get_by_test_id("points-balance")
            expect(balance).to_have_attribute("data-points", str(account["balance"]))
            expect(balance).to_contain_text(str(account["to_cap"]))
            line = page.get_by_test_id("points-entry").filter(has_text=FACT)
            expect(line).to_contain_text("QX-04")
            expect(line).to_contain_text("2026.11")
            expect(line).to_contain_text(f"{entry['points']}")
            line.scroll_into_view_if_needed()  # the small view is made a little later, and asked for again
            expect(line.locator("img")).not_to_have_js_property("naturalWidth", 0, timeout=120_000)
            server.stop()
            page.reload()
            expect(balance).to_have_attribute("data-points", str(account["balance"]))
            expect(line).to_be_visible()
            server.start()

        with phone(playwright, tmp_path / "other") as context:
            page = context.pages[0]
            sign_in(page, server.url, "qiangxiu2")
            page.goto(f"{server.url}/points")
            expect(page.get_by_test_id("points-balance")).to_be_visible()
            expect(page.get_by_text(FACT)).to_have_count(0)
        for login in ("qiangxiu2", "taiqu"):  # another station, and a colleague of the same one
            with signed_in(server.url, login) as client:
                assert client.http.get(f"/api/v1/points/people/{concerned}").status_code == 404
                assert client.http.get("/api/v1/points/ledger").status_code == 404
                assert client.http.get(f"/api/v1/photos/{sha256}/w320").status_code == 404
                assert client.http.get(f"/api/v1/photos/{sha256}/original").status_code == 404
                seen = client.records()
                assert FACT not in str(seen)
                assert violation not in str(seen)
        with signed_in(server.url, "qiangxiu") as client:
            assert client.http.get(f"/api/v1/photos/{sha256}/original").content == evidence
    finally:
        server.kill()
