# ruff: noqa: INP001 -- a script beside its data, not a package
"""Writes the example day: day.837, history.837, payers.837, expected.toml and the tables of README.md.

The scenario is data a biller can read: practice.toml says who bills, treats, pays and comes and what it
costs; day.toml, history.toml and payers.toml say which claims are sent and what is wrong in them.  This
script only turns them into X12 005010X222A1, so counts, levels and totals are right unless the scenario
spoils one on purpose.
The same data always give the same bytes.  With --check nothing is written; the exit status is 1 if a file
is stale.
"""

import argparse
import datetime as dt
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LETTERS = "ACDEFGHJKMNPQRTUVWXY"  # those that cannot be taken for a digit
LINE = re.compile(r"(?P<code>\w{5})(?P<mods>(-\w\w)*)( x(?P<units>\d+))?( @(?P<pointers>\d+))?")

Record = dict[str, Any]


def with_check_digit(stem: str) -> str:
    """Nine digits of an NPI made ten.

    >>> with_check_digit("123456789")
    '1234567893'
    """
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in stem[::-2])
    return stem + str(-(24 + sum(doubled) + sum(map(int, stem[-2::-2]))) % 10)


def member_id(pattern: str, patient: str) -> str:
    """An id of the payer's pattern, always the same for a patient."""
    seed = int(patient[1:])
    made = ""
    for mark in pattern:
        seed = (seed * 1103515245 + 12345) % 2**31
        choices = {"#": "0123456789", "@": LETTERS}.get(mark, mark)
        made += choices[(seed >> 16) % len(choices)]
    return made


def money(cents: int) -> str:
    """Dollars as X12 writes them, with no needless zero.

    >>> money(62500), money(7040)
    ('625', '70.4')
    """
    return f"{cents / 100:.2f}".rstrip("0").rstrip(".")


def day(date: dt.date) -> str:
    """A date as X12 writes it."""
    return f"{date:%Y%m%d}"


def segment(*elements: object) -> str:
    """One segment, without the empty elements at its end."""
    return "*".join(map(str, elements)).rstrip("*") + "~"


def organisation(role: str, name: str, qualifier: str = "", number: str = "") -> str:
    """An NM1 of a body that is no person."""
    return segment("NM1", role, 2, name, "", "", "", "", qualifier, number)


def person(role: str, name: Iterable[str], qualifier: str = "", number: str = "") -> str:
    """An NM1 of a person: last name, first name."""
    return segment("NM1", role, 1, *name, "", "", "", qualifier, number)


def address(street: str, town: str, state: str, postcode: str) -> list[str]:
    """The N3 and N4 of a place."""
    return [segment("N3", street), segment("N4", town, state, postcode)]


class Writer:
    """Turns claims of one practice into X12."""

    def __init__(self, practice: Record) -> None:
        self.practice = practice

    def file(self, claims: dict[str, Record], sent: dt.date, number: int) -> str:
        """One interchange holding `claims`, sent on a day under a control number."""
        us, them = self.practice["submitter"], self.practice["receiver"]
        body = [
            segment("ST", 837, f"{number:04}", "005010X222A1"),
            segment("BHT", "0019", "00", f"LHPP{number:06}", day(sent), "1830", "CH"),
            organisation("41", us["name"], "46", us["id"]),
            segment("PER", "IC", us["contact"], "TE", us["phone"]),
            organisation("40", them["name"], "46", them["id"]),
            *self.levels(claims),
        ]
        lines = [
            f"ISA*00*{'':10}*00*{'':10}*ZZ*{us['id']:15}*ZZ*{them['id']:15}*{sent:%y%m%d}*1830*^*00501*{number:09}*0*T*:~",
            segment("GS", "HC", us["id"], them["id"], day(sent), "1830", number, "X", "005010X222A1"),
            *body,
            segment("SE", len(body) + 1, f"{number:04}"),
            segment("GE", 1, number),
            segment("IEA", 1, f"{number:09}"),
        ]
        return "\n".join(lines) + "\n"

    def levels(self, claims: dict[str, Record]) -> Iterator[str]:
        """The hierarchy: billing providers, their subscribers, dependents, and the claims under them."""
        numbers = count(1)
        for site in self.practice["billing"]:
            insured: dict[tuple[str, bool], list[str]] = {}
            for key, claim in claims.items():
                if claim.get("site", "columbus") == site:
                    insured.setdefault((claim["patient"], "first_payer" in claim), []).append(key)
            if not insured:
                continue
            yield segment("HL", provider := next(numbers), "", 20, 1)
            yield from self.billing(self.practice["billing"][site])
            for (patient, second), keys in insured.items():
                dependent = patient in self.practice["subscriber"] or patient in self.practice["accident"]
                yield segment("HL", subscriber := next(numbers), provider, 22, int(dependent))
                yield from self.subscriber(patient, "S" if second else "P")
                if dependent:
                    yield segment("HL", next(numbers), subscriber, 23, 0)
                    yield from self.dependent(patient)
                for key in keys:
                    yield from self.claim(key, claims[key])

    def billing(self, site: Record) -> list[str]:
        """A billing provider."""
        return [
            segment("PRV", "BI", "PXC", site["taxonomy"]),
            organisation("85", site["name"], "XX", with_check_digit(site["npi"])),
            *address(*site["address"]),
            segment("REF", "EI", site["tax_id"]),
        ]

    def patient(self, number: str) -> tuple[Record, list[str], list[str]]:
        """The payer of a patient, the name, and the segments that say where and when born."""
        payer, last, first, sex, born, street, town = self.practice["patient"][number]
        home = address(street, town, "OH", self.practice["town"][town])
        return self.practice["payer"][payer], [last, first], [*home, segment("DMG", "D8", day(born), sex)]

    def subscriber(self, number: str, rank: str) -> list[str]:
        """Who is insured, and the payer the claim goes to."""
        payer, name, particulars = self.patient(number)
        group = payer.get("group", "")
        itself = "" if number in self.practice["subscriber"] or number in self.practice["accident"] else "18"
        if number in self.practice["accident"]:
            employer, policy = self.practice["accident"][number][:2]
            insured = [organisation("IL", employer, "MI", policy)]
        elif itself:
            insured = [person("IL", name, "MI", member_id(payer["members"], number)), *particulars]
        else:
            insured = [
                person(
                    "IL", self.practice["subscriber"][number][1:], "MI", member_id(payer["members"], number)
                )
            ]
        return [
            segment("SBR", rank, itself, group, "", "", "", "", "", payer["filing"]),
            *insured,
            organisation("PR", payer["name"], "PI", payer["id"]),
        ]

    def dependent(self, number: str) -> list[str]:
        """A patient insured through someone else, or through an employer."""
        _, name, particulars = self.patient(number)
        if number in self.practice["accident"]:
            told = self.practice["accident"][number][2]
            claim_number = [segment("REF", "Y4", told)] if told else []
            return [segment("PAT", "20"), person("QC", name), *particulars, *claim_number]
        return [segment("PAT", self.practice["subscriber"][number][0]), person("QC", name), *particulars]

    def claim(self, key: str, claim: Record) -> Iterator[str]:
        """One claim and its lines."""
        lines = [self.parsed(text) for text in claim["lines"]]
        charge = round(100 * claim["charge"]) if "charge" in claim else sum(line["cents"] for line in lines)
        facility = self.practice["facility"].get(claim.get("place"))
        pos = facility["pos"] if facility else claim.get("pos", "11")
        accident = self.practice["accident"].get(claim["patient"])
        setting = f"{pos}:B:{claim.get('frequency', '1')}"
        yield segment(
            "CLM", key, money(charge), "", "", setting, "Y", "A", "Y", "Y", "", "EM" if accident else ""
        )
        if accident:
            yield segment("DTP", "439", "D8", day(accident[3]))
        if "admitted" in claim:
            yield segment("DTP", "435", "D8", day(claim["admitted"]))
        if "original" in claim:
            yield segment("REF", "F8", claim["original"])
        if claim.get("auth"):
            yield segment("REF", "G1", f"{member_id('@####@########', 'P' + key[2:])}")
        if "clia" in claim:
            yield segment("REF", "X4", claim["clia"])
        first, *others = (code.replace(".", "") for code in claim["dx"])
        yield segment("HI", f"ABK:{first}", *(f"ABF:{code}" for code in others))
        treating = self.practice["practitioner"][claim["by"]]
        npi = claim.get("rendering_npi", with_check_digit(treating["npi"]))
        yield person("82", treating["name"], "XX", npi)
        yield segment("PRV", "PE", "PXC", treating["taxonomy"])
        if facility:
            yield organisation("77", facility["name"], "XX", with_check_digit(facility["npi"]))
            yield from address(*facility["address"])
        if "first_payer" in claim:
            yield from self.other_payer(claim["patient"], claim["first_payer"])
        for number, line in enumerate(lines, 1):
            yield from self.line(key, number, line, claim)

    def other_payer(self, patient: str, paid: Record) -> list[str]:
        """The payer that has already decided the claim."""
        payer = self.practice["payer"][paid["payer"]]
        _, name, _ = self.patient(patient)
        return [
            segment("SBR", "P", "18", "", "", "", "", "", "", payer["filing"]),
            segment("AMT", "D", money(round(100 * sum(paid["paid"])))),
            segment("OI", "", "", "Y", "", "", "Y"),
            person("IL", name, "MI", member_id(payer["members"], patient)),
            organisation("PR", payer["name"], "PI", payer["id"]),
        ]

    def parsed(self, text: str) -> Record:
        """A line of the scenario as its parts, priced by the practice's fees."""
        match = LINE.fullmatch(text)
        if match is None:
            raise ValueError(f"cannot read the line {text!r}: write code-modifiers x units @ pointers")
        mods = match["mods"].split("-")[1:]
        units = int(match["units"] or 1)
        cents = round(100 * self.practice["fee"][match["code"]]) * units * (2 if "50" in mods else 1)
        return {
            "code": match["code"],
            "mods": mods,
            "units": units,
            "pointers": match["pointers"] or "1",
            "cents": cents,
        }

    def line(self, key: str, number: int, line: Record, claim: Record) -> Iterator[str]:
        """One service line."""
        procedure = ":".join(("HC", line["code"], *line["mods"]))
        charge, pointers = money(line["cents"]), ":".join(line["pointers"])
        yield segment("LX", number)
        yield segment("SV1", procedure, charge, "UN", line["units"], "", "", pointers)
        yield segment("DTP", "472", "D8", day(claim["on"]))
        yield segment("REF", "6R", f"{key}-{number}")
        if line["code"] in self.practice["drug"]:
            ndc, unit, each = self.practice["drug"][line["code"]]
            yield segment("LIN", "", "N4", ndc)
            yield segment("CTP", "", "", "", f"{line['units'] * each:g}", unit)
        if "first_payer" in claim:
            first = claim["first_payer"]
            payer = self.practice["payer"][first["payer"]]["id"]
            paid, contract, patient = (
                money(round(100 * first[k][number - 1])) for k in ("paid", "contract", "patient")
            )
            yield segment("SVD", payer, paid, procedure, "", line["units"])
            yield segment("CAS", "CO", 45, contract)
            yield segment("CAS", "PR", 2, patient)
            yield segment("DTP", "573", "D8", day(first["on"]))


def expected(claims: dict[str, Record]) -> str:
    """What a check of the day has to find, for a test to read."""
    rows = ["# Written by make_day.py: what `anodyne check` has to find in day.837.", ""]
    rows.append(
        f"clean = {sorted(key for key, claim in claims.items() if 'wrong' not in claim)}".replace("'", '"')
    )
    for key, claim in claims.items():
        for fault in claim.get("wrong", []):
            where = [f"line = {fault['line']}"] if "line" in fault else []
            rows += ["", "[[finding]]", f'claim = "{key}"', f'rule = "{fault["rule"]}"', *where]
            rows.append(f'outcome = "{fault["outcome"]}"')
    return "\n".join(rows) + "\n"


def tables(practice: Record, claims: dict[str, Record]) -> str:
    """The two lists of the README: what is wrong, and what is not."""

    def about(claim: Record) -> str:
        return str(practice["payer"][practice["patient"][claim["patient"]][0]]["filing"])

    def codes(claim: Record) -> str:
        return ", ".join(text.partition(" @")[0] for text in claim["lines"])

    planted = ["| claim | filing | lines | line | rule | outcome | why |", "|---|---|---|---|---|---|---|"]
    clean = ["| claim | filing | lines | worth knowing |", "|---|---|---|---|"]
    for key, claim in claims.items():
        for fault in claim.get("wrong", []):
            cells = [
                key,
                about(claim),
                codes(claim),
                fault.get("line", ""),
                fault["rule"],
                fault["outcome"],
                fault["why"],
            ]
            planted.append("| " + " | ".join(map(str, cells)) + " |")
        if "wrong" not in claim:
            clean.append("| " + " | ".join((key, about(claim), codes(claim), claim.get("note", ""))) + " |")
    sound = len(clean) - 2
    return "\n".join(
        (
            f"## What is wrong: {len(claims) - sound} claims\n",
            *planted,
            f"\n## What is right: {sound} claims\n",
            *clean,
        )
    )


def main() -> int:
    """Write the files, or say with --check which are stale."""
    parser = argparse.ArgumentParser(description="Write the example day from its scenario.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    check = parser.parse_args().check
    practice, claims, history, payers = (
        tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
        for name in ("practice", "day", "history", "payers")
    )
    writer = Writer(practice)
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    opening, marker, _ = readme.partition("<!-- made by make_day.py from here on -->\n")
    made = {
        "day.837": writer.file(claims, dt.date(2026, 11, 20), 2),
        "history.837": writer.file(history, dt.date(2026, 11, 13), 1),
        "payers.837": writer.file(payers, dt.date(2026, 11, 20), 3),
        "expected.toml": expected(claims),
        "README.md": opening + marker + "\n" + tables(practice, claims) + "\n",
    }
    stale = [
        n
        for n, text in made.items()
        if not (HERE / n).exists() or (HERE / n).read_text(encoding="utf-8") != text
    ]
    if check:
        sys.stderr.writelines(f"{name} is stale: run examples/make_day.py\n" for name in stale)
        return int(bool(stale))
    for name in stale:
        (HERE / name).write_text(made[name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
