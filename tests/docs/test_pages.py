"""The pages of docs/ say what is there: tables made from the code, links that lead somewhere, pages that are listed."""

import re
from pathlib import Path

import msgspec
import pytest

from backend.app import KINDS
from backend.feature import Feature
from backend.features import FEATURES
from backend.problems import CATALOGUE
from backend.settings import Settings
from tests.docs.tables import DOCS, ROOT, TABLES, block

PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(("page", "table"), TABLES)
def test_a_table_is_what_the_code_says(page: str, table: str) -> None:
    found = block(table).search((DOCS / page).read_text("utf-8"))
    assert found, f"docs/{page} has no place for the table {table}"
    assert found[2] == TABLES[page, table](), "run `make docs`"


def test_no_table_is_empty_and_each_names_all_there_is() -> None:
    expected = {
        "settings": {f"MINGCHA_{field.name.upper()}" for field in msgspec.structs.fields(Settings)},
        "problems": set(CATALOGUE),
        "kinds": set(KINDS),
        "commands": {"mingcha photos [--ask-again]", "mingcha epoch --raise", "mingcha user list"},
        "targets": {"make run", "make test", "make prove"},
    }
    for (_, table), make in TABLES.items():
        missing = [each for each in expected.get(table, ()) if f"`{each}`" not in make()]
        assert missing == [], table


def test_every_target_of_the_makefile_has_a_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.M)[0].split())
    assert phony == set(re.findall(r"^([a-z]+):.*##", makefile, re.M))


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_feature_has_its_page_which_names_its_kinds(feature: Feature) -> None:
    page = (DOCS / "features" / f"{feature.name}.md").read_text("utf-8")
    assert [kind.name for kind in feature.kinds if not re.search(rf"\b{kind.name}\b", page)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", text)
    for target in (first or second for first, second in targets):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}, target


def test_the_index_leads_to_every_page() -> None:
    index = DOCS / "README.md"
    reached = {
        (DOCS / link.partition("#")[0]).resolve()
        for link in re.findall(r"\]\(([^):\s]+)\)", index.read_text("utf-8"))
    }
    assert [
        name(page) for page in DOCS.rglob("*.md") if page != index and page.resolve() not in reached
    ] == []
