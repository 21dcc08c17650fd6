"""Everything that a person can fetch, and everything that he can try whose answer could differ.

The addresses come from the OpenAPI document: a new endpoint is walked by itself when its parameters are known here,
and fails the test until somebody has said what to give it.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

from backend.app import create_app
from backend.features.editions.service import shipped
from backend.settings import Settings
from tests.integration.secrecy.story import hazard
from tests.integration.secrecy.world import (
    COUNTY,
    OTHER,
    PEOPLE,
    STATION,
    STRANGER,
    Twins,
    an_id,
    event,
    photo,
    put,
    sha,
    upload_id,
    upload_request,
)
from tests.integration.secrecy.world import ORG as COMPANY

SECRETS = ("secret", "rejected", "dismissed", "deleted", "draft", "warm", "deleted hazard")
SECRET_PHOTOS = ("secret 1", "secret 2", "secret 3", "secret 4", "secret 5")
TUS = {"Tus-Resumable": "1.0.0"}

# Calls that change something or need a body: `tries` makes them, or says why it does not.
WRITES = {
    "SignIn": "every person of the story signs in, on both",
    "SignInByCode": "a code opens its own person's session, and looks at nothing else",
    "AddUnit": "for the administrator alone, who sees the county anyway",
    "ChangeUnit": "for the administrator alone, who sees the county anyway",
    "AddPerson": "for the administrator alone, who sees the county anyway",
    "ChangePerson": "for the administrator alone, who sees the county anyway",
    "SetPassword": "for the administrator alone, who sees the county anyway",
    "GiveRole": "for the administrator alone, who sees the county anyway",
    "EndRole": "for the administrator alone, who sees the county anyway",
    "InviteDevice": "for the administrator alone, who sees the county anyway",
    "CheckEquipmentTable": "for the administrator alone, who sees the county anyway",
    "ImportEquipmentTable": "for the administrator alone, who sees the county anyway",
    "SignOut": "ends the session of the one who asks, and looks at nothing else",
    "RegisterDevice": "tries",
    "RevokeDevice": "tries",
    "SyncPush": "tries",
    "SyncAudit": "fetches",
    "SyncLacking": "fetches",
    "SettleException": "tries",
    "MissingPhotos": "fetches",
    "CreateUpload": "tries",
    "AppendUpload": "tries",
    "TerminateUpload": "tries",
    "GiveReceipt": "tries",
    "SendCaptures": "kept under the sender's own device, whatever it says of a photo; looks at nothing else",
    "SendRescueFile": "a file is known by the hash of its own bytes; a stranger's makes nothing but his own staging",
    "OpenRescueFile": "tries",
    "BringInRescueFile": "tries",
    "ReportPhone": "kept beside the sender's own device, and shown to who manages devices; looks at nothing else",
    "RetryJob": "tries",
    "RetryJobs": "tries",
    "SettleSecondLook": "needs the id of a look, made at random; nothing is drawn in this story",
    "CheckEdition": "`_tries_rules`",
    "SaveEdition": "the administrator's; looks at rules and forms only, never at a record",
    "PublishEdition": "the administrator's; looks at rules and forms only, never at a record",
    "ImportXlsForm": "the administrator's; looks at nothing but the workbook sent",
    "TryRules": "`_tries_rules`",
    "TriedEntries": "`_tries_rules`",
    "StartExport": "makes a file of what the direct exports give, which are walked",
    "CancelExport": "of the person's own; looks at nothing else",
    "ReadNotices": "of the person's own; looks at nothing else",
    "ChooseNotices": "kept under the person's own name; looks at nothing else",
    "SubscribePush": "kept under the sender's own device, which is looked up as `ReportPhone` does",
    "UnsubscribePush": "of the person's own; looks at nothing else",
    "SaveView": "kept under the person's own name; looks at nothing else",
    "ForgetView": "of the person's own; looks at nothing else",
}
# Made at random for each installation, before any record; proofs of secret photos are asked for in `photos`.
# A dossier's codes are made with the same keys; `fetches` asks for those of secrets, which must not be there.
# A stream lasts; what it says is that a scope of the reader's own moved, which `_pulls` asks for by itself.
APART = {"ListKeys", "PhotoProof", "ExportDossier", "Live"}
# What somebody's own tries can move by themselves: his feed, his exceptions, uploads, photos and rescue files. Whether
# that shows in lists and boards is asked with all the rest, in the days after.
MOVED = (
    "/api/v1/sync/",
    "/api/v1/uploads",
    "/api/v1/photos/",
    "/api/v1/rescue",
    "/api/v1/records/",
    "/api/v1/devices",
)
# Files of what a list shows, put together by the list's own query, and dear: one value of each parameter.
FILES = "/api/v1/exports/"
DOCUMENTS = ("/schema", "/schema/openapi.json")  # dear, and before any sign-in: `strangers` ask for them
BESIDE = (
    "/metrics",
    "/",
    "/index.html",
    "/sw.js",
    "/nowhere.txt",
    "/desk/review",
)


def scopes() -> list[str]:
    people = [f"p:{an_id(login)}" for login in ("inspector", "supervisor", "crew", "manager")]
    return ["org", "control", f"u:{STATION}", f"u:{OTHER}", f"u:{COUNTY}", *people]


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = create_app(Settings()).openapi_schema.to_schema()["paths"]
    return found


def values(login: str, violations: tuple[str, ...]) -> dict[str, list[str]]:
    """What to put in the place of each parameter: secrets, things of one's own, and what nobody has."""
    me = an_id(login)
    photos = [sha(name) for name in (*SECRET_PHOTOS, "public hazard", "known case", "unknown")]
    uploads = [
        upload_id(COMPANY, an_id(who), sha(name)) for who in ("inspector", login) for name in SECRET_PHOTOS
    ]
    records = [an_id(name) for name in (*SECRETS, "hazard", "unknown")]
    numbered = [f"{an_id(f'phone {who}')}:{n}" for who in (login, "inspector") for n in (1, 2, 99)]
    return {
        "sha256": [*photos, "0" * 64, "x"],
        "view": ["original", "w320", "nothing"],
        "upload": [*uploads, an_id("unknown")],
        "device": [an_id(f"phone {who}") for who in (login, "inspector", "spare", "unknown")],
        "person": [me, *(an_id(who) for who in PEOPLE), an_id("unknown")],
        "id": [*records, *violations, *photos, *numbered],
        "record": [*records, *violations],
        "after": ["0", "1", "3"],
        "limit": ["1", "2", "500"],
        "schema": ["0", "1", "2"],
        "n": ["1", "2", "4", "12"],
        "settled": ["true"],
        "mine": ["true"],
        "before": ["x"],
        "file": [*photos, "0" * 64, "x"],
        "token": [*photos, "A" * 92, "x"],
        "kind": ["finding", "violation", "hazard,defect,repair", "equipment,meter_box", "nothing"],
        "status": ["submitted", "returned,rejected", "proposed", "x"],
        "grade": ["critical", "serious,general", "x"],
        "unit": [STATION, OTHER, an_id("unknown")],
        "thing": [an_id("box"), *(an_id(name) for name in SECRETS), an_id("unknown")],
        "since": ["2026-11-25", "x"],
        "until": ["2026-11-25", "x"],
        "ids": [",".join(an_id(name) for name in (*SECRETS, "hazard", "unknown"))],
        "what": ["csv", "dossier"],
        "export": [an_id("unknown")],
        "lang": ["zh", "en"],
        "q": ["a", "e", "1", an_id("secret"), an_id("draft")],
        "sort": ["at", "-at", "changed", "-changed", "grade", "-grade", "x"],
        "days": ["30", "0"],
        "part": ["points", "checklist", "form.unknown", "x"],
        "version": ["2026.11", "2026.12.1", "x"],
        "zero": ["Z1", "Z6,Z4", "Z7", "x"],
        "unseen": ["2026-11-25", "2027-01-01", "x"],
        "box": ["115,36,118,38", "x"],
        "zoom": ["0", "10", "22"],
        "cursor": [],  # `_pulls` asks by cursor
        "level": [str(level) for level in range(7)],
        "again": [
            "control",
            f"u:{PEOPLE[login][0]}",
            f"p:{an_id('inspector')}",
            "nothing",
            ",".join(scopes()),
        ],
    }


def fetches(twins: Twins, login: str, violations: tuple[str, ...] = (), *, most: int | None = None) -> None:
    """Ask for everything once; the twins keep what differs. `most` values of each query parameter, else all."""
    _fetches_under(twins, login, violations, ("/",), most)
    for name in (*SECRETS, "unknown"):
        twins.both(login, "GET", "/api/v1/exports/dossier.pdf", params={"ids": an_id(name)})
    for path in BESIDE:
        twins.both(login, "GET", path)
    for path in ("/api/v1/uploads", "/api/v1/photos/missing", "/api/v1/session"):
        twins.both(login, "OPTIONS", path, headers=TUS)


def _fetches_under(
    twins: Twins, login: str, violations: tuple[str, ...], under: tuple[str, ...], most: int | None
) -> None:
    """Every call under one of these addresses, and the feed."""
    given = values(login, violations)
    for path, item in document().items():
        if not path.startswith(under):
            continue
        for method, operation in item.items():
            if operation["operationId"] in APART:
                continue
            if method in ("get", "head"):
                for address, params in _calls(path, operation, given, most):
                    twins.both(login, method.upper(), address, params=params, headers=TUS)
            elif method != "options":
                assert operation["operationId"] in WRITES, f"a new call: say how it is walked ({path})"
    photos(twins, login)
    _pulls(twins, login)
    phones = (f"phone {who}" for who in ("inspector", "spare", "supervisor", login, "unknown"))
    marks = {str(n): "0" * 16 for n in range(1, 20)}
    kept = {an_id(phone): marks for phone in phones}
    twins.both(login, "POST", "/api/v1/sync/lacking", json={"kept": kept})


def photos(twins: Twins, login: str) -> None:
    """What is known of each secret photo, by its hash; and the feed, where a record says what it misses."""
    names = (*SECRET_PHOTOS, "public hazard", "unknown")
    wanted = [{"sha256": sha(name), "size": 1} for name in names]
    twins.both(login, "POST", "/api/v1/photos/missing", json={"photos": wanted})
    for name in names:
        address = f"/api/v1/photos/{sha(name)}"
        twins.both(login, "GET", f"{address}/facts")
        twins.both(login, "GET", f"{address}/w320")
        if name not in (
            "public hazard",
            "secret 1",
            "secret 4",
        ):  # `_has_the_bytes`: of one's own there is one
            twins.both(login, "GET", f"{address}/proof")
        twins.both(login, "GET", f"{address}/original", headers={"Range": "bytes=0-1"})
        twins.both(login, "GET", f"{address}/original", headers={"If-None-Match": f'"{sha(name)}"'})
    twins.both(login, "GET", "/api/v1/sync/pull")


def _calls(
    path: str, operation: dict[str, Any], given: dict[str, list[str]], most: int | None
) -> Iterator[tuple[str, dict[str, str]]]:
    """Each value of the path with no query, and each value of each query parameter by itself."""
    parameters = operation.get("parameters", [])
    names = [p["name"] for p in parameters if p["in"] == "path"]
    queries = [p["name"] for p in parameters if p["in"] == "query"]
    unknown = set(names + queries) - given.keys()
    assert not unknown, f"a new parameter: say what to ask with ({path}: {unknown})"
    first = True
    for chosen in product(*(given[name] for name in names)):
        address = path
        for name, value in zip(names, chosen, strict=True):
            address = address.replace("{" + name + "}", value)
        yield address, {}
        if first:
            each = 1 if path.startswith(FILES) else most
            yield from ((address, {name: value}) for name in queries for value in given[name][:each])
        first = False


def _pulls(twins: Twins, login: str) -> None:
    """The feed: from nothing in one piece and record by record, from old places, unchanged, with forged places."""
    page = twins.both(login, "GET", "/api/v1/sync/pull")
    held = [*twins.cursors.get(login, [])]
    if page.status == 200:
        held.append(page.json()["cursor"])
        assert page.json()["changes"], f"{login} has nothing to be compared"
        _one_by_one(twins, login)
    for cursor in held:
        twins.both(login, "GET", "/api/v1/sync/pull", params={"cursor": cursor})
        twins.both(login, "GET", "/api/v1/sync/pull", params={"cursor": cursor, "limit": "1"})
        twins.both(login, "GET", "/api/v1/sync/pull", headers={"If-None-Match": f'"{cursor}"'})
        for again in ("control", f"p:{an_id('inspector')}", ",".join(scopes())):
            twins.both(login, "GET", "/api/v1/sync/pull", params={"cursor": cursor, "again": again})
        for level in ("0", "6"):
            twins.both(login, "GET", "/api/v1/sync/pull", params={"cursor": cursor, "level": level})
        _audits(twins, login, cursor)
    for scope in ("org", "control", f"u:{STATION}", f"p:{an_id('inspector')}"):
        for place in ("0", "1", "9", "40", "1000000", "0^9"):
            cursor = f"1.1.{place}@{scope}"
            twins.both(login, "GET", "/api/v1/sync/pull", params={"cursor": cursor, "limit": "1"})
    _audits(twins, login, "1.1.0@" + ",".join(scopes()))


def _one_by_one(twins: Twins, login: str) -> None:
    cursor = ""
    while True:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = twins.both(login, "GET", "/api/v1/sync/pull", params=params)
        if page.status != 200 or not page.json()["more"]:
            return
        cursor = page.json()["cursor"]


def _audits(twins: Twins, login: str, cursor: str) -> None:
    nothing = {scope: {"count": 0, "xor": "0" * 16} for scope in scopes()}
    twins.both(login, "POST", "/api/v1/sync/audit", json={"cursor": cursor, "scopes": nothing})


def tries(twins: Twins, login: str, violations: tuple[str, ...]) -> None:
    """Whatever somebody could send who has heard of an id or has the bytes of a photo."""
    _knocks(twins, login, violations)
    _asks_for_a_receipt(twins, login, violations)
    _knows_the_hash(twins, login)
    _has_the_bytes(twins, login)
    _tries_rules(twins, login)
    _fetches_under(twins, login, violations, MOVED, 1)
    for who in ("inspector", "unknown"):
        twins.both(login, "POST", f"/api/v1/devices/{an_id(f'phone {who}')}/revoke")
    for job in (f"/{an_id('unknown')}/retry", "/retry"):
        twins.both(login, "POST", f"/api/v1/jobs{job}")
    for device, n in product(("inspector", "spare", login, "unknown"), (1, 2, 3, 4, 12)):
        address = f"/api/v1/sync/exceptions/{an_id(f'phone {device}')}/{n}/settle"
        twins.both(login, "POST", address, json={"choice": "let_be", "rev": 1, "reason": "x"})
    taken = {"id": an_id("phone inspector"), "name": "mine", "app_version": "1"}
    twins.both(login, "POST", "/api/v1/devices", json=taken)
    for name in SECRET_PHOTOS:
        address = f"/api/v1/uploads/{upload_id(COMPANY, an_id('inspector'), sha(name))}"
        twins.both(login, "DELETE", address, headers=TUS)
        body = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        twins.both(login, "PATCH", address, headers=body, content=b"x")


def _knocks(twins: Twins, login: str, violations: tuple[str, ...]) -> None:
    """Events and deletes on secret records, under their own kind and under others."""
    ids = [*(an_id(name) for name in SECRETS), *violations]
    ops: list[dict[str, Any]] = []
    for turn, id_ in enumerate(ids):
        for kind, what in (
            ("finding", "submit"),
            ("finding", "accept"),
            ("violation", "confirm"),
            ("hazard", "submit"),
            ("infrared", "nonsense"),
            ("repair", "receive"),
            ("entry", "submit"),
            ("nonsense", "submit"),
        ):
            ops.append(event(kind, id_, what, id_=f"{login} {twins.steps} {turn} {kind} {what}"))
            ops.append({"op": "delete", "kind": kind, "id": id_, "base": 1})
    for turn, name in enumerate(SECRETS):  # an event that bears the id of a secret record or event
        ops.append(event("hazard", "hazard", "submit", id_=name) | {"id": an_id(name)})
        ops.append(event("hazard", "hazard", "nonsense", id_=f"event finding {name} submit {turn}"))
    for start in range(0, len(ops), 100):
        twins.push(login, *ops[start : start + 100], applied=False)


def _tries_rules(twins: Twins, login: str) -> None:
    """A rule tried on the past counts decisions: nobody below the county's inspection line learns of one."""
    rules = shipped("points", "2026.11") | {"cap_points": 13}
    twins.both(login, "POST", "/api/v1/editions/check", json={"part": "points", "body": rules})
    for cycle in ("2025", "2026"):
        asked = {"body": rules, "cycle": cycle}
        twins.both(login, "POST", "/api/v1/points/trial", json=asked)
        for one in ({"unit": STATION}, {"unit": OTHER}, {"person": an_id(login)}, {"person": an_id("crew")}):
            twins.both(login, "POST", "/api/v1/points/trial/entries", json=asked | one)


def _asks_for_a_receipt(twins: Twins, login: str, violations: tuple[str, ...]) -> None:
    """A receipt over secret records and photos names them missing, there or not; so for files of others."""
    ids = [*(an_id(name) for name in SECRETS), *violations, an_id("unknown")]
    asked = {
        "device": an_id(f"phone {login}"),
        "day": "2026-11-25",
        "zone": "Asia/Shanghai",
        "n": 0,
        "spans": [],
        "records": [{"id": id_, "rev": 1} for id_ in ids],
        "photos": [sha(name) for name in SECRET_PHOTOS],
    }
    twins.both(login, "POST", "/api/v1/receipts", json=asked)
    twins.both(login, "POST", "/api/v1/receipts", json=asked | {"device": an_id("phone inspector")})
    for name in SECRET_PHOTOS:
        twins.both(login, "POST", f"/api/v1/rescue/{sha(name)}/inside", json={"reason": "x"})
        twins.both(login, "POST", f"/api/v1/rescue/{sha(name)}/bring-in")


def _knows_the_hash(twins: Twins, login: str) -> None:
    """A record of one's own that names a secret photo without having it."""
    named = [photo(name) for name in SECRET_PHOTOS]
    if PEOPLE[login][1] == "manager":
        own = put(
            "hazard", f"claim {login} {twins.steps}", hazard() | {"unit": PEOPLE[login][0], "photos": named}
        )
        twins.push(login, own, applied=False)
    elif PEOPLE[login][1] == "crew" and PEOPLE[login][0] == STATION:
        page = twins.both(login, "GET", "/api/v1/sync/pull").json()
        jobs = [change for change in page["changes"] if change.get("kind") == "repair"]
        for job in jobs:
            for what in ("receive", "arrive", "locate"):
                data = {} if what == "receive" else {"photos": named}
                data |= {"cause": "x"} if what == "locate" else {}
                twins.push(
                    login,
                    event("repair", job["id"], what, data, id_=f"{login} {twins.steps} {what}"),
                    applied=False,
                )
    photos(twins, login)


def _has_the_bytes(twins: Twins, login: str) -> None:
    """The very bytes of a secret photo, sent by another person."""
    name = "secret 1" if PEOPLE[login][1] == "crew" else "secret 4"
    twins.both(login, "POST", "/api/v1/uploads", **upload_request(name, 0))
    twins.both(login, "POST", "/api/v1/uploads", **upload_request(name))
    twins.both(login, "HEAD", f"/api/v1/uploads/{upload_id(COMPANY, an_id(login), sha(name))}", headers=TUS)
    photos(twins, login)
    twins.arrange("work")
    photos(twins, login)


def glance(twins: Twins, login: str, violations: tuple[str, ...]) -> None:
    """The shortest walk on which each known fault shows."""
    for path in (
        "/metrics",
        "/api/v1/devices",
        "/api/v1/session",
        "/api/v1/points/me",
        "/api/v1/points/ledger",
        "/api/v1/points/ledger/chain",
    ):
        twins.both(login, "GET", path)
    for who in PEOPLE:
        twins.both(login, "GET", f"/api/v1/points/people/{an_id(who)}")
    photos(twins, login)
    for cursor in (*twins.cursors[login], "1.1.0@control", "1.1.9@control"):
        twins.both(login, "GET", "/api/v1/sync/pull", params={"cursor": cursor})
        _audits(twins, login, cursor)
    _knocks(twins, login, violations)
    for id_ in violations:
        twins.both(login, "GET", f"/api/v1/sync/where/{id_}")
    _asks_for_a_receipt(twins, login, violations)
    _knows_the_hash(twins, login)
    _has_the_bytes(twins, login)


def strangers(twins: Twins) -> None:
    """Nobody who is not signed in learns anything either."""
    for path in (
        *DOCUMENTS,
        *BESIDE,
        "/healthz",
        "/readyz",
        "/api/v1/sync/pull",
        f"/api/v1/photos/{sha('secret 1')}/original",
    ):
        twins.both(STRANGER, "GET", path)
    twins.both(STRANGER, "POST", "/api/v1/session", json={"login": "inspector", "password": "not this"})
