"""Words of exported lists, in the languages of the screens. The same as in `pwa/src/desk`."""

from typing import Final, Literal

Language = Literal["zh", "en"]

COLUMNS: Final[dict[Language, tuple[str, ...]]] = {
    "zh": (
        "编号",
        "类型",
        "状态",
        "等级",
        "单位",
        "人员",
        "对象",
        "对象编号",
        "内容",
        "发生时间",
        "最近更新",
    ),
    "en": (
        "Id",
        "Kind",
        "State",
        "Grade",
        "Unit",
        "Person",
        "About",
        "Code",
        "Content",
        "Happened",
        "Updated",
    ),
}
PHOTOS: Final[dict[Language, tuple[str, ...]]] = {
    "zh": ("文件", "SHA-256", "照片类别", "拍摄时间", "记录编号", "类型", "单位", "对象", "说明"),
    "en": ("File", "SHA-256", "Role", "Taken", "Record", "Kind", "Unit", "About", "Remark"),
}
MISSING: Final[dict[Language, str]] = {"zh": "照片尚未到达服务器", "en": "the photo has not arrived"}
_ZH: Final = {
    "infrared": "红外测温",
    "hazard": "计量箱隐患",
    "finding": "现场检查",
    "form": "表单记录",
    "defect": "缺陷",
    "repair": "抢修",
    "violation": "违规",
    "equipment": "设备",
    "meter_box": "计量箱",
    "normal": "正常",
    "general": "一般",
    "serious": "严重",
    "critical": "危急",
    "submitted": "待审",
    "returned": "被退回",
    "accepted": "已通过",
    "rejected": "已驳回",
    "open": "待整改",
    "rectifying": "整改中",
    "rectified": "待复查",
    "closed": "已了结",
    "void": "已作废",
    "new": "待接单",
    "received": "已接单",
    "arrived": "已到场",
    "located": "已查明",
    "repaired": "已修复",
    "restored": "已复电",
    "cancelled": "已取消",
    "proposed": "待确认",
    "confirmed": "已记分",
    "dismissed": "不予记分",
    "live": "有效",
}


def word(language: Language, code: str) -> str:
    """A kind, state or grade in words; in English the code reads as such."""
    return _ZH.get(code, code) if language == "zh" else code.replace("_", " ")
