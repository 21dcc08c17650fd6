"""An accepted finding against a person proposes points; a second person's confirmation enters them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from backend import catalogue
from backend.catalogue import PointsRules
from backend.features.checks.service import reach
from backend.features.editions.service import points_at
from backend.features.points import ledger
from backend.features.points.rules import Proposal, base, cycle, propose, standing
from sync.push import Context, Entry, Op, Refused, Row


async def finding_accepted(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The accepted finding names a person: there is a proposal, for somebody else to decide."""
    person = row.body.get("person")
    if not person:
        return ()
    happened_at = datetime.fromisoformat(row.body["happened_at"])
    points = row.facts["points"]
    rules = await points_at(ctx.conn, ctx.org, happened_at)
    points = base(rules, row.body["item"], points)
    proposal = await _proposal(ctx, rules, person, row.body["item"], happened_at, points, row)
    body = {
        "unit": row.body["unit"],
        "person": person,
        "item": row.body["item"],
        "catalogue": row.body["catalogue"],
        "rule": rules.version,
        "finding": row.id,
        "finder": row.author,
        "happened_at": row.body["happened_at"],
        "fact": row.body["fact"],
        "base_points": points,
        "proposed_points": proposal.points,
        "modifiers": list(proposal.modifiers),
        "photos": row.body.get("photos", []),
        **{name: row.body.get(name, False) for name in ("complaint", "self_reported", "false_evidence")},
    }
    created = Op(op="put", kind="violation", id=ctx.new_id(), at=ctx.now, data=body)
    await ctx.set_facts(row.id, {"violation": created.id})
    return [created]


async def violation_confirmed(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The points count from here on: a ledger line, the person's copy of it, and the sum beside the proposal.

    They are reckoned anew, for an entry made since the proposal may have changed a modifier.
    """
    body = row.body
    if entry.hands & {body["finder"], body["person"]}:
        role = "finder" if body["finder"] in entry.hands else "concerned"
        raise Refused("second_person_needed", {"role": role})
    reach(ctx, body["unit"])
    happened_at = datetime.fromisoformat(body["happened_at"])
    rules = await points_at(ctx.conn, ctx.org, happened_at)
    year = cycle(rules, happened_at)
    points = body["base_points"]
    proposal = await _proposal(ctx, rules, body["person"], body["item"], happened_at, points, row)
    earlier = await ledger.lines(ctx.conn, ctx.org, person=body["person"], cycle=year)
    account = standing(rules, [*(line.points for line in earlier), proposal.points])
    photos = body.get("photos", [])
    fields = {
        "person": body["person"],
        "unit": body["unit"],
        "item": body["item"],
        "catalogue": body["catalogue"],
        "rule": rules.version,
        "base_points": body["base_points"],
        "modifiers": list(proposal.modifiers),
        "points": proposal.points,
        "finding": body["finding"],
        "violation": row.id,
        "finder": body["finder"],
        "decider": entry.by,
        "decided_at": ctx.now.astimezone(catalogue.ZONE).isoformat(),
        "happened_at": body["happened_at"],
        "balance": account.balance,
        "cap": account.cap,
        "fact": body["fact"],
    }
    if entry.instead_of:
        fields["instead_of"] = entry.instead_of
    if entry.data.get("note"):
        fields["note"] = entry.data["note"]
    id_ = ctx.new_id()
    proven = {
        **fields,
        "org": ctx.org,
        "id": id_,
        "cycle": year,
        "photos": sorted(photo["sha256"] for photo in photos),
    }
    line = await ledger.append(ctx.conn, proven)
    await ctx.set_facts(
        row.id,
        {
            "points": proposal.points,
            "modifiers": list(proposal.modifiers),
            "balance": account.balance,
            "cap": account.cap,
            "to_cap": account.to_cap,
            "entry": line.n,
            "hash": line.hash,
        },
    )
    copy = {**fields, "n": line.n, "photos": photos, "prev_hash": line.prev_hash, "hash": line.hash}
    return [Op(op="put", kind="entry", id=id_, at=ctx.now, data=copy)]


async def violation_dismissed(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Nobody clears himself."""
    if row.body["person"] in entry.hands:
        raise Refused("second_person_needed", {"role": "concerned"})
    reach(ctx, row.body["unit"])
    return ()


async def _proposal(
    ctx: Context, rules: PointsRules, person: str, item: str, happened_at: datetime, points: int, row: Row
) -> Proposal:
    entries = await ledger.lines(ctx.conn, ctx.org, person=person, cycle=cycle(rules, happened_at))
    return propose(
        rules,
        points,
        item,
        sum(line.item == item for line in entries),
        complaint=row.body.get("complaint", False),
        self_reported=row.body.get("self_reported", False),
        false_evidence=row.body.get("false_evidence", False),
    )
