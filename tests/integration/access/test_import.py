"""Registers from a table, over HTTP on both pairs: a check that writes nothing, then exactly what it showed, once."""

from typing import Any

from tests.support.client import Client

from .conftest import World

HEAD = "编号,名称,单位,线路,类型,发热部位,电压kV,台区"


def table(*rows: str) -> bytes:
    return "\n".join((HEAD, *rows)).encode("gb18030")


def line(code: str, area: str = "甲台区") -> str:
    return f"{code},变压器,甲供电所,城中线,变压器,C01,10,{area}"


def checked(client: Client, raw: bytes) -> dict[str, Any]:
    answer = client.http.post("/api/v1/equipment/import/check", content=raw)
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


def run(client: Client, raw: bytes, digest: str) -> Any:
    return client.http.post("/api/v1/equipment/import", params={"digest": digest}, content=raw)


def test_what_was_checked_is_taken_over_once_and_nothing_else(world: World) -> None:
    raw = table(line("IM-1"), line("IM-2"))
    with world.client("admin") as admin, world.client("manager", register=True) as manager:
        plan = checked(admin, raw)
        assert (plan["new"], plan["changed"], plan["bad"]) == (2, 0, [])
        assert not [r for r in manager.records("equipment").values() if r["data"]["code"] == "IM-1"]
        assert run(admin, table(line("IM-1")), plan["digest"]).json()["code"] == "import_changed"
        for _ in range(2):  # a lost answer is asked for again
            assert run(admin, raw, plan["digest"]).json() == {"new": 2, "changed": 0, "same": 0}
        known = {r["data"]["code"]: r["data"] for r in manager.records("equipment").values()}
        assert known["IM-1"]["voltage_kv"] == 10
        assert checked(admin, raw)["same"] == 2

        moved = table(line("IM-1", "乙台区"))
        before = checked(admin, moved)
        assert before["changes"][0]["fields"] == {"area_name": ["甲台区", "乙台区"]}
        id_ = before["changes"][0]["id"]
        manager.applied(manager.put("equipment", id_, {"rated_a": 400}, base=10**9))
        assert run(admin, moved, before["digest"]).status_code == 409
        after = checked(admin, moved)
        assert run(admin, moved, after["digest"]).json()["changed"] == 1
        bodies = [r["data"] for r in manager.records("equipment").values() if r["data"]["code"] == "IM-1"]
        assert [(one["area_name"], one["rated_a"]) for one in bodies] == [("乙台区", 400)]


def test_a_table_with_a_bad_row_is_taken_over_in_no_part(world: World) -> None:
    raw = table(line("BAD-1"), line("BAD-2").replace("甲供电所", "丙供电所"))
    with world.client("admin") as admin:
        plan = checked(admin, raw)
        (bad,) = plan["bad"]
        assert (bad["row"], bad["column"], bad["code"]) == (3, "单位", "unknown")
        assert "甲供电所" in bad["right"]
        assert run(admin, raw, plan["digest"]).json()["code"] == "import_bad_rows"
        assert checked(admin, table(line("BAD-1")))["new"] == 1


def test_what_is_no_table_or_not_ones_right_is_refused(world: World) -> None:
    with world.client("admin") as admin:
        for raw, why in ((b"", "empty"), (b"a,b\n1,2", "headers"), (b"PK\x03\x04", "not_a_table")):
            answer = admin.http.post("/api/v1/equipment/import/check", content=raw)
            assert (answer.status_code, answer.json()["why"]) == (422, why)
        large = admin.http.post("/api/v1/equipment/import/check", content=b"x" * (8 * 2**20 + 1))
        assert large.status_code == 413
    for role in ("supervisor", "manager", "crew", "leader", "auditor", "inspector"):
        with world.client(role) as other:
            assert other.http.post("/api/v1/equipment/import/check", content=table()).status_code == 403
            assert run(other, table(), "x").status_code == 403


def test_meter_boxes_come_from_a_table_of_their_own(world: World) -> None:
    raw = "编号,单位,台区,地址,材质,表位,产权\nIM-B1,甲供电所,甲台区,人民路 1 号,金属箱,6,供电企业\n".encode()
    path, box = "/api/v1/equipment/import", {"register": "meter_box"}
    with world.client("admin") as admin, world.client("manager", register=True) as manager:
        plan = admin.http.post(f"{path}/check", params=box, content=raw).json()
        assert (plan["new"], plan["bad"]) == (1, [])
        as_equipment = admin.http.post(path, params={"digest": plan["digest"]}, content=raw)
        assert as_equipment.json()["code"] == "import_changed"
        assert admin.http.post(path, params={"register": "unit"}, content=raw).status_code in (400, 422)
        for _ in range(2):
            done = admin.http.post(path, params={**box, "digest": plan["digest"]}, content=raw)
            assert done.json() == {"new": 1, "changed": 0, "same": 0}
        (made,) = [r["data"] for r in manager.records("meter_box").values() if r["data"]["code"] == "IM-B1"]
        assert (made["unit"], made["positions"], made["material"]) == (world.ours.stations[0], 6, "metal")
        assert [r for r in manager.records("equipment").values() if r["data"]["code"] == "IM-B1"] == []
