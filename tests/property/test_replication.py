"""Three phones, a network that loses requests and answers, partial pulls, two scopes, a purge: the promises hold.

The server here is the pure decision with a dictionary for a database, so that thousands of steps run in
seconds. The contract suite holds that the real one behaves alike.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec import Raw

from sync.apply import Who, decide
from sync.cursor import Cursor, start
from sync.kinds import Codec, Invalid
from sync.pull import Gone
from sync.records import Op, Refused, Result, Row
from tests.contract.sync.company import ASSET, NORTH, ORG, SOUTH, an_id

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CODEC = Codec(ASSET)
SCOPES = (f"u:{NORTH}", f"u:{SOUTH}")
FIELDS = ("line", "owner", "code")


class Resync(Exception):  # noqa: N818 (an answer, not a fault)
    """410: the reader starts again from nothing."""


class PureServer:
    """Rows in a dictionary; the same rules, numbers and cursor as the real server."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.numbers: dict[str, int] = {}
        self.moved: dict[tuple[str, str], tuple[int, int]] = {}
        self.answers: dict[tuple[str, int], Result] = {}
        self.last: dict[str, int] = {}
        self.heads: dict[str, int] = {}
        self.horizons: dict[str, int] = {}
        self.refused: set[Any] = set()
        self.replaced: list[tuple[Op, Any]] = []
        self.times_applied: dict[tuple[str, int], int] = {}

    def push(self, device: str, ops: list[Op]) -> list[Result]:
        who = Who(
            org=ORG, person=device, roles=frozenset({"inspector"}), scopes=frozenset(SCOPES), device=device
        )
        results = []
        for op in ops:
            if op.n > self.last.get(device, 0):
                assert op.n == self.last.get(device, 0) + 1
                self.answers[device, op.n] = self.apply(op, who)
                self.last[device] = op.n
            results.append(self.answers[device, op.n])
        return results

    def apply(self, op: Op, who: Who) -> Result:
        key = (who.device, op.n)
        self.times_applied[key] = self.times_applied.get(key, 0) + 1
        before = self.rows.get(op.id)
        try:
            outcome = decide(op, before, CODEC, who, NOW)
        except (Refused, Invalid):
            return Result(n=op.n, id=op.id, status="rejected")
        if outcome.row is not before:
            self.rows[op.id] = outcome.row
            self.numbers[op.id] = self.next_number(outcome.row.scope)
            if before and before.scope != outcome.row.scope:
                self.moved[before.scope, op.id] = (self.next_number(before.scope), outcome.row.rev)
        self.refused |= {conflict.refused for conflict in outcome.conflicts}
        if before:
            self.replaced += [
                (op, value) for name, value in before.body.items() if outcome.row.body.get(name) != value
            ]
        return Result(
            n=op.n,
            id=op.id,
            status=outcome.status,
            rev=outcome.row.rev,
            conflicts=list(outcome.conflicts),
        )

    def purge(self) -> None:
        """Forgets every notice; who has not read them has to start again."""
        for (scope, _), (seq, _) in self.moved.items():
            self.horizons[scope] = max(self.horizons.get(scope, 0), seq)
        self.moved.clear()

    def next_number(self, scope: str) -> int:
        self.heads[scope] = self.heads.get(scope, 0) + 1
        return self.heads[scope]

    def page(
        self, cursor: Cursor | None, scopes: tuple[str, ...], limit: int
    ) -> tuple[list[Row | Gone], list[str], Cursor]:
        """One scope's changes: the real pages join several, which changes nothing for the reader.

        Raises Resync when notices that the reader needs may have been purged.
        """
        at = (cursor or start(1, 1, (), self.heads)).with_scopes(scopes, self.heads)
        if at.below(self.horizons):
            raise Resync
        dropped = sorted(cursor.scopes - at.scopes) if cursor else []
        behind = at.behind(self.heads)
        if not behind:
            return [], dropped, at
        scope, place, upto = behind[0], at.places[behind[0]], self.heads[behind[0]]
        found: list[tuple[int, Row | Gone]] = [
            (self.numbers[row.id], row)
            for row in self.rows.values()
            if row.scope == scope and place.pos < self.numbers[row.id] <= upto
        ]
        found += [
            (seq, Gone(id_, scope, seq, rev, "moved"))
            for (left, id_), (seq, rev) in self.moved.items()
            if left == scope
            and max(place.pos, place.since) < seq <= upto
            and self.rows[id_].scope not in scopes
        ]
        found.sort(key=lambda pair: pair[0])
        full = len(found) >= limit
        found = found[:limit]
        return [change for _, change in found], dropped, at.advanced(scope, found[-1][0] if full else upto)


class Phone:
    """An outbox and a base, as in the real client."""

    def __init__(self) -> None:
        self.device = an_id()
        self.scopes = SCOPES
        self.outbox: list[Op] = []
        self.sent: list[Op] = []
        self.wrote: set[str] = set()
        self.n = 0
        self.base: dict[str, Row] = {}
        self.cursor: Cursor | None = None
        self.conflicts: set[Any] = set()
        self.knew: dict[int, set[Any]] = {}
        self.known: set[Any] = set()

    def put(self, id_: str, data: dict[str, Any]) -> None:
        self.n += 1
        base = self.base[id_].rev if id_ in self.base else 0
        op = Op(
            op="put",
            kind="asset",
            id=id_,
            at=NOW,
            n=self.n,
            base=base,
            data=Raw(msgspec.json.encode(data)),
        )
        self.outbox.append(op)
        self.sent.append(op)
        self.known |= set(data.values())
        self.wrote |= {value for value in data.values() if value.startswith("v")}
        self.knew[self.n] = set(self.known)

    def take(self, changes: list[Row | Gone], dropped: list[str], cursor: Cursor) -> None:
        self.base = {id_: row for id_, row in self.base.items() if row.scope not in dropped}
        for change in changes:
            if change.id in self.base and self.base[change.id].rev >= change.rev:
                continue
            if isinstance(change, Gone):
                self.base.pop(change.id, None)
            else:
                self.base[change.id] = change
                self.known |= set(change.body.values())
        self.cursor = cursor


PHONES = st.integers(0, 2)
FATES = ("arrives", "request lost", "answer lost")


class Replication(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.server = PureServer()
        self.phones = [Phone() for _ in range(3)]
        self.ids = [an_id() for _ in range(3)]
        self.values = 0
        self.written: set[Any] = set()

    @rule(phone=PHONES, record=st.integers(0, 2), field=st.sampled_from(FIELDS))
    def edit(self, phone: int, record: int, field: str) -> None:
        """Every value is written once in a run, so that it can be looked for."""
        self.values += 1
        value = f"v{self.values}"
        id_, owner = self.ids[record], self.phones[phone]
        new = id_ not in owner.base and not any(op.id == id_ for op in owner.outbox)
        whole = {"unit": NORTH, "code": "T"} if new else {}
        owner.put(id_, whole | {field: value})
        self.written.add(value)

    @rule(phone=PHONES, record=st.integers(0, 2), unit=st.sampled_from((NORTH, SOUTH)))
    def move(self, phone: int, record: int, unit: str) -> None:
        if self.ids[record] in self.phones[phone].base:
            self.phones[phone].put(self.ids[record], {"unit": unit})

    @rule(
        phone=PHONES,
        count=st.integers(1, 4),
        fate=st.sampled_from(("arrives", "request lost", "answer lost")),
    )
    def push(self, phone: int, count: int, fate: str) -> None:
        self.send(self.phones[phone], count, fate)

    def send(self, phone: Phone, count: int, fate: str) -> None:
        ops = phone.outbox[:count]
        if fate == "request lost" or not ops:
            return
        results = self.server.push(phone.device, ops)
        if fate == "answer lost":
            return
        phone.outbox = phone.outbox[count:]
        for result in results:
            phone.conflicts |= {conflict.refused for conflict in result.conflicts}

    @rule(phone=PHONES, limit=st.integers(1, 3), lost=st.booleans())
    def pull(self, phone: int, limit: int, lost: bool) -> None:
        reader = self.phones[phone]
        page = self.read(reader, limit)
        if not lost:
            reader.take(*page)

    def read(self, reader: Phone, limit: int) -> tuple[list[Row | Gone], list[str], Cursor]:
        """A page; a reader below the horizon forgets its base first, never its outbox."""
        try:
            return self.server.page(reader.cursor, reader.scopes, limit)
        except Resync:
            reader.base, reader.cursor = {}, None
            return self.server.page(None, reader.scopes, limit)

    @rule()
    def purge(self) -> None:
        self.server.purge()

    @rule(phone=PHONES, scopes=st.sampled_from((SCOPES, SCOPES[:1], SCOPES[1:])))
    def grant(self, phone: int, scopes: tuple[str, ...]) -> None:
        """Only reading changes here: pushes are judged by all scopes, so that every edit is acceptable."""
        self.phones[phone].scopes = scopes

    @invariant()
    def every_operation_is_applied_once(self) -> None:
        if hasattr(self, "server"):
            assert all(times == 1 for times in self.server.times_applied.values())

    @invariant()
    def a_base_is_never_ahead_of_the_server(self) -> None:
        for phone in getattr(self, "phones", ()):
            assert all(row.rev <= self.server.rows[id_].rev for id_, row in phone.base.items())

    def teardown(self) -> None:
        """In the end all is sent and read: the phones agree, and every value written is somewhere."""
        if not hasattr(self, "server"):
            return
        for phone in self.phones:
            self.send(phone, len(phone.outbox), "arrives")
        for phone in self.phones:
            while True:
                changes, dropped, cursor = self.read(phone, 2)
                phone.take(changes, dropped, cursor)
                if not cursor.behind(self.server.heads):
                    break
            seen = {id_: row for id_, row in self.server.rows.items() if row.scope in phone.scopes}
            assert phone.base == seen
        self.no_edit_vanished()

    def no_edit_vanished(self) -> None:
        """A value stands in the record, or waits as a conflict, or was replaced by one who knew it."""
        stands = {value for row in self.server.rows.values() for value in row.body.values()}
        replaced = {value for _, value in self.server.replaced}
        assert self.written <= stands | self.server.refused | replaced
        knew = {id(op): phone.knew[op.n] for phone in self.phones for op in phone.sent}
        assert all(value in knew[id(op)] for op, value in self.server.replaced if value in self.written)
        for (device, _), answer in self.server.answers.items():
            own = {value for phone in self.phones if phone.device == device for value in phone.wrote}
            assert not own & {conflict.kept for conflict in answer.conflicts}
        told = {value for phone in self.phones for value in phone.conflicts}
        assert self.server.refused == told
        assert not [answer for answer in self.server.answers.values() if answer.status == "rejected"]


Replication.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestReplication = Replication.TestCase


def test_a_machine_without_the_number_check_would_be_caught() -> None:
    """Non-vacuity: with a server that forgets numbers, an answer lost on the way doubles the operation."""
    machine = Replication()
    machine.begin()
    server = machine.server
    phone = machine.phones[0]
    machine.edit(0, 0, "line")
    machine.send(phone, 1, "answer lost")
    server.last.clear()
    machine.send(phone, 1, "arrives")
    assert server.times_applied[phone.device, 1] == 2


def test_a_replaced_row_keeps_who_wrote_which_field() -> None:
    who = Who(org=ORG, person="a", roles=frozenset({"inspector"}), scopes=frozenset(SCOPES), device="a")
    op = Op(op="put", kind="asset", id=an_id(), at=NOW, data={"unit": NORTH, "code": "T"})
    row = decide(op, None, CODEC, who, NOW).row
    line = msgspec.structs.replace(op, data={"line": "L"})
    later = decide(line, row, CODEC, replace(who, device="b"), NOW).row
    assert later.fv == {"unit": (1, "a"), "code": (1, "a"), "line": (2, "b")}


def _purged_before_it_was_read() -> Replication:
    """A record leaves the only scope that a phone reads, and the notice is purged before the phone has read it."""
    machine = Replication()
    machine.begin()
    writer, reader = machine.phones[0], machine.phones[1]
    machine.edit(0, 0, "line")
    machine.send(writer, 1, "arrives")
    for phone in (0, 1):
        machine.pull(phone, 3, False)
    machine.grant(1, SCOPES[:1])
    machine.pull(1, 3, False)
    assert set(reader.base) == {machine.ids[0]}
    machine.move(0, 0, SOUTH)
    machine.send(writer, 1, "arrives")
    machine.server.purge()
    return machine


def test_a_reader_below_the_horizon_forgets_what_left_its_scopes() -> None:
    machine = _purged_before_it_was_read()
    machine.teardown()
    assert machine.phones[1].base == {}


def test_a_purge_that_raises_no_horizon_would_be_caught() -> None:
    """Non-vacuity: the reader keeps a row that is no longer its to see."""
    machine = _purged_before_it_was_read()
    machine.server.horizons.clear()
    with pytest.raises(AssertionError):
        machine.teardown()
