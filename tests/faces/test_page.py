"""The page for a manager, as a browser shows it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from anodyne.cli import as_html
from anodyne.cli.main import main
from tests.claims import Claim, Line, file_of
from tests.faces.browser import faults, needs_chromium, opened

ROOT = Path(__file__).parents[2]
DAY = ["check", "examples/day.837", "--history", "examples/history.837", "--as-of", "2026-11-21"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "day.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        assert main([*DAY, "--format", "html", "--output", str(path)]) == 1
    return path


def test_the_page_stands_alone(page: Path) -> None:
    text = page.read_text("utf-8")
    assert "<link" not in text
    assert " src=" not in text
    assert "default-src 'none'" in text


def test_every_claim_with_findings_and_every_cent_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.count('<article class="claim"') == text.count('data-outcome="')
    assert 'id="rule-INJ-07"' in text
    assert "77003 is part of 62323 on line 1" in text
    assert "drop line 2" in text


def test_what_a_file_says_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    name = "PLAN <SCRIPT>ALERT(1)</SCRIPT> & SONS"
    bad = tmp_path / "bad.837"
    claims = file_of(Claim([Line("62323"), Line("77003")]))
    bad.write_bytes(claims.replace(b"MEDICARE PART B OHIO", name.encode()))
    out = tmp_path / "bad.html"
    assert main(["check", str(bad), "--format", "html", "--output", str(out)]) == 1
    text = out.read_text("utf-8")
    assert "<SCRIPT>" not in text
    assert "PLAN &lt;SCRIPT&gt;ALERT(1)&lt;/SCRIPT&gt; &amp; SONS" in text


def test_characters_that_no_page_holds_are_question_marks(tmp_path: Path) -> None:
    odd = tmp_path / "odd.837"
    claims = file_of(Claim([Line("62323"), Line("77003")]))
    odd.write_bytes(claims.replace(b"MEDICARE PART B OHIO", "PLAN \x01\x1b \uffff".encode()))
    out = tmp_path / "odd.html"
    assert main(["check", str(odd), "--format", "html", "--output", str(out)]) == 1
    assert "PLAN ?? ?" in out.read_text("utf-8")


def test_what_is_wrong_with_the_whole_file_stands_first(tmp_path: Path) -> None:
    bad = tmp_path / "bad.837"
    bad.write_bytes(re.sub(rb"SE\*\d+", b"SE*999", file_of(Claim([Line("99213")]))))
    out = tmp_path / "bad.html"
    assert main(["check", str(bad), "--format", "html", "--output", str(out)]) == 1
    text = out.read_text("utf-8")
    assert "The file itself" in text
    assert "X12-COUNT" in text
    assert "Nothing was found" not in text


def test_nobody_is_named(page: Path) -> None:
    for segment in (ROOT / "examples/day.837").read_text("ascii").split("~"):
        if segment.strip().startswith(("NM1*IL*1", "NM1*QC*1", "NM1*82*1")):
            last = segment.split("*")[3]
            assert last.upper() not in page.read_text("utf-8").upper().split()


def test_a_clean_file_says_so(tmp_path: Path) -> None:
    clean = tmp_path / "clean.837"
    clean.write_bytes(file_of(Claim([Line("99213")])))
    out = tmp_path / "clean.html"
    assert main(["check", str(clean), "--format", "html", "--output", str(out)]) == 0
    assert "Nothing was found on any claim." in out.read_text("utf-8")


def test_a_great_many_claims_show_those_with_the_most_money(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_html, "CLAIMS_SHOWN", 2)
    many = tmp_path / "many.837"
    claims = [Claim([Line("62323"), Line("77003", charge=n * 100)], id=f"C{n}", patient=n) for n in (1, 3, 2)]
    many.write_bytes(file_of(*claims))
    out = tmp_path / "many.html"
    assert main(["check", str(many), "--format", "html", "--output", str(out)]) == 1
    text = out.read_text("utf-8")
    assert text.index(">C3</h3>") < text.index(">C2</h3>")
    assert ">C1</h3>" not in text
    assert "2 of the 3 claims with findings are on this page" in text


@needs_chromium
def test_a_browser_shows_filters_and_prints_it(page: Path, tmp_path: Path) -> None:
    with opened(page) as tab:
        assert faults(tab) == []
        shown = tab.locator(".shown")
        every = tab.locator(".claim").count()
        assert shown.inner_text() == f"{every} of {every} claims shown"
        tab.get_by_role("combobox", name="Rule").select_option("INJ-07")
        some = tab.locator(".claim:visible").count()
        assert 0 < some < every
        assert shown.inner_text() == f"{some} of {every} claims shown"
        tab.get_by_label("Account or code").fill("nowhere")
        assert tab.locator(".claim:visible").count() == 0
        tab.get_by_role("button", name="Show all").press("Enter")
        expect(tab.locator(".claim:visible")).to_have_count(every)
        tab.get_by_role("checkbox", name="deny").uncheck()
        assert tab.locator('.claim[data-outcome="deny"]:visible').count() == 0
        tab.get_by_role("button", name="Show all").click()
        expect(tab.locator(".claim:visible")).to_have_count(every)
        tab.locator(".claim:visible").first.get_by_role("link").first.click()
        assert tab.url.split("#")[1].startswith("rule-")
        pdf = tmp_path / "page.pdf"
        tab.pdf(path=pdf)
        assert pdf.stat().st_size > 20_000


@needs_chromium
def test_a_narrow_window_holds_it(page: Path) -> None:
    with opened(page) as tab:
        tab.set_viewport_size({"width": 400, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert faults(tab) == []
