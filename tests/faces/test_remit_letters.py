"""Letters to payers, as the text of their files has it: facts with their sources, and gaps marked."""

import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest

from anodyne.app.remit_letters import GIVES, Letter, Letters, Rest, Support, letters
from anodyne.app.remit_work import Worked, work_files
from anodyne.cli.remit_letters import write_letters
from anodyne.kernel.errors import BadRequest
from anodyne.model.denials import EVIDENCE_WORDS
from anodyne.reference.tables import Reference, load
from tests.x12.remittances import bpr, claim, group, interchange, line, transaction

AS_OF = dt.date(2026, 10, 20)
PAYER = ("N1*PR*CEDAR MUTUAL*XV*60054", "N1*PE*MADE UP PAIN CLINIC*XX*1100200306")
CONTRACTS = """payer,code,modifier,pos_class,from,until,allowed,percent_of_medicare
60054,99214,,,2026-01-01,,130.00,
60054,64483,,,2026-01-01,,300.00,
"""
DENIED = (
    *claim("A1", status="4", sums="500*0*0"),
    *line("CAS*CO*50*500", "LQ*HE*N115", code="HC:64483", sums="500*0"),
)
SHORT = (
    *claim("B2", sums="200*100*0"),
    *line("CAS*CO*45*100", "REF*6R*7", "AMT*B6*100", code="HC:99214", sums="200*100"),
)
TWICE = (
    *claim("C3", sums="700*80*0"),
    *line("CAS*CO*45*120", "AMT*B6*80", code="HC:99214", sums="200*80"),
    *line("CAS*CO*151*500", code="HC:64483", sums="500*0"),
)
LATE = ("CLP*M9*4*500*0*0*MB*ICNM9*11*1", "NM1*QC*1*DOE*PAT****MI*M1", *DENIED[3:])


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load()


class Desk:
    """Where remittances are worked and letters written and read."""

    def __init__(self, folder: Path, reference: Reference) -> None:
        self.folder = folder
        self.reference = reference
        self.out = folder / "letters"

    def worked(self, *claims: tuple[str, ...], paid: str, contract: bool = True) -> Worked:
        head = (bpr(paid), "TRN*1*EFT77*1512345678", *PAYER)
        body = [segment for one in claims for segment in one]
        remits, contracts = self.folder / "day.835", self.folder / "contracts.csv"
        remits.write_bytes(interchange(group(transaction("LX*1", *body, head=head))))
        contracts.write_text(CONTRACTS, "utf-8")
        return work_files(
            [str(remits)],
            contracts=str(contracts) if contract else None,
            as_of=AS_OF,
            reference=self.reference,
        )

    def letters(self, *claims: tuple[str, ...], paid: str, **more: Any) -> Letters:
        return letters(self.worked(*claims, paid=paid), self.reference, as_of=AS_OF, **more)

    def write(self, worked: Worked, **more: Any) -> list[Path]:
        count = write_letters(worked, self.out, AS_OF, reference=self.reference, **more)
        found = sorted(self.out.iterdir())
        assert len({one.stem for one in found}) == count + 1
        return found


@pytest.fixture
def desk(tmp_path: Path, reference: Reference) -> Desk:
    return Desk(tmp_path, reference)


def text_of(path: Path) -> str:
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    told = docx.Document(io.BytesIO(path.read_bytes()))
    cells = [cell.text for table in told.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in told.paragraphs), *cells])


def closely(text: str) -> str:
    return "".join(text.split())


def only(found: Letters) -> Letter:
    (letter,) = found.letters
    return letter


def test_an_appeal_tells_what_was_decided_and_where_it_is_told(desk: Desk) -> None:
    letter = only(desk.letters(DENIED, paid="0"))
    assert letter.subject == "Appeal of claim A1, $300.00 in question"
    texts = [one.text for one in letter.sentences]
    assert "We appeal your decision on claim A1 (your control number ICNA1)." in texts
    assert "Line 1, 64483 of 1 Sep 2026: $500.00 was charged and $0.00 paid." in texts
    assert "The adjustments are CO-50 $500.00; the remark codes are N115." in texts
    places = {one.text: one.sources for one in letter.sentences}
    (cut,) = places["The adjustments are CO-50 $500.00; the remark codes are N115."]
    segments = (desk.folder / "day.835").read_text("latin-1").split("~")
    told = [segments[number - 1].strip() for number in cut.segments]
    assert told == ["CAS*CO*50*500", "LQ*HE*N115"]
    assert cut.file == str(desk.folder / "day.835")


def test_every_sentence_and_line_has_its_source(desk: Desk) -> None:
    found = desk.letters(DENIED, SHORT, TWICE, paid="180")
    assert [letter.kind.value for letter in found.letters].count("dispute") == 1
    for letter in found.letters:
        assert all(one.sources for one in letter.sentences)
        assert all(one.sources for one in letter.lines)


def test_what_is_missing_is_marked_and_listed_with_who_can_give_it(desk: Desk) -> None:
    letter = only(desk.letters(DENIED, paid="0"))
    who = {gap.what: gap.who for gap in letter.missing}
    assert who[EVIDENCE_WORDS["coverage_criteria"]] == "clinician"
    assert who["how many days there are to appeal"] == "who keeps the contracts"
    told = "\n".join(one.text for one in letter.sentences)
    assert all(gap.mark in told for gap in letter.missing)


def test_no_clinical_word_is_added_and_what_a_record_says_stands_as_given(desk: Desk) -> None:
    said = "The note of 1 Sep 2026 tells six weeks of therapy before."
    given = [Support("A1", "coverage_criteria", said, "Chart, note of 1 Sep 2026, page 2", 1)]
    letter = only(desk.letters(DENIED, paid="0", support=given))
    (one,) = (one for one in letter.sentences if one.text == said)
    assert [(source.rest, source.text) for source in one.sources] == [(Rest.RECORD, given[0].record)]
    assert EVIDENCE_WORDS["coverage_criteria"] not in {gap.what for gap in letter.missing}
    assert given[0].record in letter.enclosures


def test_medicares_level_and_last_day_are_told_with_their_rule(desk: Desk) -> None:
    letter = only(desk.letters(LATE, paid="0"))
    first, timed = letter.sentences[2:4]
    assert first.text.startswith(
        "We ask for a redetermination by the contractor of your decision on claim M9"
    )
    assert "the last day is" in timed.text
    assert [source.rest for source in timed.sources] == [Rest.RULE]
    assert letter.deadline is not None
    assert letter.deadline > AS_OF


def test_an_appeal_after_its_last_day_says_so_and_asks_why(desk: Desk) -> None:
    worked = desk.worked(LATE, paid="0")
    letter = only(letters(worked, desk.reference, as_of=dt.date(2027, 3, 1)))
    assert "why it comes after its last day, and what proves that" in {gap.what for gap in letter.missing}


def test_an_amount_that_rests_on_an_assumption_is_marked(desk: Desk) -> None:
    both = (
        *claim("D4", sums="900*300*0"),
        *line("CAS*CO*45*600", "AMT*B6*300", code="HC:64483:50", sums="900*300"),
    )
    letter = only(desk.letters(both, paid="300"))
    (row,) = letter.lines
    assert (row.code, row.expected, row.sure) == ("64483-50", "$450.00", False)
    assert any("marked †" in gap.what for gap in letter.missing)


def test_what_no_amount_is_known_for_has_no_letter_and_is_told(desk: Desk) -> None:
    hidden = (*claim("E5", sums="200*0*0"), *line("CAS*CO*45*200", code="HC:99215", sums="200*0"))
    found = desk.letters(hidden, paid="0")
    assert not found.letters
    assert ("E5", 1, "is nothing allowed for this code?", "who keeps the contracts") in {
        (one.claim_id, one.line, one.why, one.who) for one in found.unwritten
    }


def test_a_dispute_lists_each_line_with_its_arithmetic(desk: Desk) -> None:
    letter = only(desk.letters(SHORT, paid="100"))
    (row,) = letter.lines
    assert (row.claim_id, row.payer_control, row.served_on) == ("B2", "ICNB2", "1 Sep 2026")
    assert (row.code, row.expected, row.allowed, row.difference) == ("99214", "$130.00", "$100.00", "$30.00")
    assert [source.rest for source in row.sources] == [Rest.REMITTANCE, Rest.CONTRACT]
    assert row.sources[1].text.endswith("99214")
    assert letter.cents == 30_00
    assert "how many days there are to dispute a payment" in {gap.what for gap in letter.missing}


def test_a_line_is_appealed_or_disputed_and_never_both(desk: Desk) -> None:
    found = desk.letters(DENIED, SHORT, TWICE, paid="180")
    assert [(letter.kind, letter.claim_ids) for letter in found.letters if letter.kind == "dispute"] == [
        ("dispute", ("C3", "B2"))
    ]
    appeals = [letter for letter in found.letters if letter.kind == "appeal"]
    assert {letter.claim_ids for letter in appeals} == {("A1",), ("C3",)}
    told = "\n".join(one.text for letter in appeals for one in letter.sentences)
    assert "99214" not in told


def test_the_files_say_the_same_and_name_no_patient(desk: Desk) -> None:
    worked = desk.worked(DENIED, SHORT, paid="100")
    found = letters(worked, desk.reference, as_of=AS_OF, practice="Made Up Pain Clinic")
    paths = desk.write(worked, practice="Made Up Pain Clinic")
    assert [one.name for one in paths] == [
        "appeal-CEDAR-MUTUAL-A1.docx",
        "appeal-CEDAR-MUTUAL-A1.pdf",
        "dispute-CEDAR-MUTUAL.docx",
        "dispute-CEDAR-MUTUAL.pdf",
        "letters.json",
        "letters.txt",
    ]
    for path in paths:
        raw = text_of(path) if path.suffix in {".pdf", ".docx"} else path.read_text("utf-8")
        told = closely(raw)
        assert re.search(r"\b(DOE|PAT|ROE|SAM|M1)\b", raw.upper()) is None
        if path.suffix not in {".pdf", ".docx"}:
            continue
        letter = next(one for one in found.letters if path.name.startswith(one.kind))
        for one in letter.sentences:
            assert closely(one.text) in told.replace("\u2011", "-"), one.text
        for row in letter.lines:
            for value in (row.claim_id, row.payer_control, row.code, row.expected, row.difference, row.how):
                assert closely(value) in told
        for source in letter.sources:
            assert closely(source.text) in told
        for gap in letter.missing:
            assert told.count(closely(gap.what)) >= 2


def test_the_index_tells_files_sources_and_gaps(desk: Desk) -> None:
    desk.write(desk.worked(DENIED, SHORT, paid="100"), form="pdf")
    told = json.loads((desk.out / "letters.json").read_text("utf-8"))
    assert told["schema"] == "anodyne.remit-letters/1"
    assert [one["files"] for one in told["letters"]] == [
        ["appeal-CEDAR-MUTUAL-A1.pdf"],
        ["dispute-CEDAR-MUTUAL.pdf"],
    ]
    assert all(one["sources"] for letter in told["letters"] for one in letter["sentences"])
    plain = (desk.out / "letters.txt").read_text("utf-8")
    assert plain.startswith("2 letters of 20 Oct 2026, $330.00 in question\n")
    assert f"missing: {EVIDENCE_WORDS['coverage_criteria']} (clinician)" in plain


def test_the_same_work_gives_the_same_bytes(desk: Desk) -> None:
    worked = desk.worked(DENIED, SHORT, TWICE, paid="180")
    first = {path.name: path.read_bytes() for path in desk.write(worked)}
    again = {path.name: path.read_bytes() for path in desk.write(worked)}
    assert first == again


def test_a_code_of_markup_or_no_picture_is_told_as_it_is(desk: Desk) -> None:
    odd = tuple(part.replace("A1", "#A_1\u00ad$", 1) for part in DENIED)
    for path in desk.write(desk.worked(odd, paid="0")):
        if path.suffix in {".pdf", ".docx"}:
            assert "#A_1[U+00AD]$" in closely(text_of(path))
            assert path.name.startswith("appeal-CEDAR-MUTUAL-A-1.")


def test_two_claims_of_one_id_have_a_letter_each(desk: Desk) -> None:
    other = tuple(part.replace("ICNA1", "ICNZZ") for part in DENIED)
    assert (
        len([p for p in desk.write(desk.worked(DENIED, other, paid="0"), form="pdf") if p.suffix == ".pdf"])
        == 2
    )


def test_a_form_that_is_none_is_refused_before_anything_is_written(desk: Desk) -> None:
    worked = desk.worked(DENIED, paid="0")
    with pytest.raises(BadRequest):
        write_letters(worked, desk.out, AS_OF, "odt", reference=desk.reference)
    assert not desk.out.exists()


def test_everybody_who_holds_evidence_is_known() -> None:
    assert set(GIVES) == set(EVIDENCE_WORDS)
