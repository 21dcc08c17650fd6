"""Three phones, a network that loses requests and answers, partial pulls, two scopes, a purge, and either a backup put
back with the epoch raised or a phone copied onto another: the promises hold.

The server here is the pure decision with a dictionary for a database, so that thousands of steps run in
seconds. The contract suite holds that the real one behaves alike.
"""

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import Raw

from sync.apply import Who, decide
from sync.cursor import Cursor, start
from sync.kinds import Codec, Invalid
from sync.pull import Gone
from sync.records import Op, Refused, Result, Row
from sync.store import LOST_REVS
from tests.contract.sync.company import ASSET, NORTH, ORG, SOUTH, an_id

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CODEC = Codec(ASSET)
SCOPES = (f"u:{NORTH}", f"u:{SOUTH}")
FIELDS = ("line", "owner", "code")


Named = tuple[str, int, bytes]


def named(device: str, op: Op) -> Named:
    """An operation among those of all phones; a copied phone uses the same numbers for other contents."""
    return device, op.n, bytes(op.data)


class Resync(Exception):  # noqa: N818 (an answer, not a fault)
    """410: the reader starts again from nothing."""


class Gap(Exception):  # noqa: N818
    """409: numbers are missing, from `expected` on."""

    def __init__(self, expected: int) -> None:
        super().__init__(expected)
        self.expected = expected


class Fork(Exception):  # noqa: N818
    """409: another phone has sent other content under this number."""


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
        self.replaced: list[tuple[Named, Any]] = []
        self.wrote: dict[str, set[Any]] = {}  # what each device id has set
        self.times_applied: dict[tuple[str, int], int] = {}
        self.contents: dict[tuple[str, int], tuple[str, bytes]] = {}
        self.epoch = 1

    def put_back(self, backup: "PureServer") -> None:
        """What came after the backup is gone; revisions of that time are not given again."""
        epoch = self.epoch + 1
        self.__dict__ |= copy.deepcopy(backup.__dict__) | {"epoch": epoch}
        self.rows = {
            id_: msgspec.structs.replace(row, rev=row.rev + LOST_REVS) for id_, row in self.rows.items()
        }

    def push(self, device: str, ops: list[Op]) -> list[Result]:
        who = Who(
            org=ORG, person=device, roles=frozenset({"inspector"}), scopes=frozenset(SCOPES), device=device
        )
        results = []
        for op in ops:
            last, content = self.last.get(device, 0), (op.id, bytes(op.data))
            if op.n > last + 1:
                raise Gap(last + 1)
            if op.n <= last and self.contents.get((device, op.n), content) != content:
                raise Fork
            if op.n > last:
                self.answers[device, op.n] = self.apply(op, who)
                self.contents[device, op.n] = content
                self.last[device] = op.n
            results.append(self.answers[device, op.n])
        return results

    def apply(self, op: Op, who: Who) -> Result:
        key = (who.device, op.n)
        self.times_applied[key] = self.times_applied.get(key, 0) + 1
        before = self.rows.get(op.id)
        try:
            outcome = decide(op, before, CODEC, who, NOW, (self.epoch - 1) * LOST_REVS + 1)
        except (Refused, Invalid):
            return Result(n=op.n, id=op.id, status="rejected")
        if outcome.row is not before:
            self.rows[op.id] = outcome.row
            new = {
                value
                for name, value in outcome.row.body.items()
                if outcome.row.fv[name] == (outcome.row.rev, who.device)
            }
            self.wrote.setdefault(who.device, set()).update(new)
            self.numbers[op.id] = self.next_number(outcome.row.scope)
            if before and before.scope != outcome.row.scope:
                self.moved[before.scope, op.id] = (self.next_number(before.scope), outcome.row.rev)
        self.refused |= {conflict.refused for conflict in outcome.conflicts}
        if before:
            self.replaced += [
                (named(who.device, op), value)
                for name, value in before.body.items()
                if outcome.row.body.get(name) != value
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

        Raises Resync when notices that the reader needs may have been purged, or the server began anew.
        """
        at = (cursor or start(self.epoch, 1, (), self.heads)).with_scopes(scopes, self.heads)
        if at.epoch != self.epoch or at.below(self.horizons):
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
        self.acked: list[Op] = []  # under the device id of now
        self.made: list[Op] = []
        self.n = 0
        self.base: dict[str, Row] = {}
        self.cursor: Cursor | None = None
        self.conflicts: set[Any] = set()
        self.knew: dict[Named, set[Any]] = {}  # at each operation
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
        self.made.append(op)
        self.known |= set(data.values())
        self.knew[named(self.device, op)] = set(self.known)

    def twin(self) -> "Phone":
        """A phone with a copy of this one's storage."""
        other = Phone()
        for name, value in self.__dict__.items():
            setattr(other, name, copy.copy(value))
        return other

    def renumber(self) -> None:
        """Goes on as a new device: another one has used this one's numbers."""
        old, ops = self.device, self.outbox
        self.device, self.acked = an_id(), []
        self.outbox = [msgspec.structs.replace(op, n=n) for n, op in enumerate(ops, 1)]
        self.n = len(ops)
        self.made += self.outbox
        for was, now in zip(ops, self.outbox, strict=True):
            self.knew[named(self.device, now)] = self.knew[named(old, was)]

    def send_again(self, expected: int) -> None:
        """The server has lost what it had acknowledged from this number on."""
        self.outbox = [op for op in self.acked if op.n >= expected] + self.outbox
        self.acked = [op for op in self.acked if op.n < expected]

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


PHONES = st.integers(0, 3)  # the fourth is a copy, if there is one
FATES = ("arrives", "request lost", "answer lost")


class Replication(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.server = PureServer()
        self.phones = [Phone() for _ in range(3)]
        self.ids = [an_id() for _ in range(3)]
        self.values = 0
        self.written: set[Any] = set()
        self.backup: PureServer | None = None
        self.restored = False

    def phone(self, number: int) -> Phone:
        return self.phones[number % len(self.phones)]

    @rule(phone=PHONES, record=st.integers(0, 2), field=st.sampled_from(FIELDS))
    def edit(self, phone: int, record: int, field: str) -> None:
        """Every value is written once in a run, so that it can be looked for."""
        self.values += 1
        value = f"v{self.values}"
        id_, owner = self.ids[record], self.phone(phone)
        new = id_ not in owner.base and not any(op.id == id_ for op in owner.outbox)
        whole = {"unit": NORTH, "code": "T"} if new else {}
        owner.put(id_, whole | {field: value})
        self.written.add(value)

    @rule(phone=PHONES, record=st.integers(0, 2), unit=st.sampled_from((NORTH, SOUTH)))
    def move(self, phone: int, record: int, unit: str) -> None:
        if self.ids[record] in self.phone(phone).base:
            self.phone(phone).put(self.ids[record], {"unit": unit})

    @rule(
        phone=PHONES,
        count=st.integers(1, 4),
        fate=st.sampled_from(("arrives", "request lost", "answer lost")),
    )
    def push(self, phone: int, count: int, fate: str) -> None:
        self.send(self.phone(phone), count, fate)

    def send(self, phone: Phone, count: int, fate: str) -> None:
        ops = phone.outbox[:count]
        if fate == "request lost" or not ops:
            return
        try:
            results = self.server.push(phone.device, ops)
        except Gap as gap:
            phone.send_again(gap.expected)
            return
        except Fork:
            phone.renumber()
            return
        if fate == "answer lost":
            return
        phone.outbox, phone.acked = phone.outbox[count:], phone.acked + ops
        for result in results:
            phone.conflicts |= {conflict.refused for conflict in result.conflicts}

    @rule(phone=PHONES, limit=st.integers(1, 3), lost=st.booleans())
    def pull(self, phone: int, limit: int, lost: bool) -> None:
        reader = self.phone(phone)
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
        self.phone(phone).scopes = scopes

    @precondition(lambda self: len(self.phones) == 3)
    @rule()
    def back_up(self) -> None:
        self.backup = copy.deepcopy(self.server)

    @precondition(lambda self: self.backup is not None and len(self.phones) == 3)
    @rule()
    def put_back(self) -> None:
        assert self.backup is not None
        self.server.put_back(self.backup)
        self.restored = True

    @precondition(lambda self: not self.restored and len(self.phones) == 3)
    @rule(phone=st.integers(0, 2))
    def copy_a_phone(self, phone: int) -> None:
        """A copy and a server put back in one run are the simulator's: there a phone asks for each operation."""
        self.phones.append(self.phones[phone].twin())

    @invariant()
    def every_operation_is_applied_once(self) -> None:
        if hasattr(self, "server"):
            assert all(times == 1 for times in self.server.times_applied.values())

    @invariant()
    def a_base_is_never_ahead_of_the_server(self) -> None:
        for phone in getattr(self, "phones", ()):
            if phone.cursor is None or phone.cursor.epoch != self.server.epoch:
                continue  # it has not heard yet that the server began anew
            assert all(row.rev <= self.server.rows[id_].rev for id_, row in phone.base.items())

    def teardown(self) -> None:
        """In the end all is sent and read: the phones agree, and every value written is somewhere."""
        if not hasattr(self, "server"):
            return
        for phone in self.phones:
            phone.send_again(self.server.last.get(phone.device, 0) + 1)
            while phone.outbox:
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
        kept = self.kept_as_rejected()
        assert self.written <= stands | self.server.refused | replaced | kept
        knew = {key: value for phone in self.phones for key, value in phone.knew.items()}
        assert all(value in knew[op] for op, value in self.server.replaced if value in self.written)
        for (device, _), answer in self.server.answers.items():
            own = self.server.wrote.get(device, set()) & self.written
            assert not own & {conflict.kept for conflict in answer.conflicts}
        told = {value for phone in self.phones for value in phone.conflicts}
        # What a phone was told in the lost time may be judged otherwise when it comes again.
        assert self.server.refused <= told if self.restored else self.server.refused == told
        assert self.restored or not kept

    def kept_as_rejected(self) -> set[Any]:
        """Values of refused operations: after a restore an edit may come before the record that it edits."""
        return {
            value
            for key, answer in self.server.answers.items()
            if answer.status == "rejected"
            for value in msgspec.json.decode(self.server.contents[key][1]).values()
        }


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


def test_a_server_that_gives_lost_revisions_again_would_be_caught() -> None:
    """Non-vacuity: an edit that saw the lost time overwrites what its author never saw."""
    machine = Replication()
    machine.begin()
    ours, others = machine.phones[0], machine.phones[1]
    machine.edit(0, 0, "line")
    machine.send(ours, 1, "arrives")
    machine.back_up()
    machine.edit(0, 0, "owner")
    machine.send(ours, 1, "arrives")
    machine.pull(0, 3, False)
    machine.put_back()
    row = machine.server.rows[machine.ids[0]]
    machine.server.rows[machine.ids[0]] = msgspec.structs.replace(row, rev=row.rev - LOST_REVS)
    machine.pull(1, 3, False)
    machine.edit(1, 0, "line")
    machine.send(others, 1, "arrives")
    machine.edit(0, 0, "line")
    with pytest.raises(AssertionError):
        machine.teardown()


def test_a_copied_phone_that_keeps_its_number_would_be_caught() -> None:
    """Non-vacuity: what the copy made would be taken for what the other has sent."""
    machine = Replication()
    machine.begin()
    machine.copy_a_phone(0)
    first, second = machine.phones[0], machine.phones[3]
    machine.edit(0, 0, "line")
    machine.edit(3, 1, "line")
    machine.send(first, 1, "arrives")
    machine.server.contents.clear()
    machine.send(second, 1, "arrives")
    with pytest.raises(AssertionError):
        machine.teardown()


def test_a_phone_whose_copy_was_faster_may_meet_its_own_value_as_anothers() -> None:
    """Both phones hold the first edit, the copy sends it under their common number: then it is the copy's."""
    machine = Replication()
    machine.begin()
    machine.edit(0, 1, "line")
    machine.copy_a_phone(0)
    machine.edit(0, 1, "line")
    machine.edit(3, 0, "line")
    machine.send(machine.phones[3], 2, "arrives")
    machine.teardown()
    assert machine.server.refused == {"v2"}
