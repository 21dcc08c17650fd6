"""What a dossier says of a record, as names and values in its reader's language. Pure.

The same fields in the same order as the screens show (`pwa/src/domain/facts.ts`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from backend import catalogue
from backend.catalogue import Checklist
from backend.dossier.words import Say
from backend.features.editions.model import FormContent
from backend.features.editions.rules import sheet_of
from backend.features.infrared.service import grade_is_open
from backend.lists.names import Named
from backend.lists.rows import grade_of
from backend.sheets import Question, Sheet, evaluate
from sync.records import Entry, Row

MODIFIERS = ("complaint", "self_reported", "false_evidence")


class Field(NamedTuple):
    """A line of a table; several lines may come from one `field` of the record."""

    field: str
    name: str
    value: str


class Step(NamedTuple):
    """Something that happened: when, by whom, what was said; `strokes` as those of the record."""

    at: str
    by: str
    what: str
    said: list[str]
    strokes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A record in words. `strokes`: what was signed on site, an SVG path in a field of 1000 by 600."""

    title: str
    kind: str
    state: str
    grade: str
    head: list[Field]
    facts: list[Field]
    judgement: list[str]
    steps: list[Step]
    strokes: str


@dataclass(frozen=True, slots=True)
class Editions:
    """The company's own editions that records name: checklists by version, sheets by version, id and number, forms by
    name and version.
    """

    lists: Mapping[str, Checklist] = field(default_factory=dict)
    sheets: Mapping[tuple[str, str, int], Sheet] = field(default_factory=dict)
    forms: Mapping[tuple[str, str], FormContent] = field(default_factory=dict)

    def checklist(self, version: Any) -> Checklist | None:
        """The shipped one of that version, or the company's own."""
        if version in catalogue.versions():
            return catalogue.edition(version).checklist
        return self.lists.get(version)

    def sheet(self, version: Any, id_: str, number: int) -> Sheet | None:
        """A sheet of that checklist."""
        if version in catalogue.versions():
            return catalogue.edition(version).sheet(id_, number)
        return self.sheets.get((version, id_, number))


@dataclass(frozen=True, slots=True)
class Words:
    """What is needed to say it: the language, what ids are called as far as the reader may know, and own editions."""

    say: Say
    names: Mapping[str, Named]
    editions: Editions

    def name(self, id_: Any) -> str:
        named = self.names.get(id_) if isinstance(id_, str) else None
        return self.say.pick(named.zh, named.en) if named else ""

    def thing(self, id_: Any) -> str:
        """A piece of equipment or a box, with what is written on it."""
        code = self.names[id_].code if isinstance(id_, str) and id_ in self.names else ""
        name = self.name(id_)
        return (
            name
            if code in ("", name)
            else f"{name}（{code}）"
            if self.say.language == "zh"
            else f"{name} ({code})"
        )


def content(row: Row, words: Words, print_: str) -> Content:
    """`print_` is the fingerprint of the state."""
    say = words.say
    thing = row.body.get("equipment") or row.body.get("meter_box") or ""
    own = row.body.get("title") or row.body.get("fact") or row.body.get("name") or row.body.get("address")
    title = say.pick(str(own or ""), row.body.get("title_en")) or words.thing(thing)
    head = [
        Field("id", say.own("record"), row.id),
        Field("author", say.own("author"), words.name(row.author) or say("record.by_system")),
        Field("updated", say.own("as_of"), local(row.updated_at)),
        Field("rev", say.own("revision"), str(row.rev)),
        Field("print", say.own("print"), grouped(print_[:32])),
    ]
    return Content(
        title=title[:120] or say.kind(row.kind),
        kind=say.kind(row.kind),
        state=say(f"record.state.{row.state}"),
        grade=_grade(row, say),
        head=head,
        facts=[one for one in fields(row, words) if one.value],
        judgement=list(judgement(row, words)),
        steps=[step(row, entry, words) for entry in row.log],
        strokes=_strokes(row.body),
    )


def _grade(row: Row, say: Say) -> str:
    """The grade that counts, or that none does yet and where the rule leans to; "" where nothing is graded."""
    grade = grade_of(row)
    word = say(f"infrared.grade.{grade}") if grade else ""
    return f"{say('infrared.open')} {word}" if grade_is_open(row) else word


def local(moment: Any) -> str:
    """`2026-11-24 10:00:00 +08:00`: the clock of the company's units, with its offset; "" for no time."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if not isinstance(moment, datetime):
        return ""
    at = moment.astimezone(catalogue.ZONE)
    return f"{at:%Y-%m-%d %H:%M:%S} {at.isoformat()[-6:]}"


def grouped(hexadecimal: str) -> str:
    """Eight by eight, so that people can compare it."""
    return " ".join(hexadecimal[i : i + 8] for i in range(0, len(hexadecimal), 8))


def number(value: Any, unit: str = "") -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return f"{value:g} {unit}".strip().replace("-", "−")


def degrees(value: Any) -> str:
    return f"{value:.1f} °C".replace("-", "−") if isinstance(value, int | float) else ""


# --- what was recorded ------------------------------------------------------------------------------------------


def fields(row: Row, words: Words) -> list[Field]:
    """All fields of the record's kind, in order; empty ones have no value."""
    say, body = words.say, row.body
    about = [
        Field(
            "unit",
            say("checks.unit" if row.kind == "finding" else "record.unit"),
            words.name(body.get("unit")),
        ),
        Field("equipment", say("infrared.equipment"), words.thing(body.get("equipment"))),
        Field("meter_box", say("meterbox.box"), words.thing(body.get("meter_box"))),
    ]
    return about + [Field(*one) for one in _FIELDS[row.kind](row, words)]


def _infrared(row: Row, words: Words) -> Iterator[tuple[str, str, str]]:
    say, d = words.say, row.body
    yield "taken_at", say("infrared.taken_at"), local(d.get("taken_at"))
    yield "row", say("infrared.row"), _part(d, words)
    for point in d.get("points") or ():
        yield "points", f"{say.own('points')} {point['label']}", degrees(point.get("temp_c"))
    yield "ambient_c", say("infrared.ambient"), degrees(d.get("ambient_c"))
    for name, key, unit in (
        ("load_a", "load", "A"),
        ("rated_a", "rated", "A"),
        ("emissivity", "emissivity", ""),
        ("distance_m", "distance", "m"),
        ("humidity_pct", "humidity", "%"),
        ("wind_m_s", "wind", "m/s"),
    ):
        yield name, say(f"infrared.{key}"), number(d.get(name), unit)
    yield (
        "weather",
        say("infrared.weather"),
        say(f"infrared.weathers.{d['weather']}") if d.get("weather") else "",
    )
    yield "camera", say("infrared.camera"), d.get("camera") or ""
    yield "note", say("infrared.note"), d.get("note") or ""


def _part(body: Mapping[str, Any], words: Words) -> str:
    """What the row of the rules is called."""
    id_ = body.get("row")
    if not id_:
        return ""
    at = body.get("taken_at")
    rules = (
        catalogue.edition_at(datetime.fromisoformat(at))
        if at
        else catalogue.edition(catalogue.versions()[-1])
    ).dlt664
    called = {one.id: one.equipment for one in rules.current.rows} | {
        one.id: one.equipment for one in rules.voltage.rows
    }
    return words.say.pick(called[id_].zh, called[id_].en) if id_ in called else str(id_)


def _hazard(row: Row, words: Words) -> Iterator[tuple[str, str, str]]:
    say, d = words.say, row.body
    yield "found_at", say("meterbox.found_at"), local(d.get("found_at"))
    hazards = (
        catalogue.edition_at(datetime.fromisoformat(d["found_at"])).hazards if d.get("found_at") else None
    )
    for code in d.get("items") or ():
        item = hazards.item(code) if hazards else None
        yield (
            "items",
            say("meterbox.items"),
            f"{code} {say.pick(item.text.zh, item.text.en) if item else ''}".strip(),
        )
    owned = d.get("ownership")
    yield "ownership", say("meterbox.ownership"), say(f"meterbox.ownerships.{owned}") if owned else ""
    yield "deadline_at", say("meterbox.deadline"), local(row.facts.get("deadline_at"))
    controlled = d.get("controlled")
    answer = say("record.yes") if controlled else say("record.no") if row.facts.get("control_needed") else ""
    yield "controlled", say("meterbox.controlled"), answer
    yield "note", say("meterbox.note"), d.get("note") or ""
    yield "signature", say("checks.signature.title"), _signed(d, say)


def _finding(row: Row, words: Words) -> Iterator[tuple[str, str, str]]:
    say, d = words.say, row.body
    yield "happened_at", say("checks.happened_at"), local(d.get("happened_at"))
    yield "visit", say("checks.visit"), say(f"checks.visits.{d['visit']}") if d.get("visit") else ""
    yield "place", say("checks.place"), d.get("place") or ""
    yield "item", say("checks.item"), _item(d, words)
    for name, value in _sheet(d, words):
        yield "sheet", name, value
    yield "person", say("checks.person"), words.name(d.get("person"))
    yield "fact", say("checks.fact"), d.get("fact") or ""
    said = [say(f"checks.{mark}") for mark in MODIFIERS if d.get(mark)]
    yield "modifiers", say("checks.modifiers"), say.comma.join(said)
    yield "signature", say("checks.signature.title"), _signed(d, say)


def _signed(source: Mapping[str, Any], say: Say) -> str:
    """Who signed on site, and when; "" where nobody did."""
    signature = source.get("signature")
    if not signature:
        return ""
    return say.own("signed_by", name=signature["name"], at=local(signature.get("signed_at")))


def _strokes(source: Mapping[str, Any]) -> str:
    return str((source.get("signature") or {}).get("strokes", ""))


def _item(body: Mapping[str, Any], words: Words) -> str:
    edition, code = body.get("catalogue"), body.get("item")
    if not code:
        return ""
    listed = words.editions.checklist(edition)
    item = listed.item(code) if listed else None
    return f"{code} {words.say.pick(item.text.zh, item.text.en) if item else ''}".strip()


def _sheet(body: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    filled = body.get("sheet")
    if not filled:
        return
    sheet = words.editions.sheet(body.get("catalogue"), filled["id"], filled["version"])
    if sheet is not None:
        yield from _answers(sheet, filled["answers"], words)


def _answers(sheet: Sheet, answers: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    """Answers in order, calculated ones too; a group's rows are numbered."""
    calculated = evaluate(sheet, answers).calculated
    for question in sheet.questions:
        name = words.say.pick(question.text.zh, question.text.en)
        given = answers.get(question.name)
        if question.type == "calculated":
            given = calculated.get(question.name)
        if question.type != "group":
            yield name, _answer(question, given, words)
            continue
        for n, one in enumerate(given or (), 1):
            said = [
                f"{words.say.pick(inner.text.zh, inner.text.en)} {text}"
                for inner in question.questions
                if (text := _answer(inner, one.get(inner.name), words))
            ]
            yield f"{name} {n}", "\n".join(said)


def _answer(question: Question, given: Any, words: Words) -> str:
    say = words.say
    if given is None or given == "":
        return ""
    if isinstance(given, bool):
        return say("record.yes" if given else "record.no")
    if isinstance(given, int | float):
        return number(given, say.pick(question.unit.zh, question.unit.en) if question.unit else "")
    if question.type == "moment":
        return local(str(given))
    chosen = next((one.text for one in question.choices if one.value == given), None)
    if chosen:
        return say.pick(chosen.zh, chosen.en)
    return words.thing(given) or str(given)


def _form(row: Row, words: Words) -> Iterator[tuple[str, str, str]]:
    say, d = words.say, row.body
    yield "happened_at", say("checks.happened_at"), local(d.get("happened_at"))
    yield "place", say("checks.place"), d.get("place") or ""
    form, answers = (
        words.editions.forms.get((d.get("form", ""), d.get("edition", ""))),
        d.get("answers") or {},
    )
    if form is not None:
        for name, value in _answers(sheet_of(d["form"], 1, form), answers, words):
            yield "answers", name, value
    yield "note", say("infrared.note"), d.get("note") or ""


def _defect(row: Row, words: Words) -> Iterator[tuple[str, str, str]]:
    say, d = words.say, row.body
    yield "opened_at", say("record.opened_at"), local(d.get("opened_at"))
    yield "deadline_at", say("record.deadline"), local(d.get("deadline_at"))
    yield "owner", say("record.owner"), words.name(d.get("owner"))
    yield "source", say.own("about"), f"{say.kind(d['source_kind'])} {d['source']}"


def _repair(row: Row, words: Words) -> Iterator[tuple[str, str, str]]:
    say, d = words.say, row.body
    yield "place", say("checks.place"), d.get("place") or ""
    yield "reported_at", say.own("reported"), local(d.get("reported_at"))
    yield "deadline_at", say("record.deadline"), local(d.get("deadline_at"))
    if d.get("defect"):
        yield "defect", say("record.kind.defect"), d["defect"]


def _violation(row: Row, words: Words) -> Iterator[tuple[str, str, str]]:
    say, d = words.say, row.body
    yield "person", say("checks.person"), words.name(d.get("person"))
    yield "finder", say("violations.finder"), words.name(d.get("finder"))
    yield "item", say("violations.item"), _item(d, words)
    yield "happened_at", say("violations.happened"), local(d.get("happened_at"))
    yield "fact", say("violations.fact"), d.get("fact") or ""
    yield "finding", say("record.kind.finding"), d.get("finding") or ""


def _thing(row: Row, words: Words) -> Iterator[tuple[str, str, str]]:
    say, d = words.say, row.body
    for name, key in (
        ("code", "code"),
        ("name", "name"),
        ("line", "line"),
        ("area_name", "area"),
        ("address", "address"),
    ):
        yield name, say(f"find.facts.{key}"), d.get(name) or ""
    yield "type", say("find.facts.type"), say(f"find.types.{d['type']}") if d.get("type") else ""
    yield "row", say("infrared.row"), _part(d, words)
    yield "voltage_kv", say("find.facts.voltage"), number(d.get("voltage_kv"), "kV")
    yield "rated_a", say("find.facts.rated"), number(d.get("rated_a"), "A")
    yield "positions", say("find.facts.positions"), number(d.get("positions"))
    owned = d.get("ownership")
    yield "ownership", say("find.facts.ownership"), say(f"meterbox.ownerships.{owned}") if owned else ""
    yield "owner", say("find.facts.owner"), words.name(d.get("owner"))
    yield "seal", say("find.facts.seal"), d.get("seal") or ""
    yield "lat", say("find.facts.lat"), number(d.get("lat"), "°")
    yield "lon", say("find.facts.lon"), number(d.get("lon"), "°")


_FIELDS = {
    "infrared": _infrared,
    "hazard": _hazard,
    "finding": _finding,
    "form": _form,
    "defect": _defect,
    "repair": _repair,
    "violation": _violation,
    "equipment": _thing,
    "meter_box": _thing,
}


# --- the judgement, with the rules that made it -----------------------------------------------------------------


def judgement(row: Row, words: Words) -> Iterator[str]:
    """Sentences: the grade and why, what a person decided, and the version of the rules."""
    say, facts = words.say, row.facts
    if row.kind == "infrared" and isinstance(judged := facts.get("judgement"), dict):
        if grade_is_open(row):
            yield _grade(row, say)
        yield from _measured(judged, say)
        if decided := (facts.get("decided") or {}).get("grade"):
            yield say("infrared.decided", grade=say(f"infrared.grade.{decided}"))
        yield say(
            "infrared.rule",
            row=judged["row"],
            catalogue=judged["catalogue"],
            revision=judged.get("revision", 1),
        )
    elif row.kind == "hazard" and facts.get("grade"):
        hazards = (
            catalogue.edition(facts["catalogue"]).hazards
            if facts.get("catalogue") in catalogue.versions()
            else None
        )
        worst = [item.text for code in facts.get("worst", ()) if hazards and (item := hazards.item(code))]
        text = say.comma.join(say.pick(one.zh, one.en) for one in worst)
        yield f"{say.own('grade')}{say.colon}{say('infrared.grade.' + facts['grade'])}"
        yield say("meterbox.because", text=text)
        if facts.get("notice_needed"):
            yield say("meterbox.notice")
        yield say("meterbox.rule", catalogue=facts.get("catalogue", ""))
    elif row.kind == "finding" and row.body.get("catalogue"):
        if isinstance(facts.get("points"), int):
            yield f"{say('violations.base')}{say.colon}{say('violations.points', n=facts['points'])}"
        yield say.own("checklist", catalogue=row.body["catalogue"])
    elif row.kind == "violation":
        yield from _points(row, say)
    elif row.kind in ("defect", "repair") and row.body.get("grade"):
        yield f"{say.own('grade')}{say.colon}{say('infrared.grade.' + row.body['grade'])}"


def _measured(judged: Mapping[str, Any], say: Say) -> Iterator[str]:
    hot, ref = judged.get("hot") or {}, judged.get("ref") or {}
    tenth = {
        "hotC": hot.get("c"),
        "refC": ref.get("c"),
        "ambient": judged.get("ambient_c"),
        "diff": judged.get("diff_k"),
        "rise": judged.get("rise_k"),
        "delta": judged.get("delta_pct"),
    }
    said = {name: "–" if value is None else f"{value:.1f}" for name, value in tenth.items()}
    said |= {"hot": hot.get("label", ""), "ref": ref.get("label", "")}
    limit = judged.get("limit")
    said["limit"] = "–" if limit is None else f"{limit:g}"
    if judged.get("error"):
        yield say(f"infrared.error.{judged['error']}", **said)
        return
    yield say(
        "infrared.said.measured" if judged.get("delta_pct") is None else "infrared.said.measured_delta",
        **said,
    )
    grade = judged.get("grade")
    voltage = judged["row"].startswith("V")
    key = "no_grade" if grade is None else "normal" if grade == "normal" else "voltage" if voltage else ""
    said["grade"] = say(f"infrared.grade.{grade}")
    yield say(f"infrared.said.{key or judged.get('method') or 'same_kind'}", **said)
    lists = {
        kind: say.comma.join(say(f"infrared.{kind}.{one}") for one in judged.get(kind, ()))
        for kind in ("env", "near")
    }
    accuracy = f"{judged.get('accuracy_c') or 2:.1f}"
    for flag in judged.get("flags", ()):
        yield say(f"infrared.flag.{flag}", accuracy=accuracy, **lists)


def _points(row: Row, say: Say) -> Iterator[str]:
    body, facts = row.body, row.facts
    yield f"{say('violations.base')}{say.colon}{say('violations.points', n=body['base_points'])}"
    for modifier in facts.get("modifiers", body["modifiers"]) or ():
        yield say(f"modifier.{modifier}")
    yield f"{say('violations.proposed')}{say.colon}{say('violations.points', n=body['proposed_points'])}"
    if "entry" in facts:
        line = say.own("counted", n=facts["points"]), say.own("ledger", n=facts["entry"]), facts["hash"]
        yield say.comma.join(line)
    yield say("violations.rule", version=body["rule"])
    yield say.own("checklist", catalogue=body["catalogue"])


# --- what happened ----------------------------------------------------------------------------------------------


def step(row: Row, entry: Entry, words: Words) -> Step:
    """When the server received it; the phone's clock too where that says another minute."""
    say = words.say
    said = list(_said(entry.data, words))
    if entry.type == "amend" and isinstance(entry.data.get("changes"), dict):
        said += _amended(row, entry.data, words)
    if abs((entry.at - entry.received_at).total_seconds()) >= 60:
        said.append(say.own("by_phone", at=local(entry.at)))
    by = entry.by_name or words.name(entry.by) or say("record.by_system")
    if signed := _signed(entry.data, say):
        said.append(f"{say('checks.signature.title')}{say.colon}{signed}")
    return Step(local(entry.received_at), by, say(f"record.event.{entry.type}"), said, _strokes(entry.data))


def _said(data: Mapping[str, Any], words: Words) -> Iterator[str]:
    say = words.say
    for name in ("cause", "measure"):
        if isinstance(data.get(name), str):
            yield f"{say('repair.' + name)}{say.colon}{data[name]}"
    for name in ("reason", "note"):
        if isinstance(data.get(name), str):
            yield data[name]
    if isinstance(data.get("agrees"), bool):
        yield say.own("agrees" if data["agrees"] else "differs")
    if isinstance(data.get("grade"), str):
        yield say.own("graded", grade=say(f"infrared.grade.{data['grade']}"))
    if isinstance(data.get("deadline_at"), str):
        yield f"{say.own('due')}{say.colon}{local(data['deadline_at'])}"
    if isinstance(bulk := data.get("bulk"), dict):
        yield say.own("bulk", n=bulk.get("records", ""))
    for remark in data.get("remarks") or ():
        yield say.own("remark", text=remark["text"])
    for answer in data.get("answers") or ():
        if answer.get("text"):
            yield say.own("answer", n=answer["remark"] + 1, text=answer["text"])
    if "changes" not in data and isinstance(data.get("photos"), list) and data["photos"]:
        yield say.own("photos", n=len(data["photos"]))
    lat, lon = data.get("lat"), data.get("lon")
    if isinstance(lat, int | float) and isinstance(lon, int | float):
        yield f"{say.own('position')}{say.colon}{place(data)}"


def place(source: Mapping[str, Any]) -> str:
    """`36.12345, 114.12345 ± 12 m`; "" where there is none."""
    lat, lon, error = source.get("lat"), source.get("lon"), source.get("accuracy_m")
    if not isinstance(lat, int | float) or not isinstance(lon, int | float):
        return ""
    return f"{lat:.5f}, {lon:.5f}" + (f" ± {error:.0f} m" if isinstance(error, int | float) else "")


def _amended(row: Row, data: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Each line of the facts that an amendment changed, before and after."""
    changes, before = data["changes"], data.get("before") or {}

    def lines(values: Mapping[str, Any]) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], list[str]] = {}
        whole = _with(row, {**row.body, **values})
        for one in fields(whole, words):
            if one.field in changes and one.value:
                found.setdefault((one.field, one.name), []).append(one.value)
        return {key: words.say.comma.join(texts) for key, texts in found.items()}

    was, now = lines({**dict.fromkeys(changes), **before}), lines(changes)
    for key in dict.fromkeys((*was, *now)):
        if was.get(key) != now.get(key):
            yield words.say.own("changed", field=key[1], before=was.get(key, "–"), after=now.get(key, "–"))
    added = _count(changes.get("photos")) - _count(before.get("photos"))
    if "photos" in changes and added > 0:
        yield words.say.own("more_photos", n=added)


def _count(photos: Any) -> int:
    return len(photos) if isinstance(photos, Sequence) else 0


def _with(row: Row, body: dict[str, Any]) -> Row:
    return Row(
        org=row.org,
        id=row.id,
        kind=row.kind,
        scope=row.scope,
        state=row.state,
        author=row.author,
        body=body,
        facts=row.facts,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
