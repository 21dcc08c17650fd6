"""Words of dossiers: those of the screens, generated into `backend/data/words.json`, and a few of the paper's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec

Language = Literal["zh", "en"]

_PROVES_ZH: Final = (
    "档案照记录在上述时间的状态制成；同一状态的档案逐字节相同。照片缩小印出，原件以 SHA-256 为准。"
    "时间和位置是手机所报；二维码核验不能证明照片拍的是不是所说的事物。"
)
_PROVES_EN: Final = (
    "Made from the record’s state at the time given; dossiers of one state are equal byte for byte. Photos are printed "
    "smaller; the original is the one with the SHA-256. Time and place are the phone’s word; the codes do not prove "
    "that a photo shows what it is said to show."
)
_OWN: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("记录档案", "Record dossier"),
    "many": ("记录档案 · {n} 条", "Dossiers of {n} records"),
    "of": ("第 {n} 页", "Page {n}"),
    "kind": ("类型", "Kind"),
    "kind.violation": ("违规", "Violation"),
    "kind.equipment": ("设备", "Equipment"),
    "kind.meter_box": ("计量箱", "Meter box"),
    "state": ("状态", "State"),
    "grade": ("等级", "Grade"),
    "record": ("记录编号", "Record"),
    "revision": ("版本号", "Revision"),
    "author": ("记录人", "Recorded by"),
    "as_of": ("状态截至", "State as of"),
    "print": ("内容指纹", "Fingerprint"),
    "about": ("对象", "About"),
    "points": ("测点", "Points"),
    "decisions": ("决定与经过", "Decisions and history"),
    "photos": ("照片 · {n} 张", "Photos · {n}"),
    "no_photos": ("这条记录没有照片。", "The record has no photos."),
    "absent": ("照片尚未到达服务器", "The photo has not arrived at the server"),
    "unviewed": ("原件已收到，没有可印的画面", "Received; there is no picture of it to print"),
    "played": ("录音或录像，原件在证据包里", "A recording; the original is in the evidence bundle"),
    "left_out": (
        "本文件印到 {n} 张照片为止，这张只列指纹",
        "This file prints {n} photos; of this one only its hash",
    ),
    "taken": ("拍摄", "Taken"),
    "received": ("收到", "Received"),
    "sender": ("拍摄人", "By"),
    "position": ("位置", "Position"),
    "origin": ("来源", "Origin"),
    "origin.app": ("应用内相机", "camera of the app"),
    "origin.camera": ("手机相机", "phone camera"),
    "origin.gallery": ("相册", "gallery"),
    "origin.import": ("导入", "import"),
    "origin.unsaid": ("未注明", "not said"),
    "signed.verified": ("手机已签名", "signed by the phone"),
    "signed.unsigned": ("手机未签名", "not signed by a phone"),
    "signed.broken": ("手机签名不符", "the phone’s signature does not hold"),
    "scale": ("温度标尺 {low} 至 {high} °C", "Scale {low} to {high} °C"),
    "hottest": ("最高 {c} °C", "highest {c} °C"),
    "by_phone": ("手机时钟 {at}", "by the phone’s clock {at}"),
    "changed": ("{field}：{before} → {after}", "{field}: {before} → {after}"),
    "more_photos": ("加了 {n} 张照片", "{n} photos added"),
    "remark": ("批注：{text}", "Remark: {text}"),
    "answer": ("答复 {n}：{text}", "Reply {n}: {text}"),
    "agrees": ("意见一致", "agrees"),
    "differs": ("意见不同", "differs"),
    "graded": ("定为{grade}", "graded {grade}"),
    "bulk": ("与其他记录一并通过，共 {n} 条", "accepted together with others, {n} in all"),
    "ledger": ("记分台账第 {n} 条", "Line {n} of the ledger"),
    "counted": ("记 {n} 分", "Points counted: {n}"),
    "checklist": ("检查明细 {catalogue}", "Checklist {catalogue}"),
    "due": ("期限", "Deadline"),
    "reported": ("报修时间", "Reported"),
    "content": ("内容", "Content"),
    "signed_by": ("{name}，{at}", "{name}, {at}"),
    "verify": (
        "扫码核验：本服务器是否给出过这份档案、此后记录有没有变动。",
        "Scan to check whether this server gave out this dossier, and whether the record has changed since.",
    ),
    "verify_photo": ("扫码核验这张照片", "Scan to check this photo"),
    "proves": (_PROVES_ZH, _PROVES_EN),
}


@cache
def _screens() -> dict[str, dict[str, Any]]:
    text = (files("backend.data") / "words.json").read_bytes()
    found: dict[str, dict[str, Any]] = msgspec.json.decode(text)
    return found


@dataclass(frozen=True, slots=True)
class Say:
    """The words of one language."""

    language: Language

    def __call__(self, key: str, **values: Any) -> str:
        """The screens' words at a path such as `record.state.open`; the last part itself where there are none."""
        found: Any = _screens()[self.language]
        for part in key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        text = found if isinstance(found, str) else key.rsplit(".", 1)[-1]
        return _filled(text, values)

    def own(self, key: str, **values: Any) -> str:
        """The paper's own words."""
        return _filled(_OWN[key][self.language == "en"], values)

    def kind(self, kind: str) -> str:
        return self.own(f"kind.{kind}") if f"kind.{kind}" in _OWN else self(f"record.kind.{kind}")

    def pick(self, zh: str, en: str | None) -> str:
        """One of two texts that come as data."""
        return en if self.language == "en" and en else zh

    @property
    def comma(self) -> str:
        return ", " if self.language == "en" else "、"

    @property
    def colon(self) -> str:
        return ": " if self.language == "en" else "："


def _filled(text: str, values: Mapping[str, Any]) -> str:
    """With its values; English may have two forms, `{n} point | {n} points`."""
    forms = text.split(" | ")
    count = values.get("n", values.get("points"))
    text = forms[-1] if len(forms) == 1 or count != 1 else forms[0]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
