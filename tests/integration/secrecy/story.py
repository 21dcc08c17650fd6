"""What happens on both servers, and what an inspector does in secret on one of them."""

from typing import Any

from tests.integration.secrecy.world import (
    CONTROL,
    EQUIPMENT,
    INSPECTED,
    METER_BOX,
    PEOPLE,
    START,
    STATION,
    Twins,
    an_id,
    delete,
    event,
    photo,
    picture,
    put,
    sha,
    upload_request,
)
from tests.support.client import PASSWORD

# Words that no inspected person may ever read, whatever is disclosed of the visit itself.
REMARKS = ("REMARK-RETURN", "REMARK-REJECT", "REMARK-DISMISS", "REMARK-ACCEPT", "EARLIER-WORDING")
NOTE = "NOTE-OF-THE-DECISION"


def finding(person: str, *photos: str, fact: str = "值班人员脱岗", **more: Any) -> dict[str, Any]:
    """A finding at the inspected station."""
    body = {
        "unit": PEOPLE[person][0] if person else STATION,
        "visit": "unannounced",
        "item": "YYT-01",
        "catalogue": "2026.11",
        "happened_at": START.isoformat(),
        "fact": fact,
        "photos": [photo(name) for name in photos],
        **more,
    }
    return body | ({"person": an_id(person)} if person else {})


def hazard(*photos: str) -> dict[str, Any]:
    return {
        "unit": STATION,
        "meter_box": METER_BOX,
        "items": ["MB-01"],
        "ownership": "utility",
        "found_at": START.isoformat(),
        "photos": [photo(name) for name in photos],
    }


def infrared(*photos: str) -> dict[str, Any]:
    return {
        "unit": STATION,
        "equipment": EQUIPMENT,
        "taken_at": START.isoformat(),
        "photos": [photo(name, "thermal") for name in photos],
    }


def linked(twins: Twins, reader: str, kind: str) -> list[str]:
    """Ids of the records of a kind that the reader has, oldest first; the same on both servers."""
    page = twins.both(reader, "GET", "/api/v1/sync/pull").json()
    return [change["id"] for change in page["changes"] if change.get("kind") == kind]


def violation_of(twins: Twins, finding_name: str, *, secretly: bool = False) -> str:
    """The violation that an accepted finding has led to."""
    asked = twins.only if secretly else twins.both
    page = asked("supervisor", "GET", "/api/v1/sync/pull").json()
    (row,) = [change for change in page["changes"] if change["id"] == an_id(finding_name)]
    return str(row["facts"]["violation"])


def before(twins: Twins) -> None:
    """A day like any other, on both: phones, a hazard with its repair, a violation that was entered."""
    for login in (*CONTROL, *INSPECTED):
        twins.sign_in(login)
        twins.register(login)
    twins.upload("manager", "public hazard")
    twins.push(
        "manager", put("hazard", "hazard", hazard("public hazard")), event("hazard", "hazard", "submit")
    )
    twins.push("manager", put("hazard", "thrown away", hazard()), delete("hazard", "thrown away", 1))
    twins.push("supervisor", event("hazard", "hazard", "accept"))
    (repair,) = linked(twins, "crew", "repair")
    twins.arrange("work")  # the crews are given notice of it
    twins.push("crew", event("repair", repair, "receive"))
    twins.upload("inspector", "known case")
    twins.push(
        "inspector",
        put("finding", "known case", finding("other_crew", "known case")),
        event("finding", "known case", "submit"),
    )
    twins.push("supervisor", event("finding", "known case", "accept"))
    twins.push("supervisor2", event("violation", violation_of(twins, "known case"), "confirm"))
    twins.arrange("work")
    for login in INSPECTED:  # a phone that was here, and one that broke off its first sync
        for params in ({}, {"limit": "2"}):
            page = twins.both(login, "GET", "/api/v1/sync/pull", params=params).json()
            twins.cursors.setdefault(login, []).append(page["cursor"])


def visit(twins: Twins) -> None:
    """The secret visit with all that may come of it, on one server alone."""
    spare = {"id": an_id("phone spare"), "name": "spare", "app_version": "1"}
    assert twins.only("inspector", "POST", "/api/v1/devices", json=spare).status == 200
    one = finding("crew", "secret 1", "secret 2", fact="EARLIER-WORDING")
    twins.push_secretly("inspector", put("finding", "secret", one))
    twins.upload_secretly("inspector", "secret 1", part=0.5)
    content = upload_request("secret 1")["content"]
    location = twins.only("inspector", "POST", "/api/v1/uploads", **upload_request("secret 1", 0))
    rest = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    at = int(location.header("upload-offset"))
    rest["Upload-Offset"] = str(at)
    sent = twins.only("inspector", "PATCH", location.header("location"), headers=rest, content=content[at:])
    assert sent.status == 204, sent
    twins.upload_secretly("inspector", "secret 2", part=0.5)  # never finished
    twins.push_secretly("inspector", put("finding", "secret", {"fact": "脱岗"}, 1))
    (clash,) = twins.push_secretly(
        "inspector", put("finding", "secret", {"fact": "EARLIER-WORDING 2"}, 1), applied=False, device="spare"
    )
    assert clash["status"] == "conflict", clash
    twins.push_secretly("inspector", event("finding", "secret", "submit"))
    twins.push_secretly("supervisor", event("finding", "secret", "return", {"reason": "REMARK-RETURN"}))
    twins.push_secretly(
        "inspector",
        put("finding", "secret", {"place": "值班室"}, 9),
        event("finding", "secret", "submit", id_="submitted again"),
    )
    twins.push_secretly("supervisor", event("finding", "secret", "accept", {"note": "REMARK-ACCEPT"}))
    twins.push_secretly(
        "inspector2",
        put("finding", "rejected", finding("manager", "secret 5")),
        event("finding", "rejected", "submit"),
    )
    twins.upload_secretly("inspector2", "secret 5")
    twins.push_secretly("supervisor", event("finding", "rejected", "reject", {"reason": "REMARK-REJECT"}))
    twins.push_secretly(
        "inspector",
        put("finding", "dismissed", finding("crew2", "secret 1")),
        event("finding", "dismissed", "submit"),
    )
    twins.push_secretly("supervisor", event("finding", "dismissed", "accept"))
    dismissed = violation_of(twins, "dismissed", secretly=True)
    twins.push_secretly("supervisor2", event("violation", dismissed, "dismiss", {"reason": "REMARK-DISMISS"}))
    twins.push_secretly(
        "inspector", put("finding", "deleted", finding("crew")), delete("finding", "deleted", 1)
    )
    twins.push_secretly("inspector", put("finding", "draft", finding("head", "secret 3")))
    twins.push_secretly("inspector", put("infrared", "warm", infrared("secret 4")))
    warm = twins.secret.n["inspector"]
    twins.upload_secretly("inspector", "secret 4")
    twins.push_secretly(
        "inspector", put("hazard", "deleted hazard", hazard()), delete("hazard", "deleted hazard", 1)
    )
    refused = twins.push_secretly(
        "inspector",
        event("finding", "secret", "accept", id_="refused 1"),
        event("finding", "secret", "submit", id_="refused 2"),
        put("nonsense", "refused 3", {}),
        event("finding", "nowhere", "submit"),
        applied=False,
    )
    assert {result["status"] for result in refused} == {"rejected"}, refused
    revoked = twins.only("inspector", "POST", f"/api/v1/devices/{an_id('phone spare')}/revoke")
    assert revoked.status == 204, revoked
    # The session belonged to the spare phone and ended with it: the inspector goes on with the first one.
    signed_in = {"login": "inspector", "password": PASSWORD}
    assert twins.only("inspector", "POST", "/api/v1/session", json=signed_in).status == 200
    first = {"id": an_id("phone inspector"), "name": "phone", "app_version": "1"}
    assert twins.only("inspector", "POST", "/api/v1/devices", json=first).status == 200
    _ends_the_day(twins, warm)


def _ends_the_day(twins: Twins, warm: int) -> None:
    """The receipt over the secret work, refused for what is missing and given for what is whole; and a rescue file that
    breaks off. `warm` is the number of the operation that made a record whose photo is here.
    """
    device = an_id("phone inspector")
    n = twins.secret.n["inspector"]
    for first, last, record, named, status in (
        (1, n, "secret", "secret 1", 409),
        (warm, warm, "warm", "secret 4", 200),
    ):
        day = {
            "device": device,
            "day": "2026-11-25",
            "zone": "Asia/Shanghai",
            "n": n,
            "spans": [{"device": device, "first": first, "last": last}],
            "records": [{"id": an_id(record), "rev": 1}],
            "photos": [sha(named)],
        }
        given = twins.only("inspector", "POST", "/api/v1/receipts", json=day)
        assert given.status == status, given
    content = picture("secret 1")
    part = {"Rescue-File": sha("secret 1"), "Upload-Offset": "0", "Upload-Length": str(len(content))}
    sent = twins.only("inspector", "POST", "/api/v1/rescue", headers=part, content=content[:100])
    assert sent.status == 200, sent


def after(twins: Twins) -> None:
    """The work goes on, on both; control people take part in it openly too."""
    repair = linked(twins, "crew", "repair")[0]  # it came as far as `located` while everything was tried
    twins.upload("crew", "on the spot")
    twins.push("crew", event("repair", repair, "repair", {"measure": "x", "photos": [photo("on the spot")]}))
    twins.upload("inspector", "open hazard")
    twins.push(
        "inspector",
        put("hazard", "open hazard", hazard("open hazard")),
        event("hazard", "open hazard", "submit"),
    )
    twins.push("supervisor", event("hazard", "open hazard", "accept"))
    twins.push(
        "manager", {"op": "put", "kind": "meter_box", "id": METER_BOX, "base": 1, "data": {"positions": 8}}
    )
    twins.upload("inspector", "second case")
    twins.push(
        "inspector",
        put("finding", "second case", finding("other_crew", "second case")),
        event("finding", "second case", "submit"),
    )
    twins.push("supervisor", event("finding", "second case", "accept"))
    twins.push("supervisor2", event("violation", violation_of(twins, "second case"), "confirm"))


def disclose(twins: Twins) -> str:
    """A second person confirms the violation; its id. From here on the person concerned may know."""
    violation = violation_of(twins, "secret", secretly=True)
    twins.push_secretly("supervisor2", event("violation", violation, "confirm", {"note": NOTE}))
    return violation
