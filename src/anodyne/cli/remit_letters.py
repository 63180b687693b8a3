"""Letters to payers as files: DOCX to finish, PDF to look at, and an index of what is written and missing.

Each file is whole or not there, and the same for the same work and day.  Values go to the template as data.
"""

import datetime as dt
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typst
from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.shared import Pt, RGBColor
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph

from anodyne.app.home import data_home
from anodyne.app.remit_letters import (
    DisputedLine,
    Gap,
    Letter,
    Letters,
    Rest,
    Sentence,
    Source,
    Support,
    letters,
)
from anodyne.app.remit_work import Worked
from anodyne.app.words import counted, day
from anodyne.cli.drawn import drawn
from anodyne.cli.out import opened
from anodyne.kernel.errors import BadRequest
from anodyne.kernel.money import dollars
from anodyne.reference.tables import Reference, load

SCHEMA: Final = "anodyne.remit-letters/1"
FORMS: Final = ("both", "docx", "pdf")
INDEX: Final = "letters"
"""The name of the index: `letters.txt` and `letters.json`."""
LONGEST_NAME: Final = 60
"""Characters of a payer or claim id in a file name."""
_STANDARD: Final = "ua-1"
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The time of each part inside a DOCX: the first that a ZIP can tell."""
_GAP: Final = re.compile(r"(\[missing: [^\]]*\])")
_EACH: Final = ("Grounds", "What was decided")
"""Paragraphs whose sentences stand on lines of their own."""
_HEADER: Final = ("", "Claim", "Day", "Code", "Expected", "Allowed", "Difference", "Basis")

Told = dict[str, Any]


def write_letters(
    worked: Worked,
    folder: Path,
    as_of: dt.date,
    form: str = "both",
    practice: str = "",
    *,
    support: Sequence[Support] = (),
    reference: Reference | None = None,
) -> int:
    """Write the letters to payers about `worked`, dated `as_of`, into `folder`; how many letters there are.

    `form` is one of FORMS.  Beside them stand `letters.txt` and `letters.json`: what was written, what is
    missing in each and who can give it, and what has no letter.  Raises BadRequest for another form, or where
    the folder cannot be written.
    """
    if form not in FORMS:
        raise BadRequest(f"no form is called {form}", where="--form", fix=f"Use {', '.join(FORMS)}.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadRequest(
            f"the folder cannot be made: {error.strerror}",
            where=str(folder),
            fix="Name a folder that you may write to.",
        ) from error
    reference = load(data_home()) if reference is None else reference
    found = letters(worked, reference, as_of=as_of, practice=practice, support=support)
    names = _names(found.letters)
    kinds = ("docx", "pdf") if form == "both" else (form,)
    press = _Press(as_of) if "pdf" in kinds else None
    for letter, name in zip(found.letters, names, strict=True):
        page = page_of(letter)
        for kind in kinds:
            made = document(page) if press is None or kind == "docx" else press.printed(page)
            _write(folder / f"{name}.{kind}", made)
    told = [[f"{name}.{kind}" for kind in kinds] for name in names]
    _write(folder / f"{INDEX}.json", _as_json(found, told, as_of))
    _write(folder / f"{INDEX}.txt", "".join(_as_text(found, told, as_of)).encode(errors="replace"))
    return len(names)


def _write(path: Path, made: bytes) -> None:
    with opened(str(path)) as out:
        out.write(made)


# --- names ----------------------------------------------------------------------------------------------


def _names(told: Sequence[Letter]) -> list[str]:
    """A name for each letter, without its ending: another for each, in any folder."""
    taken: set[str] = set()
    names = []
    for number, letter in enumerate(told):
        name = file_name(letter)
        if name.casefold() in taken:
            name = f"{name}={hashlib.sha256(repr((letter, number)).encode()).hexdigest()[:16]}"
        taken.add(name.casefold())
        names.append(name)
    return names


def file_name(letter: Letter) -> str:
    """The name of a letter's files: what it asks, the payer and, of an appeal, the claim."""
    parts = [letter.payer, *(letter.claim_ids if letter.kind == "appeal" else ())]
    return "-".join([letter.kind, *map(_safe, parts)])


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:LONGEST_NAME].strip("-") or "unnamed"


# --- what is shown --------------------------------------------------------------------------------------


def page_of(letter: Letter) -> Told:
    """What both forms show of `letter`: text as runs, gaps apart, and sources by number."""
    numbers = {source: at for at, source in enumerate(letter.sources, 1)}
    page = {
        "subject": letter.subject,
        "practice": letter.practice,
        "date": [letter.day.year, letter.day.month, letter.day.day],
        "day": day(letter.day),
        "heading": [_sentence(one, {}) for one in letter.heading],
        "facts": [list(fact) for fact in letter.facts],
        "paragraphs": [
            {
                "title": part.title,
                "each": part.title in _EACH,
                "sentences": [_sentence(one, numbers) for one in part.sentences],
            }
            for part in letter.paragraphs
        ],
        "lines": [_line(number, line) for number, line in enumerate(letter.lines, 1)],
        "total": dollars(letter.cents),
        "enclosures": [_runs(one) for one in letter.enclosures],
        "closing": [_sentence(one, {}) for one in letter.closing],
        "sources": [{"number": at, "text": source.text, "url": source.url} for source, at in numbers.items()],
        "missing": [{"what": gap.what, "who": gap.who} for gap in letter.missing],
    }
    shown = drawn(page)
    if not isinstance(shown, dict):
        raise TypeError("a page is told by names")
    return shown


def _sentence(one: Sentence, numbers: Mapping[Source, int]) -> Told:
    return {"runs": _runs(one.text), "marks": _marks(one.sources, numbers)}


def _marks(sources: Sequence[Source], numbers: Mapping[Source, int]) -> str:
    return ", ".join(str(numbers[one]) for one in sources if one in numbers)


def _runs(text: str) -> list[Told]:
    parts = [part for part in _GAP.split(text) if part]
    return [{"text": part, "gap": _GAP.fullmatch(part) is not None} for part in parts]


def _line(number: int, line: DisputedLine) -> Told:
    return {
        "number": str(number),
        "sign": "" if line.sure else "†",
        "claim": line.claim_id,
        "control": line.payer_control,
        "day": line.served_on,
        "code": line.code,
        "expected": _runs(line.expected),
        "allowed": line.allowed,
        "difference": line.difference,
        "basis": line.basis,
        "how": line.how,
        "rests": "; ".join(source.text for source in line.sources),
    }


# --- PDF ------------------------------------------------------------------------------------------------


class _Press:
    """Typst with one template and its own fonts, for many letters."""

    def __init__(self, made_on: dt.date) -> None:
        self._template = files("anodyne.cli").joinpath("pages", "remit_letter.typ").read_bytes()
        fonts = typst.Fonts(include_system_fonts=False)
        self._compiler = typst.Compiler(font_paths=fonts, ignore_system_fonts=True)
        self._made = dt.datetime.combine(made_on, dt.time(), dt.UTC)

    def printed(self, page: Told) -> bytes:
        """The PDF of `page`."""
        made = self._compiler.compile(
            self._template,
            format="pdf",
            sys_inputs={"letter": json.dumps(page, ensure_ascii=False)},
            pdf_standards=_STANDARD,
            timestamp=self._made,
        )
        if not isinstance(made, bytes):
            raise TypeError("a PDF is one run of bytes")
        return made


# --- DOCX -----------------------------------------------------------------------------------------------


def document(page: Told) -> bytes:
    """The DOCX of `page`: the same bytes for the same page."""
    doc = Document()
    _dress(doc, page)
    for one in page["heading"]:
        _add(doc.add_paragraph(), one)
    doc.add_paragraph(page["day"])
    doc.add_heading(page["subject"], level=1)
    for name, value in page["facts"]:
        line = doc.add_paragraph(f"{name}: ")
        line.paragraph_format.space_after = Pt(0)
        line.add_run(value).bold = True
    for part in page["paragraphs"]:
        doc.add_heading(part["title"], level=2)
        whole = None if part["each"] else doc.add_paragraph()
        for one in part["sentences"]:
            _add(doc.add_paragraph() if whole is None else whole, one)
    if page["lines"]:
        _table(doc, page)
    if page["enclosures"]:
        doc.add_heading("Enclosed", level=2)
        for runs in page["enclosures"]:
            _add(doc.add_paragraph(style="List Bullet"), {"runs": runs, "marks": ""})
    for one in page["closing"]:
        _add(doc.add_paragraph(), one)
    doc.add_heading("On what each sentence rests", level=2)
    for source in page["sources"]:
        address = f" {source['url']}" if source["url"] else ""
        _small(doc.add_paragraph(), f"[{source['number']}] {source['text']}{address}")
    if page["missing"]:
        _gaps(doc, page["missing"])
    out = io.BytesIO()
    doc.save(out)
    return _still(out.getvalue())


def _dress(doc: Doc, page: Told) -> None:
    for name in ("Normal", "Heading 1", "Heading 2"):
        style = doc.styles[name]
        style.font.name = "Calibri"
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.size = Pt({"Normal": 10.5, "Heading 1": 14, "Heading 2": 11}[name])
    made = dt.datetime.combine(dt.date(*page["date"]), dt.time(), dt.UTC)
    told = doc.core_properties
    told.author = told.last_modified_by = page["practice"][:255]
    told.title = page["subject"][:255]
    told.comments = ""
    told.revision = 1
    told.created = told.modified = made


def _add(paragraph: Paragraph, sentence: Told) -> None:
    for part in sentence["runs"]:
        run = paragraph.add_run(part["text"])
        if part["gap"]:
            run.bold = True
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
    if sentence["marks"]:
        paragraph.add_run(f"[{sentence['marks']}]").font.superscript = True
    paragraph.add_run(" ")


def _small(paragraph: Paragraph, text: str) -> None:
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.add_run(text).font.size = Pt(8.5)


def _table(doc: Doc, page: Told) -> None:
    doc.add_heading("The lines", level=2)
    rows = [_HEADER, *(_cells(line) for line in page["lines"])]
    rows.append(("", "Together", "", "", "", "", page["total"], ""))
    table = doc.add_table(len(rows), len(_HEADER), "Light List")
    for row, cells in zip(_rows(table), rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            (paragraph,) = cell.paragraphs
            for part in _runs(text):
                run = paragraph.add_run(part["text"])
                run.font.size = Pt(8)
                if part["gap"]:
                    run.font.highlight_color = WD_COLOR_INDEX.YELLOW
    doc.add_heading("How each difference is told", level=2)
    for line in page["lines"]:
        _small(doc.add_paragraph(), f"{line['number']}. {line['how']}. {line['rests']}.")


def _rows(table: Table) -> Sequence[_Row]:
    """The rows of `table`, the first repeated on each page."""
    rows = list(table.rows)
    rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  python-docx has no name for it
    return rows


def _cells(line: Told) -> tuple[str, ...]:
    expected = "".join(part["text"] for part in line["expected"])
    control = f"\n{line['control']}" if line["control"] else ""
    return (
        f"{line['number']}{line['sign']}", f"{line['claim']}{control}", line["day"], line["code"],
        expected, line["allowed"], line["difference"], line["basis"],
    )  # fmt: skip


def _gaps(doc: Doc, missing: Sequence[Told]) -> None:
    title = doc.add_heading("Before this letter goes out", level=1)
    title.paragraph_format.page_break_before = True
    doc.add_paragraph(
        "This page is for the practice and is no part of the letter. Each gap is marked in the text."
    )
    table = doc.add_table(len(missing) + 1, 2, "Light List")
    told = [("Missing", "Who can give it"), *((gap["what"], gap["who"]) for gap in missing)]
    for row, texts in zip(_rows(table), told, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


def _still(made: bytes) -> bytes:
    """A DOCX without the time at which it was packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, _EARLIEST)
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return out.getvalue()


# --- index ----------------------------------------------------------------------------------------------


def _as_json(found: Letters, names: Sequence[Sequence[str]], as_of: dt.date) -> bytes:
    told = {
        "schema": SCHEMA,
        "as_of": as_of.isoformat(),
        "letters": [
            {
                "files": list(name),
                "kind": letter.kind.value,
                "payer": letter.payer,
                "claims": list(letter.claim_ids),
                "cents": letter.cents,
                "deadline": letter.deadline and letter.deadline.isoformat(),
                "subject": letter.subject,
                "sentences": [
                    {"text": one.text, "sources": [_source(source) for source in one.sources]}
                    for one in letter.sentences
                ],
                "lines": [
                    {
                        "claim": line.claim_id,
                        "payer_control": line.payer_control,
                        "day": line.served_on,
                        "code": line.code,
                        "expected": line.expected,
                        "allowed": line.allowed,
                        "difference": line.difference,
                        "basis": line.basis,
                        "sure": line.sure,
                        "how": line.how,
                        "sources": [_source(source) for source in line.sources],
                    }
                    for line in letter.lines
                ],
                "enclosures": list(letter.enclosures),
                "missing": [_missing(gap) for gap in letter.missing],
            }
            for letter, name in zip(found.letters, names, strict=True)
        ],
        "unwritten": [
            {"claim": one.claim_id, "line": one.line, "payer": one.payer, "why": one.why, "who": one.who}
            for one in found.unwritten
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode(errors="replace") + b"\n"


def _source(source: Source) -> Told:
    told: Told = {"rests_on": source.rest.value, "text": source.text}
    if source.rest is Rest.REMITTANCE:
        told |= {"file": source.file, "segments": list(source.segments)}
    if source.url:
        told["url"] = source.url
    return told


def _missing(gap: Gap) -> Told:
    return {"what": gap.what, "who": gap.who}


def _as_text(found: Letters, names: Sequence[Sequence[str]], as_of: dt.date) -> Iterator[str]:
    cents = sum(letter.cents for letter in found.letters)
    yield f"{counted(len(names), 'letter')} of {day(as_of)}, {dollars(cents)} in question\n"
    for letter, name in zip(found.letters, names, strict=True):
        yield f"\n{_plain(' '.join(name))}\n  {_plain(letter.subject)}\n"
        last = "no last day is known" if letter.deadline is None else f"last day {day(letter.deadline)}"
        late = ", which has passed" if letter.deadline is not None and letter.deadline < as_of else ""
        yield f"  to {_plain(letter.payer) or 'a payer without a name'}; {last}{late}\n"
        for gap in letter.missing:
            yield f"  missing: {_plain(gap.what)} ({_plain(gap.who)})\n"
    if found.unwritten:
        yield "\nWithout a letter\n"
    for one in found.unwritten:
        where = f", line {one.line}" if one.line is not None else ""
        yield f"  claim {_plain(one.claim_id)}{where}: {_plain(one.why)} ({_plain(one.who)})\n"


def _plain(text: str) -> str:
    return str(drawn(text))
