"""Lists over HTTP: saved views are one's own, exports hold what their reader may see and nothing that runs."""

import csv
import hashlib
import io
import zipfile
from typing import Any

from tests.support.client import Client, now, uuid7

from .conftest import World

PHOTO = b"\xff\xd8\xff\xe0" + b"a door that hangs open" * 100 + b"\xff\xd9"
LOST = b"\xff\xd8\xff\xe0" + b"never sent" * 100 + b"\xff\xd9"


def hazard(world: World, client: Client, **more: Any) -> str:
    """A hazard of the first station, whose note begins like a formula; one of its two photos has arrived."""
    station = world.ours.stations[0]
    box, id_ = uuid7(), uuid7()
    place = {
        "code": "=1+1",
        "unit": station,
        "area_name": "城关 12",
        "address": "../人民路 4 号楼",
        "material": "metal",
        "positions": 6,
        "ownership": "utility",
    }
    body = {
        "unit": station,
        "meter_box": box,
        "items": ["MB-01"],
        "ownership": "utility",
        "found_at": now(),
        "photos": [client.photo(PHOTO, "overall"), client.photo(LOST, "close")],
        "note": "=HYPERLINK(1)",
        **more,
    }
    client.applied(client.put("meter_box", box, place), client.put("hazard", id_, body))
    client.applied(client.event("hazard", id_, "submit"))
    client.upload(PHOTO)
    return id_


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes it for another encoding"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_exports_hold_the_readers_rows_in_both_languages_and_no_formula(world: World) -> None:
    with world.client("inspector", register=True) as inspector:
        id_ = hazard(world, inspector)
    with world.client("crew2") as stranger, world.client("supervisor") as supervisor:
        for kind in ("csv", "xlsx"):
            assert id_.encode() not in stranger.http.get(f"/api/v1/exports/records.{kind}").content
        found = table(supervisor.http.get("/api/v1/exports/records.csv", params={"kind": "hazard"}).content)
        assert found[0][:4] == ["编号", "类型", "状态", "等级"]
        line = dict(zip(found[0], next(row for row in found if row[0] == id_), strict=True))
        assert line["类型"] == "计量箱隐患"
        assert line["单位"] == "甲供电所"
        assert line["对象编号"] == "'=1+1"
        assert line["发生时间"].endswith(" +08:00")
        english = supervisor.http.get("/api/v1/exports/records.csv", params={"lang": "en", "ids": id_})
        assert [row[1] for row in table(english.content)] == ["Kind", "hazard"]
        book = supervisor.http.get("/api/v1/exports/records.xlsx", params={"ids": id_}).content
        with zipfile.ZipFile(io.BytesIO(book)) as parts:
            sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "甲供电所" in sheet
        assert "<f>" not in sheet


def test_the_archive_of_photos_has_telling_names_and_its_own_check(world: World) -> None:
    with world.client("inspector", register=True) as inspector:
        id_ = hazard(world, inspector)
    with world.client("supervisor") as supervisor, world.client("crew2") as stranger:
        archive = zipped(supervisor, ids=id_)
        (photo,) = [name for name in archive if name.endswith(".jpg")]
        station, _, code, role, n = photo.removesuffix(".jpg").split("_")
        assert (station, code, role, n) == ("甲供电所", "=1+1", "overall", "1")
        assert archive[photo] == PHOTO
        sums = archive["SHA256SUMS"].decode().split("  ")
        assert sums == [hashlib.sha256(PHOTO).hexdigest(), f"{photo}\n"]
        index = table(archive["index.csv"])
        assert [row[0] for row in index[1:]] == [photo, ""]
        assert index[2][-1] == "照片尚未到达服务器"
        assert set(zipped(stranger, ids=id_)) == {"index.csv", "SHA256SUMS"}


def zipped(client: Client, **asked: Any) -> dict[str, bytes]:
    answer = client.http.get("/api/v1/exports/photos.zip", params=asked)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_saved_view_is_ones_own_and_they_are_bounded(world: World) -> None:
    with world.client("supervisor") as me, world.client("leader") as other:
        for query in ("kind=repair", "kind=repair&status=restored"):
            assert me.http.put("/api/v1/list-views", json={"name": "待审", "query": query}).status_code == 204
        assert me.http.get("/api/v1/list-views").json() == {"views": [{"name": "待审", "query": query}]}
        assert other.http.get("/api/v1/list-views").json() == {"views": []}
        assert other.http.delete("/api/v1/list-views", params={"name": "待审"}).status_code == 404
        for i in range(49):
            me.http.put("/api/v1/list-views", json={"name": f"{i}", "query": ""})
        full = me.http.put("/api/v1/list-views", json={"name": "one more", "query": ""})
        assert (full.status_code, full.json()["code"]) == (409, "too_many_views")
        assert me.http.delete("/api/v1/list-views", params={"name": "待审"}).status_code == 204
        for wrong in (b"", b"{}", b'{"name":"","query":""}', b'{"name":"a","query":1}', b"\xff"):
            assert me.http.put("/api/v1/list-views", content=wrong).status_code == 400


def test_a_list_that_cannot_be_meant_is_refused_before_anything_is_sent(world: World) -> None:
    with world.client("supervisor") as client:
        for path in (
            "list",
            "list/marks",
            "exports/records.csv",
            "exports/records.xlsx",
            "exports/photos.zip",
        ):
            answer = client.http.get(f"/api/v1/{path}", params={"grade": "x"})
            assert (answer.status_code, answer.json()["issues"][0]["path"]) == (422, "grade")
        assert client.http.get("/api/v1/list", params={"after": "x"}).json()["code"] == "invalid"
        assert client.http.get("/api/v1/list", params={"limit": "501"}).status_code in (400, 422)
