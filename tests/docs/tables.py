"""The tables of docs/ that are made from the code: `make docs` writes them, a test compares them.

A table stands between `<!-- table: name -->` and `<!-- end -->`.
"""

import argparse
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from backend import problems, settings
from backend.cli import _parser
from backend.features import FEATURES
from sync.kinds import Event, Kind
from tests.simulate.mutants import KNOWN, SERVER

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def _table(*rows: tuple[str, ...]) -> str:
    head, *body = rows
    lines = [head, tuple("---" for _ in head), *body]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _code(names: frozenset[str] | list[str]) -> str:
    return ", ".join(f"`{name}`" for name in (sorted(names) if isinstance(names, frozenset) else names))


def _states(kind: Kind) -> list[str]:
    """In the order in which the declaration first leads to them."""
    found = [kind.initial]
    found += [event.target for event in kind.events if event.target and event.target not in found]
    return list(dict.fromkeys(found))


def kinds() -> str:
    rows = [("kind", "feature", "changed by", "states")]
    for feature in FEATURES:
        for kind in feature.kinds:
            page = f"[{feature.name}](features/{feature.name}.md)"
            rows.append((f"`{kind.name}`", page, f"`{kind.merge}`", _code(_states(kind))))
    return _table(*rows)


def events() -> str:
    def row(kind: Kind, event: Event) -> tuple[str, ...]:
        target = f"`{event.target}`" if event.target else "as it was"
        whole = "yes" if event.whole else ""
        return f"`{kind.name}`", f"`{event.name}`", _code(event.source), target, _code(event.roles), whole

    head = ("kind", "event", "in state", "leads to", "who may", "checks the whole body")
    return _table(head, *(row(kind, event) for f in FEATURES for kind in f.kinds for event in kind.events))


def _leaves(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Every command that can be given, with its line of help."""
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        for choice in action._choices_actions:
            below = list(_leaves(action.choices[choice.dest]))
            words = _usage(action.choices[choice.dest])
            yield from ((f"{choice.dest} {name}", text) for name, text in below)
            if not below:
                yield f"{choice.dest}{words}", choice.help or ""


def _usage(parser: argparse.ArgumentParser) -> str:
    """The arguments of a command as they are typed."""
    words = []
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        name = action.option_strings[0] if action.option_strings else ""
        value = "" if action.nargs == 0 else str(action.metavar or action.dest.upper().rstrip("_"))
        word = " ".join(part for part in (name, value) if part)
        words.append(word if action.required else f"[{word}]")
    return "".join(f" {word}" for word in words)


def commands() -> str:
    return _table(("command", "does"), *((f"`mingcha {name}`", text) for name, text in _leaves(_parser())))


def targets() -> str:
    text = (ROOT / "Makefile").read_text("utf-8")
    found = re.findall(r"^([a-z]+):.*?##\s*(.+)$", text, re.M)
    return _table(("command", "does"), *((f"`make {name}`", says) for name, says in found))


def mutants() -> str:
    """The servers' faults by their docstrings, the phone's from the module that makes them."""
    rows = [(f"`{name}`", "server", (make.__doc__ or "").strip()) for name, make in SERVER.items()]
    text = (ROOT / "pwa" / "simulate" / "mutants.mjs").read_text("utf-8")
    for name, single, double in re.findall(
        r"^  '([a-z-]+)': \{\n    why: (?:'([^']+)'|\"([^\"]+)\")", text, re.M
    ):
        rows.append((f"`{name}`", "phone", f"{(single or double)[0].upper()}{(single or double)[1:]}."))
    found = {f"`{name}`": f"{seed}, {ops}, {engine}" for name, (seed, ops, engine) in KNOWN.items()}
    return _table(
        ("fault", "of", "what is wrong", "found by"), *((*row, found.get(row[0], "a hunt")) for row in rows)
    )


#: page and name of the table → what makes it
TABLES: dict[tuple[str, str], Callable[[], str]] = {
    ("operations.md", "settings"): settings.table,
    ("problems.md", "problems"): problems.table,
    ("kinds.md", "kinds"): kinds,
    ("kinds.md", "events"): events,
    ("commands.md", "commands"): commands,
    ("commands.md", "targets"): targets,
    ("simulator.md", "mutants"): mutants,
}


def block(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- table: {name} -->\n\n)(.*?)(\n\n<!-- end -->)", re.S)


def main() -> None:
    for (page, name), make in TABLES.items():
        path = DOCS / page
        text, n = block(name).subn(
            lambda found, make=make: found[1] + make() + found[3], path.read_text("utf-8")
        )  # type: ignore[misc]
        if n != 1:
            raise SystemExit(f"docs/{page} has no place for the table {name}")
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
