"""House laws of the pages: what is made is fresh, what is named exists, what is shown runs."""

import contextlib
import doctest
import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from anodyne.app.catalogue import catalogue
from anodyne.cli import rule_book
from anodyne.cli.main import app
from anodyne.kernel import errors
from anodyne.model.outcome import Outcome

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "examples/*.md", "changelog.d/*.md")
    for path in ROOT.glob(pattern)
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
of_every_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])

RULE = re.compile(
    r"\b(?:CM|CODE|CPM|DUP|DX|EM|INJ|LCD|MOD|NCCI|PA|TEL|TF|WC)-[A-Z]?\d+[a-z]?\b|\bX12-[A-Z][A-Z-]*[A-Z]\b"
)
FRAGMENT = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md")


def tool(name: str) -> Any:
    return runpy.run_path(str(ROOT / "tools" / "make_docs.py"))[name]


def test_the_made_parts_of_the_pages_are_fresh() -> None:
    assert tool("stale")() == [], "run: .venv/bin/python tools/make_docs.py"


def test_the_check_finds_a_page_that_is_stale_missing_or_no_more(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for name in tool("PAGES"):
        shutil.copy(ROOT / name, tmp_path / name)
    page = tmp_path / "docs/rules/INJ-07.md"
    page.write_text(page.read_text("utf-8").replace("INJ-07", "INJ-70"), "utf-8")
    (tmp_path / "docs/rules/DX-07.md").rename(tmp_path / "docs/rules/DX-99.md")
    names = ["DX-07.md", "DX-99.md", "INJ-07.md"]
    assert tool("stale")(tmp_path) == [f"docs/rules/{name}" for name in names]


def test_every_family_of_rules_has_a_name_in_the_index() -> None:
    assert {id_.partition("-")[0] for id_ in catalogue()} <= set(rule_book.FAMILIES)


def test_the_page_on_the_library_runs() -> None:
    with contextlib.chdir(ROOT):
        failed, tried = doctest.testfile(str(ROOT / "docs/library.md"), module_relative=False)
    assert (failed, tried > 0) == (0, True)


def test_a_column_read_from_nowhere_or_for_nothing_is_refused() -> None:
    columns, schema = tool("professional").LINE_COLUMNS, tool("LINES")
    with pytest.raises(ValueError, match="'lost'"):
        tool("_columns")({**schema, "lost": None}, columns)
    with pytest.raises(ValueError, match="'note'"):
        tool("_columns")({name: kind for name, kind in schema.items() if name != "note"}, columns)


@of_every_page
def test_every_rule_that_a_page_names_exists(page: Path) -> None:
    assert set(RULE.findall(page.read_text(encoding="utf-8"))) <= set(catalogue())


@of_every_page
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_names_every_option_of_check_and_no_other() -> None:
    options = {
        name
        for parameter in get_command(app).commands["check"].params  # type: ignore[attr-defined]
        for name in parameter.opts
        if name.startswith("--")
    }
    told = set(re.findall(r"^\| `(--[a-z-]+)", README, re.MULTILINE))
    assert told == options - {"--help"}


def test_the_readme_names_every_outcome() -> None:
    assert re.findall(r"^ +\| `([a-z]+)` \|", README, re.MULTILINE) == list(Outcome)


def test_the_page_on_reading_names_every_error() -> None:
    told = set(re.findall(r"ANO-\d+", (ROOT / "docs" / "reading-837p.md").read_text(encoding="utf-8")))
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.code for kind in kinds if issubclass(kind, errors.AnodyneError)}
    assert told == codes - {errors.AnodyneError.code}


def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    with contextlib.chdir(ROOT):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102  the page's own lines
    assert "INJ-07 deny 77003 is part of 62323 on line 1" in capsys.readouterr().out


def test_every_fragment_of_the_changelog_is_named_for_its_kind() -> None:
    names = {path.name for path in (ROOT / "changelog.d").iterdir()} - {"README.md"}
    assert [name for name in sorted(names) if not FRAGMENT.fullmatch(name)] == []


def test_a_rule_that_does_not_exist_is_noticed() -> None:
    assert RULE.findall("INJ-99 beside X12-NOTHING, and 5010") == ["INJ-99", "X12-NOTHING"]
    assert not {"INJ-99", "X12-NOTHING"} & set(catalogue())
