"""The demo company's records: what was seen, by whom, with which photos, and how far it has come. The same every time.

Photos fit their record as far as free ones exist: `photos/cabinet` shows one real fuse box from many sides, the
thermal pictures show conductors, fuses and a conduit. Hours are counted back from the moment the company is made.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.demo.company import TYPES

TRANSFORMER, JOINT, SWITCH, BREAKER, CABLE, ARRESTER = range(len(TYPES))

FUSES = "thermal-parser/FLIR_T640.jpg"  # 25 … 98 °C
CONDUCTOR = "irimage-commons/01_200_deg_neutral.jpg"  # 32 … 87 °C
CONDUCTOR_SG = "state-grid-synthetic/sg_minimal.jpg"  # the same, power-industry format
TERMINALS = "thermal-parser/FLIR_E40.jpg"  # 18 … 25 °C
CONDUIT = "thermal-parser/FLIR_AX8.jpg"  # 24 … 25 °C
TUBE = "thermal-parser/DJI_XTR.jpg"  # 16 … 60 °C
ROD = "hti-irimageparser/p1.jpg"  # 13 … 28 °C


@dataclass(frozen=True, slots=True)
class Infrared:
    """°C of phases A, B, C lie within the thermal picture's range; `photos` are visible ones of the cabinet."""

    ago: float
    station: str
    type: int
    thermal: str
    photos: tuple[str, ...]
    temps: tuple[float, float, float]
    ambient: float
    load: float
    end: str = "submit"
    why: str = ""
    job: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hazard:
    ago: float
    station: str
    items: tuple[str, ...]
    photos: tuple[tuple[str, str], ...]
    note: str
    controlled: bool = False
    end: str = "submit"
    why: str = ""
    job: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """`end`: submit, return, reject, accept (a violation is proposed), confirm or dismiss."""

    ago: float
    station: str
    item: str
    person: str | None
    place: str
    fact: str
    photo: str
    end: str = "submit"
    why: str = ""
    complaint: bool = False
    self_reported: bool = False


# Cause and measure that a crew writes down, by what it was sent to.
MENDED = {
    "infrared": ("接头压接不实、触头氧化发热", "断电后打磨接触面，涂导电膏，按力矩重新紧固并复测"),
    "hazard": ("箱体长期日晒雨淋，紧固件松动", "更换损坏部件，紧固接线并重新加封"),
}

INFRARED = (
    Infrared(
        196,
        "chengguan",
        SWITCH,
        FUSES,
        ("fuses", "box"),
        (95.8, 61.2, 60.4),
        26.0,
        318,
        "accept",
        job="accept",
        note="负荷高峰时段测温，A 相触头明显过热。",
    ),
    Infrared(172, "beiguan", CABLE, CONDUIT, ("conduit",), (25.2, 24.9, 25.0), 22.0, 126, "accept"),
    Infrared(
        150,
        "nanguan",
        JOINT,
        CONDUCTOR,
        ("wires",),
        (84.6, 40.2, 39.8),
        14.0,
        205,
        "reject",
        "与上月已立案的缺陷重复。",
        note="引流线夹处发热。",
    ),
    Infrared(
        122, "beiguan", JOINT, CONDUCTOR, ("riser",), (78.3, 41.0, 40.6), 12.5, 188, "accept", job="restore"
    ),
    Infrared(98, "chengguan", BREAKER, TERMINALS, ("terminals",), (24.1, 23.6, 23.8), 15.0, 142, "accept"),
    Infrared(
        74, "chengguan", TRANSFORMER, TUBE, ("site",), (58.9, 41.5, 40.9), 13.0, 266, "accept", job="repair"
    ),
    Infrared(
        51,
        "nanguan",
        CABLE,
        CONDUIT,
        ("pipes",),
        (25.0, 24.6, 24.7),
        21.0,
        94,
        "return",
        "铭牌看不清，请补拍。",
    ),
    Infrared(
        30, "beiguan", SWITCH, FUSES, ("contactor", "door"), (92.4, 58.8, 57.9), 25.0, 284, job="locate"
    ),
    Infrared(
        26,
        "chengguan",
        JOINT,
        CONDUCTOR_SG,
        ("wires", "riser"),
        (86.4, 42.1, 41.7),
        12.0,
        236,
        job="arrive",
        note="晚高峰复测，温升比上次更高。",
    ),
    Infrared(21, "nanguan", BREAKER, TUBE, ("latch",), (57.2, 33.0, 32.4), 11.0, 173),
    Infrared(7, "beiguan", TRANSFORMER, TERMINALS, ("terminals",), (24.3, 24.0, 24.1), 12.0, 160),
    Infrared(
        5,
        "chengguan",
        SWITCH,
        FUSES,
        ("fuses", "plate"),
        (97.1, 36.2, 35.4),
        26.0,
        342,
        job="receive",
        note="B、C 相正常，仅 A 相熔断器下端发热。",
    ),
    Infrared(3.4, "nanguan", ARRESTER, ROD, ("pipes",), (18.9, 18.6, 18.7), 12.0, 0),
    Infrared(1.2, "beiguan", JOINT, CONDUCTOR, ("wires",), (81.7, 37.9, 38.3), 12.0, 211),
)

HAZARDS = (
    Hazard(
        188,
        "chengguan",
        ("MB-04",),
        (("site", "overall"), ("terminals", "close_up"), ("plate", "label_or_number")),
        "零线端子变色发黑，已通知客户停用大功率电器。",
        True,
        "accept",
        job="accept",
    ),
    Hazard(
        165,
        "beiguan",
        ("MB-26",),
        (("metadata-extractor-images/Apple_iPhone_5.jpg", "overall"),),
        "箱体被藤蔓遮住，抄表困难。",
        False,
        "accept",
        job="restore",
    ),
    Hazard(
        141,
        "nanguan",
        ("MB-07",),
        (("door", "overall"), ("lock", "close_up")),
        "门锁损坏，用铁丝绑扎。",
        False,
        "accept",
    ),
    Hazard(
        117,
        "chengguan",
        ("MB-17",),
        (("riser", "overall"), ("wires", "close_up")),
        "进线孔没有护口，导线绝缘有磨痕。",
        False,
        "accept",
        job="return",
    ),
    Hazard(
        92,
        "beiguan",
        ("MB-15",),
        (("metadata-extractor-images/exif-at-eof.heic", "overall"),),
        "原警示牌处被换成了无关标牌。",
        False,
        "reject",
        "照片上看不到所写的问题。",
    ),
    Hazard(
        66,
        "nanguan",
        ("MB-09",),
        (("latch", "close_up"), ("conduits", "overall")),
        "箱底锈蚀，雨后有积水痕迹。",
        False,
        "return",
        "箱号看不清，请补拍。",
    ),
    Hazard(
        44,
        "chengguan",
        ("MB-06", "MB-02"),
        (("box", "overall"), ("contactor", "close_up")),
        "箱门不能关闭，带电部位外露，已用围栏隔离。",
        True,
        job="repair",
    ),
    Hazard(23, "beiguan", ("MB-25",), (("conduits", "overall"),), "箱前堆放杂物，没有操作空间。"),
    Hazard(
        20, "nanguan", ("MB-18",), (("pipes", "overall"), ("riser", "close_up")), "进户线老化，外皮开裂。"
    ),
    Hazard(
        6,
        "chengguan",
        ("MB-02",),
        (("box", "overall"), ("wires", "close_up"), ("plate", "label_or_number")),
        "出线绝缘破损，伸手可及。",
        False,
        job="receive",
    ),
    Hazard(4, "beiguan", ("MB-14",), (("door", "overall"), ("contactor", "close_up")), "箱内有积尘和蛛网。"),
    Hazard(2.2, "nanguan", ("MB-12",), (("site", "overall"), ("latch", "close_up")), "接地线与箱体断开。"),
    Hazard(
        0.8, "chengguan", ("MB-19",), (("fuses", "close_up"), ("box", "overall")), "开关容量与出线不匹配。"
    ),
)

DESK = "metadata-extractor-images/IMG_1034_iPhone8.heic"
PAPER = "pillow-heif/xiaomi.heic"
SKETCH = "pillow-heif/arrow_orientation6.heic"
YARD = "metadata-extractor-images/HTC_Desire.jpg"
HALL = "metadata-extractor-images/Samsung_SM-J327T1.jpg"
TOWN = "exifr/broken1.jpg"
LANE = "exifr/noexif.jpg"
SIGN = "metadata-extractor-images/exif-at-eof.heic"
SITE = "cabinet/site.jpg"
BOX = "cabinet/box.jpg"

FINDINGS = (
    Finding(
        206,
        "chengguan",
        "YYT-06",
        "taiqu",
        "城关供电所营业厅",
        "电价公示栏仍是上一年度版本，二季度调价没有更新。",
        HALL,
        "confirm",
    ),
    Finding(
        180,
        "beiguan",
        "TQ-03",
        "taiqu2",
        "柳林村台区",
        "计划停电前一天没有在微信群告知，客户来电询问三次。",
        PAPER,
        "confirm",
    ),
    Finding(
        156,
        "chengguan",
        "QX-01",
        "qiangxiu",
        "人民路台区",
        "接单后 57 分钟到达现场，超过承诺 12 分钟。",
        TOWN,
        "confirm",
    ),
    Finding(
        132,
        "nanguan",
        "YYT-01",
        "yingye",
        "南关供电所营业厅",
        "14:30 营业窗口无人在岗，两位客户等候 20 分钟。",
        HALL,
        "dismiss",
        "当日为上级统一安排的应急演练，有书面通知。",
    ),
    Finding(
        108,
        "beiguan",
        "QX-05",
        "qiangxiu2",
        "滏河湾台区",
        "超出预计复电时间 40 分钟，没有主动告知客户。",
        LANE,
        "confirm",
        complaint=True,
    ),
    Finding(
        84,
        "nanguan",
        "YJ-02",
        "yingye",
        "南关供电所班组资料室",
        "三份测温记录没有填负荷和环境温度。",
        PAPER,
        "confirm",
        self_reported=True,
    ),
    Finding(
        60,
        "chengguan",
        "JL-02",
        "taiqu",
        "和平小区台区",
        "计量箱出线端子外露，登记后 15 天没有处置。",
        BOX,
        "accept",
    ),
    Finding(
        48,
        "beiguan",
        "QX-06",
        "qiangxiu2",
        "东庄台区",
        "接单后 50 分钟没有联系客户。",
        LANE,
        "return",
        "照片不足以证明所写事实，请补证据。",
    ),
    Finding(
        40,
        "nanguan",
        "TQ-01",
        "yingye",
        "石岗村台区",
        "台区经理公示牌缺失，原位置是无关标牌。",
        SIGN,
        "accept",
    ),
    Finding(
        28,
        "chengguan",
        "YYT-08",
        "taiqu",
        "城关供电所营业厅",
        "营业时间窗口人员未佩戴工号牌。",
        DESK,
        "reject",
        "照片上看不到所写的问题。",
    ),
    Finding(
        22,
        "beiguan",
        "QX-09",
        "qiangxiu2",
        "北关供电所车场",
        "抢修值班车辆不在布点位置，值班员不知去向。",
        YARD,
    ),
    Finding(
        9,
        "nanguan",
        "YYT-11",
        "yingye",
        "南关供电所营业厅",
        "客户身份证复印件和报装资料摆在无人的工位上。",
        DESK,
    ),
    Finding(3, "chengguan", "QX-10", "qiangxiu", "中华街台区", "箱变检修现场没有围挡，行人从旁通过。", SITE),
    Finding(1.6, "beiguan", "YJ-07", None, "柳林村台区", "线路设备主人没有公示，现场手绘了位置图。", SKETCH),
)
