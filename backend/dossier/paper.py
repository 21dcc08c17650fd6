"""A dossier on A4: text with its font embedded, pictures, codes. The same content gives the same bytes.

Nothing in the file is of the moment when it was made: its date is the newest of the records' states, its id follows
from its content. The font is Noto Sans SC (SIL Open Font License); only the letters that are used are embedded.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import fpdf
import numpy as np
from PIL import Image
from pylopdf_fonts_zh_cn import sans_path

from backend.dossier.content import Content, Field, Step, grouped
from backend.dossier.words import Say
from media.derive import inferno

SIDE: Final = 860  # pixels of a printed photo's long side: some 240 dots an inch
_LEFT, _RIGHT, _TOP, _BOTTOM = 16.0, 194.0, 16.0, 280.0  # mm of the page, as all below
_INK, _MUTED, _LINE, _MARK = (24, 33, 40), (84, 94, 102), (208, 214, 219), (11, 85, 99)
_LEAD: Final = 1.42  # of a line, in its own height
_MM: Final = 0.3528  # of a point
_NEVER_FIRST: Final = frozenset("，。、；：？！）》」』”’…％,.;:?!)%")
_WORD: Final = re.compile(r"[⺀-鿿豈-﫿＀-￯　-〿“”‘’…—]|[^\s⺀-鿿豈-﫿＀-￯　-〿“”‘’…—]+|\s+")
_STRAIGHT: Final = str.maketrans("‘’“”", "''\"\"")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photo as it is printed. `jpeg` is None where there is nothing to show; `scale` of a thermal picture in °C."""

    role: str
    lines: list[str]
    sha256: str
    jpeg: bytes | None
    scale: tuple[float, float] | None
    code: Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All that is printed of one record. `code` is the QR code of its verification page."""

    content: Content
    pictures: list[Picture]
    at: datetime
    code: Sequence[str] | None


def printed(view: bytes) -> bytes:
    """A view as it is put on paper: a JPEG of bounded size without anything else in it."""
    with Image.open(io.BytesIO(view), formats=("WEBP",)) as image:
        small = image.convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return out.getvalue()


class Paper(fpdf.FPDF):
    """One file of dossiers. `add` each, then `finish`."""

    def __init__(self, say: Say, title: str) -> None:
        super().__init__(format="A4")
        self.say, self.now = say, ""
        self.newest: datetime | None = None
        self.add_font("sans", fname=str(sans_path()))
        self.set_auto_page_break(False)
        self.set_title(title)
        self.set_lang("en" if say.language == "en" else "zh-CN")
        self.set_producer("Mingcha")
        self.at = _TOP

    def add(self, sheet: Sheet) -> None:
        """A record's pages, and its bookmark."""
        content = sheet.content
        self.newest = max(sheet.at, self.newest or sheet.at)
        self.now = content.head[0].value
        self.add_page()
        self.at = _TOP
        self.start_section(_clean(f"{content.kind} {content.title}")[:100])
        self._heading(content, sheet.code)
        self._title(self.say("record.facts"))
        self._table(content.facts)
        if content.strokes:
            self._strokes(content.strokes)
        if content.judgement:
            self._title(self.say("infrared.judgement"))
            for text in content.judgement:
                self._paragraph(text)
        self._title(self.say.own("photos", n=len(sheet.pictures)), room=88 if sheet.pictures else 16)
        if not sheet.pictures:
            self._paragraph(self.say.own("no_photos"), colour=_MUTED)
        for picture in sheet.pictures:
            self._picture(picture)
        self._title(self.say.own("decisions"))
        if not content.steps:
            self._paragraph(self.say("record.log_empty"), colour=_MUTED)
        for step in content.steps:
            self._step(step)
        self.at += 4
        self._paragraph(self.say.own("proves"), size=8, colour=_MUTED)

    def finish(self) -> bytes:
        """The file."""
        if self.newest is not None:
            self.set_creation_date(self.newest)
        return bytes(self.output())

    def footer(self) -> None:
        text = f"明察 · {self.say.own('title')} · {self.now}"
        self._put(text, _LEFT, 289, size=7.5, colour=_MUTED)
        page = self.say.own("of", n=self.page_no())
        self._put(page, _RIGHT - self._width(page, 7.5), 289, size=7.5, colour=_MUTED)

    # --- parts --------------------------------------------------------------------------------------------------

    def _heading(self, content: Content, code: Sequence[str] | None) -> None:
        wide = _RIGHT - _LEFT - (38 if code else 0)
        top = self.at
        self._put(f"明察 · {self.say.own('title')}", _LEFT, self.at + 3, size=9, colour=_MARK)
        self.at += 6
        for line in self._lines(content.title, wide, 16):
            self._put(line, _LEFT, self.at + 6, size=16, bold=True)
            self.at += 8
        marks = " · ".join(part for part in (content.kind, content.state, content.grade) if part)
        self._put(marks, _LEFT, self.at + 4, size=10.5, colour=_MARK)
        self.at += 8
        self._table(content.head, width=wide, size=8.5, names=26)
        if code:
            self._code(code, _RIGHT - 32, top, 32)
            y = top + 34
            for line in self._lines(self.say.own("verify"), 32, 6.5):
                self._put(line, _RIGHT - 32, y + 2.4, size=6.5, colour=_MUTED)
                y += 3.2
            self.at = max(self.at, y)
        self.at += 2

    def _title(self, text: str, *, room: float = 16) -> None:
        """`room` is what must follow on the same page."""
        self._need(room)
        self.at += 4
        self._put(text, _LEFT, self.at + 4, size=11.5, colour=_MARK, bold=True)
        self.at += 6
        self.set_draw_color(*_LINE)
        self.line(_LEFT, self.at, _RIGHT, self.at)
        self.at += 2

    def _table(
        self, rows: Sequence[Field], *, width: float = _RIGHT - _LEFT, size: float = 9.5, names: float = 38
    ) -> None:
        tall = size * _MM * _LEAD
        for row in rows:
            left = self._lines(row.name, names - 3, size)
            right = self._lines(row.value, width - names, size)
            for n in range(max(len(left), len(right))):
                self._need(tall)
                if n < len(left):
                    self._put(left[n], _LEFT, self.at + tall * 0.72, size=size, colour=_MUTED)
                if n < len(right):
                    self._put(right[n], _LEFT + names, self.at + tall * 0.72, size=size)
                self.at += tall
            self.at += 0.8

    def _paragraph(self, text: str, *, size: float = 9.5, colour: tuple[int, int, int] = _INK) -> None:
        tall = size * _MM * _LEAD
        for line in self._lines(text, _RIGHT - _LEFT, size):
            self._need(tall)
            self._put(line, _LEFT, self.at + tall * 0.72, size=size, colour=colour)
            self.at += tall
        self.at += 0.6

    def _picture(self, picture: Picture) -> None:
        """The photo on the left, what is known of it on the right; never over two pages."""
        wide, tall, size = 92.0, 70.0, 8.5
        line = size * _MM * _LEAD
        texts = [part for text in picture.lines for part in self._lines(text, 78, size)]
        about = 6 + line * len(texts) + 10 + (24 if picture.code else 0)
        shown = 0.0
        if picture.jpeg is not None:
            with Image.open(io.BytesIO(picture.jpeg)) as image:
                share = min(wide / image.width, tall / image.height)
                box = (image.width * share, image.height * share)
            shown = box[1]
        self._need(max(shown, about) + 5)
        if picture.jpeg is not None:
            self.image(io.BytesIO(picture.jpeg), _LEFT, self.at, *box)
        else:
            self.set_draw_color(*_LINE)
            self.rect(_LEFT, self.at, wide, 24)
        x, y = _LEFT + wide + 4, self.at
        if picture.scale is not None and picture.jpeg is not None:
            self._scale(picture, _LEFT + box[0] - 4, self.at, box[1])
        self._put(picture.role, x, y + 4, size=10, bold=True)
        y += 6.5
        for text in texts:
            self._put(text, x, y + line * 0.72, size=size)
            y += line
        for part in (grouped(picture.sha256[:32]), grouped(picture.sha256[32:])):
            self._put(part, x, y + 3, size=7.5, colour=_MUTED)
            y += 3.6
        if picture.code:
            self._code(picture.code, x, y + 1.5, 21)
            for n, text in enumerate(self._lines(self.say.own("verify_photo"), 50, 7)):
                self._put(text, x + 24, y + 5 + 3.4 * n, size=7, colour=_MUTED)
        self.at += max(shown, about) + 4

    def _scale(self, picture: Picture, x: float, y: float, tall: float) -> None:
        """The colours of the thermal picture beside their temperatures."""
        low, high = picture.scale or (0.0, 0.0)
        column = Image.fromarray(np.ascontiguousarray(inferno()[::-1][:, None, :].repeat(8, axis=1)))
        self.image(column, x, y, 4, tall)
        for text, height in ((f"{high:.1f}", y + 3), (f"{low:.1f}", y + tall - 1.2)):
            self._put(text, x - 1 - self._width(text, 8), height, size=8, colour=(255, 255, 255), bold=True)

    def _step(self, step: Step) -> None:
        size = 9.5
        line = size * _MM * _LEAD
        said = [part for text in step.said for part in self._lines(text, 122, 9)]
        self._need(line * min(3, 1 + len(said)))
        self._put(step.at, _LEFT, self.at + line * 0.72, size=8.5, colour=_MUTED)
        for n, text in enumerate(self._lines(f"{step.what} · {step.by}", 122, size)):
            if n:
                self.at += line
            self._put(text, _LEFT + 54, self.at + line * 0.72, size=size)
        self.at += line
        for text in said:
            self._need(line)
            self._put(text, _LEFT + 54, self.at + line * 0.72, size=9, colour=_MUTED)
            self.at += line
        self.at += 1
        if step.strokes:
            self._strokes(step.strokes)

    def _strokes(self, path: str) -> None:
        """What was signed on site."""
        self._need(32)
        self.set_draw_color(*_INK)
        for stroke in path.split("M")[1:]:
            points = [tuple(map(int, point.split(" "))) for point in stroke.split("L")]
            self.polyline([(_LEFT + 38 + x * 0.05, self.at + y * 0.05) for x, y in points])
        self.at += 31

    def _code(self, code: Sequence[str], x: float, y: float, side: float) -> None:
        dark = np.array([[0 if one == "1" else 255 for one in row] for row in code], np.uint8)
        self.image(Image.fromarray(dark.repeat(4, axis=0).repeat(4, axis=1)), x, y, side, side)

    # --- text ---------------------------------------------------------------------------------------------------

    def _need(self, tall: float) -> None:
        """There is room for so much on this page, or a new one is begun."""
        if self.at + tall > _BOTTOM:
            self.add_page()
            self.at = _TOP

    def _put(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: float,
        colour: tuple[int, int, int] = _INK,
        bold: bool = False,
    ) -> None:
        if not text:
            return
        self.set_font("sans", size=size)
        self.set_text_color(*colour)
        self.set_draw_color(*colour)
        with self.local_context(text_mode="FILL_STROKE" if bold else "FILL", line_width=size * 0.012):
            self.text(x, y, text)

    def _width(self, text: str, size: float) -> float:
        self.set_font("sans", size=size)
        return float(self.get_string_width(text))

    def _lines(self, text: str, width: float, size: float) -> list[str]:
        """Broken between Chinese letters and between words; a word that is too long, anywhere."""
        self.set_font("sans", size=size)
        lines: list[str] = []
        for paragraph in _clean(text).split("\n"):
            line = ""
            if self.say.language == "en":  # the font's curly ones are as wide as a Chinese letter
                paragraph = paragraph.translate(_STRAIGHT)
            for word in _WORD.findall(paragraph):
                if self.get_string_width(line + word) <= width or (word in _NEVER_FIRST and line):
                    line += word
                    continue
                if line.strip():
                    lines.append(line.rstrip())
                line = word.lstrip()
                while self.get_string_width(line) > width:
                    fits = next(
                        n
                        for n in range(len(line) - 1, 0, -1)
                        if n == 1 or self.get_string_width(line[:n]) <= width
                    )
                    lines.append(line[:fits])
                    line = line[fits:]
            if line.strip():
                lines.append(line.rstrip())
        return lines


def _clean(text: Any) -> str:
    return _CONTROL.sub(" ", str(text).replace("\r\n", "\n").replace("\r", "\n"))
