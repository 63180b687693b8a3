"""The shipped editions are what the facts give."""

import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest

from anodyne.reference.tables import DATA

ROOT = Path(__file__).parents[2]
FACTS = ROOT.parent / "shared" / "facts"
SHIPPED = DATA / "editions"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FACTS.exists(), reason="did not run: no ../shared/facts beside the project"),
]


def tool(name: str) -> Any:
    return runpy.run_path(str(ROOT / "tools" / "make_pack.py"))[name]


def test_the_pack_is_what_the_facts_give() -> None:
    assert tool("main")([str(FACTS), "--check"]) == 0


def test_the_check_finds_a_changed_a_missing_and_a_surplus_file(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "editions")
    changed = tmp_path / "editions" / "mue" / "2024-07-01" / "table.csv"
    changed.write_text(changed.read_text().replace("20553,1,2", "20553,2,2"))
    (tmp_path / "editions" / "ptp" / "2024-07-01" / "pack.toml").unlink()
    (tmp_path / "editions" / "stray.csv").write_text("")
    assert tool("differing")(FACTS, tmp_path / "editions") == [
        "mue/2024-07-01/table.csv",
        "ptp/2024-07-01/pack.toml",
        "stray.csv",
    ]
