"""The demo company's register: units, people, equipment and meter boxes. The same every time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

PASSWORD = "mingcha-demo"  # noqa: S105 - printed at start, for the demo company only
EQUIPMENT = 400
METER_BOXES = 600
ROOT = (36.35, 114.20)  # southern Hebei: latitude, longitude

STATIONS = (
    ("chengguan", "城关供电所", "Chengguan station", "urban"),
    ("beiguan", "北关供电所", "Beiguan station", "rural"),
    ("nanguan", "南关供电所", "Nanguan station", "remote"),
)
PEOPLE = (
    # login, name, unit, post, roles
    ("duchayuan", "王建国", "county", "督察员", ["inspector"]),
    ("duchayuan2", "陈晓燕", "county", "督察员", ["inspector"]),
    ("zhuguan", "刘敏", "county", "督办主管", ["supervisor"]),
    ("zhuguan2", "张卫东", "county", "督办主管", ["supervisor"]),
    ("lingdao", "孙志强", "county", "副经理", ["leader"]),
    ("guanli", "周丽", "county", "系统管理员", ["admin"]),
    ("shenji", "郑文", "county", "审计专责", ["auditor"]),
    ("qiangxiu", "李强", "chengguan", "抢修班长", ["crew"]),
    ("qiangxiu2", "马军", "beiguan", "抢修员", ["crew"]),
    ("taiqu", "赵磊", "chengguan", "台区经理", ["manager"]),
    ("taiqu2", "韩雪", "beiguan", "台区经理", ["manager"]),
    ("yingye", "吴芳", "nanguan", "营业班长", ["manager"]),
)
TYPES = (
    ("transformer", "配电变压器", "C01", 10, 400),
    ("joint", "引流线夹", "C02", 10, 630),
    ("switch", "隔离开关", "C06", 10, 630),
    ("breaker", "柱上断路器", "C07", 10, 630),
    ("cable", "电缆终端", "V12", 10, 300),
    ("arrester", "氧化锌避雷器", "V08", 10, None),
)
LINES = {
    "chengguan": ("邯东线", "城中线", "丛台线"),
    "beiguan": ("北关线", "滏阳线", "柳林线"),
    "nanguan": ("南关线", "山前线", "石岗线"),
}
PLACES = {
    "chengguan": ("人民路", "中华街", "丛台里", "和平小区"),
    "beiguan": ("北关村", "柳林村", "滏河湾", "东庄"),
    "nanguan": ("南关村", "石岗村", "山前庄", "西沟"),
}


@dataclass(slots=True)
class Company:
    """Ids by key: `county` and the stations' keys for units, logins for people."""

    org: str
    units: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    equipment: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)
    boxes: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)


def equipment(rng: random.Random, station: str, unit: str, owner: str | None, i: int) -> dict[str, Any]:
    """Body of the i-th piece of equipment of a station."""
    type_, name, row, voltage, rated = TYPES[i % len(TYPES)]
    line = LINES[station][i // len(TYPES) % 3]
    pole = 1 + i // (len(TYPES) * 3)
    body = {
        "code": f"{station[:2].upper()}-{i + 1:04}",
        "name": f"10kV {line} {pole}# {name}",
        "unit": unit,
        "line": line,
        "type": type_,
        "row": row,
        "voltage_kv": voltage,
        "area_name": f"{PLACES[station][i % 4]}台区",
        "lat": round(ROOT[0] + rng.uniform(-0.2, 0.2), 6),
        "lon": round(ROOT[1] + rng.uniform(-0.2, 0.2), 6),
    }
    if rated is not None:
        body["rated_a"] = rated
    if owner is not None:
        body["owner"] = owner
    return body


def meter_box(rng: random.Random, station: str, unit: str, owner: str | None, i: int) -> dict[str, Any]:
    """Body of the i-th meter box of a station."""
    place = PLACES[station][i % 4]
    body = {
        "code": f"JL-{station[:2].upper()}-{i + 1:04}",
        "unit": unit,
        "area_name": f"{place}台区",
        "address": f"{place}{1 + i // 4}号楼{1 + i % 3}单元",
        "material": ("metal", "plastic")[i % 2],
        "positions": (1, 2, 4, 6, 12)[i % 5],
        "ownership": ("utility", "utility", "utility", "customer", "property")[i % 5],
        "seal": f"F{rng.randrange(10**7):07}",
        "lat": round(ROOT[0] + rng.uniform(-0.2, 0.2), 6),
        "lon": round(ROOT[1] + rng.uniform(-0.2, 0.2), 6),
    }
    if owner is not None:
        body["owner"] = owner
    return body
