"""An app of an older version sends what it wrote: the server lifts it, on SQLite and on PostgreSQL.

The kinds of tomorrow exist in this test alone. A note measured `amount` in tens of watts (schema 1); tomorrow
it is `watts` and must have a `place`, and `return` is called `send_back`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from sync import upcast
from sync.errors import SyncError
from sync.kinds import Body, Written
from sync.push import Engine
from tests.contract.sync.company import KINDS, NORTH, NOTE, Company, Phone, an_id, no_photos


class NoteOfTomorrow(Body):
    unit: str
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    place: str
    watts: Annotated[int, Meta(ge=0)] | None = None


def watts(written: Written) -> Written:
    if written.op == "event":
        return replace(written, type="send_back" if written.type == "return" else written.type)
    data = dict(written.data)
    if "amount" in data:
        data["watts"] = _tens(data.pop("amount"))
    return replace(written, data=data)


def _tens(amount: Any) -> Any:
    return amount * 10 if isinstance(amount, int) else amount


def placed(written: Written) -> Written:
    new = written.op == "put" and written.base == 0
    return replace(written, data={"place": "unknown", **written.data}) if new else written


def broken(written: Written) -> Written:
    raise ZeroDivisionError


TOMORROW = replace(
    NOTE,
    body=NoteOfTomorrow,
    check=None,
    derive=None,
    events=tuple(replace(e, name="send_back") if e.name == "return" else e for e in NOTE.events),
    upcasts={1: watts, 2: placed},
)


def engine(**upcasts: Any) -> Engine:
    kinds = {**KINDS, "note": replace(TOMORROW, **upcasts)}
    return Engine(kinds=kinds, reactions={}, on_write=no_photos)


def envelope(phone: Phone, schema: int, *ops: Any) -> bytes:
    return msgspec.json.encode(
        {"device": phone.device, "schema": schema, "sent_at": phone.company.time, "ops": ops}
    )


async def body(phone: Phone, id_: str) -> Mapping[str, Any]:
    await phone.pull()
    data: Mapping[str, Any] = phone.base[id_]["data"]
    return data


async def test_what_each_older_schema_wrote_is_stored_as_of_today(company: Company) -> None:
    phone = await company.phone("inspector", "supervisor")
    company.engine = engine()
    one, two, three = an_id(), an_id(), an_id()
    first = {"unit": NORTH, "title": "one", "amount": 4}
    second = {"unit": NORTH, "title": "two", "watts": 40}
    third = {"unit": NORTH, "title": "three", "watts": 40, "place": "cellar"}
    for schema, id_, data in ((1, one, first), (2, two, second), (3, three, third)):
        put, submit = phone.put("note", id_, data), phone.event("note", id_, "submit")
        answer = await phone.push_raw(envelope(phone, schema, put, submit))
        assert [r["status"] for r in answer["results"]] == ["applied", "applied"], answer
    assert await body(phone, one) == {"unit": NORTH, "title": "one", "watts": 40, "place": "unknown"}
    assert await body(phone, two) == {"unit": NORTH, "title": "two", "watts": 40, "place": "unknown"}
    assert await body(phone, three) == third
    back = phone.event("note", one, "return", {"reason": "blurred"})
    answer = await phone.push_raw(envelope(phone, 1, back))
    assert [r["status"] for r in answer["results"]] == ["applied"]


async def test_a_later_patch_of_an_older_app_does_not_fill_in_what_it_never_asked(company: Company) -> None:
    phone = await company.phone("inspector")
    company.engine = engine()
    note = an_id()
    new = {"unit": NORTH, "title": "x", "place": "cellar"}
    await phone.push_raw(envelope(phone, 3, phone.put("note", note, new)))
    await phone.push_raw(envelope(phone, 1, phone.put("note", note, {"amount": 1}, base=1)))
    assert await body(phone, note) == {**new, "watts": 10}


async def test_a_repeated_push_of_an_older_app_gets_its_first_answer(company: Company) -> None:
    phone = await company.phone("inspector")
    raw = envelope(phone, 1, phone.put("note", an_id(), {"unit": NORTH, "title": "x", "amount": 1}))
    first = await phone.push_raw(raw)
    company.engine = engine()
    assert (await phone.push_raw(raw))["results"] == first["results"]


async def test_what_an_older_app_wrote_wrongly_is_refused_as_today_and_stops_nothing(
    company: Company,
) -> None:
    phone = await company.phone("inspector")
    company.engine = engine()
    good = an_id()
    answer = await phone.push_raw(
        envelope(
            phone,
            1,
            phone.put("note", an_id(), {"unit": NORTH, "amount": "four"}),
            phone.put("note", an_id(), ["no", "object"]),
            phone.put("note", good, {"unit": NORTH, "title": "x"}),
        )
    )
    assert [(r["status"], r.get("code")) for r in answer["results"]] == [
        ("rejected", "invalid"),
        ("rejected", "invalid"),
        ("applied", None),
    ]


async def test_an_upcaster_that_fails_keeps_the_operation_and_lets_the_others_through(
    company: Company,
) -> None:
    phone = await company.phone("inspector", "admin")
    company.engine = engine(upcasts={1: broken, 2: placed})
    note = phone.put("note", an_id(), {"unit": NORTH, "title": "x"})
    asset = phone.put("asset", an_id(), {"unit": NORTH, "code": "A1"})
    answer = await phone.push_raw(envelope(phone, 1, note, asset))
    assert [(r["status"], r.get("code")) for r in answer["results"]] == [
        ("rejected", "failed"),
        ("applied", None),
    ]


async def test_a_server_older_than_the_app_asks_it_to_wait_and_takes_nothing(company: Company) -> None:
    phone = await company.phone("inspector")
    company.engine = engine()
    raw = envelope(phone, 4, phone.put("note", an_id(), {"unit": NORTH, "title": "x", "place": "y"}))
    with pytest.raises(SyncError) as refused:
        await phone.push_raw(raw)
    assert (refused.value.code, refused.value.facts) == ("schema_too_new", {"schema": 3})
    company.engine = engine(upcasts={1: watts, 2: placed, 3: lambda written: written})
    assert [r["status"] for r in (await phone.push_raw(raw))["results"]] == ["applied"]


def test_today_is_the_newest_schema_that_a_kind_speaks_of() -> None:
    assert upcast.current({"note": NOTE}) == 1
    assert upcast.current(KINDS) == 2  # `later` came with 2
    assert upcast.current({**KINDS, "note": TOMORROW}) == 3
