"""Trends of remittances as people and programs meet them: page, text, JSON and table."""

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.remit_trends import RemitTrends, remit_trends
from anodyne.cli.page import Page
from anodyne.cli.remit_trends import FORMS, write
from anodyne.kernel.errors import BadRequest
from tests.app.remit_weeks import AS_OF, LAST_NAME, MEMBER, drawn, weeks_at
from tests.faces.browser import faults, needs_chromium, opened

NAME = "JUNIPER <B>HEALTH</B> & CO"
ALDER = {"payer": "P2", "name": "ALDER"}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> RemitTrends:
    """A rise, a fall, a payer that lowers levels, and quiet ones."""
    at = tmp_path_factory.mktemp("remits")
    quiet, rise, fall = [0.06] * 30, [0.05] * 18 + [0.4] * 12, [0.5] * 12 + [0.08] * 18
    lowered = [0] * 15 + [5] * 15
    return remit_trends(
        [
            weeks_at(at / "a.835", drawn(1, rise, 20), 20, name=NAME),
            weeks_at(at / "b.835", drawn(2, quiet, 20), 20, **ALDER),
            weeks_at(at / "c.835", drawn(3, fall, 20), 20, **ALDER, code="20553", reason="CO-16"),
            weeks_at(at / "d.835", lowered, 12, payer="P3", name="CEDAR", code="99214", paid_as="99213"),
            weeks_at(at / "e.835", drawn(5, quiet, 12), 12, **ALDER, code="99214", reason="PI-204"),
        ],
        as_of=AS_OF,
    )  # fmt: skip


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> RemitTrends:
    bad = tmp_path_factory.mktemp("none") / "bad.835"
    bad.write_text("nothing")
    return remit_trends([str(bad)], as_of=AS_OF)


@pytest.fixture(scope="module")
def page(found: RemitTrends, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "trends.html"
    path.write_bytes(told(found, "html").encode())
    return path


def told(trends: RemitTrends, form: str, width: int = 100) -> str:
    out = io.BytesIO()
    write(trends, form, out, Page(width))
    return out.getvalue().decode("utf-8")


# every form


@pytest.mark.parametrize("form", FORMS)
def test_nobody_and_no_claim_is_named(found: RemitTrends, form: str) -> None:
    text = told(found, form)
    assert LAST_NAME not in text
    assert MEMBER not in text
    assert "P1W" not in text


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_told_as_nothing(nothing: RemitTrends, form: str) -> None:
    assert told(nothing, form)


def test_an_unknown_form_is_refused(found: RemitTrends) -> None:
    with pytest.raises(BadRequest, match="no form is called pdf"):
        write(found, "pdf", io.BytesIO(), Page())


# text


def test_text_says_first_what_changed_with_dollars_and_confidence(found: RemitTrends) -> None:
    text = told(found, "text")
    rise, fall = (text.index(name) for name in ("transforaminal epidural  ", "ALDER · trigger point"))
    assert text.index("What changed") < rise < fall < text.index("Paid at a lower level than billed")
    assert text.index("Paid at a lower level") < text.index("Root causes") < text.index("Payers, by dollars")
    flat = " ".join(text.split())
    assert "Denied or cut rose from" in flat
    assert "in the week of 12 May 2025, most of it level of service; more than 99.9 % sure." in flat
    assert "Up to the week of 28 Jul 2025, that is $45,666.67 more at stake than at the old rate." in flat
    assert "75 of 360 paid lines at a lower level (20.8 %); the other payers lower 0.0 %" in flat
    assert "CEDAR · office visit, established" in text


def test_text_stays_within_its_page(found: RemitTrends) -> None:
    for width in (60, 100):
        assert max(map(len, told(found, "text", width).splitlines())) <= width


def test_quiet_remittances_are_told_as_quiet(tmp_path: Path) -> None:
    path = weeks_at(tmp_path / "a.835", drawn(9, [0.1] * 20, 15), 15)
    quiet = remit_trends([path], as_of=AS_OF)
    said = "No rate changed more than chance explains: 1 payer and family looked at, at 99% confidence."
    assert said in told(quiet, "text")
    assert said in told(quiet, "html")


# JSON and table


def test_json_holds_the_contract(found: RemitTrends) -> None:
    report = json.loads(told(found, "json"))
    assert list(report) == [
        "schema", "as_of", "files", "payments", "payments_held", "claims_without_day", "changes", "levels",
        "level_mix", "causes", "payers", "payer_weeks", "weeks", "errors",
    ]  # fmt: skip
    assert report["schema"] == "anodyne.remit-trends/1"
    assert [(one["payer"], one["since"]) for one in report["changes"]] == [
        ("P1", "2025-05-12"),
        ("P2", "2025-03-31"),
    ]
    assert [one["payer"] for one in report["levels"] if one["told"]] == ["P3"]
    assert sum(one["cents"] for one in report["weeks"]) == sum(one["cents"] for one in report["payers"])


def test_the_table_has_a_row_a_week(found: RemitTrends) -> None:
    rows = list(csv.DictReader(io.StringIO(told(found, "csv"))))
    assert len(rows) == len(found.weeks) == 150
    assert list(rows[0]) == [
        "payer", "payer_name", "family", "week", "claims", "denied_or_cut", "rate", "at_stake",
    ]  # fmt: skip
    assert (rows[0]["payer"], rows[0]["payer_name"], rows[0]["week"]) == ("P1", NAME, "2025-01-06")
    stake = pl.Series([row["at_stake"] for row in rows]).cast(pl.Decimal(18, 2)).sum()
    assert round(float(stake) * 100) == found.weeks["cents"].sum()


# page


def test_the_page_stands_alone_and_runs_nothing(page: Path) -> None:
    text = page.read_text("utf-8")
    for part in ("<link", " src=", "<script", 'http-equiv="refresh'):
        assert part not in text
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert "JUNIPER &lt;B&gt;HEALTH&lt;/B&gt; &amp; CO" in text
    assert "<B>" not in text


def test_the_page_says_first_what_changed(page: Path) -> None:
    text = page.read_text("utf-8")
    order = [
        "What changed", "Denied or cut rose from", "Denied or cut fell from", "Paid at a lower level",
        ">In all<", "By payer: claims", "By payer and family", "At stake by cause", "The numbers",
    ]  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places)


@needs_chromium
def test_a_browser_shows_and_prints_it(page: Path, tmp_path: Path) -> None:
    with opened(page) as tab:
        assert faults(tab) == []
        assert tab.locator(".change svg").count() == 3
        assert tab.locator(".charts svg").count() == 4
        tab.get_by_text("Weeks of ALDER").click()
        assert tab.locator("details[open] tbody tr").count() == 90
        assert faults(tab) == []
        pdf = tmp_path / "page.pdf"
        tab.pdf(path=pdf)
        assert pdf.stat().st_size > 20_000


@needs_chromium
def test_a_narrow_window_holds_it(page: Path) -> None:
    with opened(page) as tab:
        tab.set_viewport_size({"width": 400, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert faults(tab) == []
