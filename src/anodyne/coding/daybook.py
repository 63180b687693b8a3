"""The reference and the payer's policy as of the day of one session."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import polars as pl

from anodyne.coding.built import Reason
from anodyne.coding.session import Payer
from anodyne.kernel.cite import Cite
from anodyne.reference.policies import MATCHES, VALUES, Policies, Said
from anodyne.reference.sources import source
from anodyne.reference.tables import Reference, pairs_in_force

ANY: Final = "*"
_KEY: Final = ("family", "what", "variant", "guidance", "step")
_BILATERAL: Final = 3
"""Place of the bilateral indicator in the values of the fee schedule."""
_NEVER_WAS: Final = 9
"""The indicator of a pair that ended as if it had never been."""
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A code chosen by the table, its meaning in our own words, and where that was read."""

    code: str
    label: str
    cite: Cite


@dataclass(frozen=True, slots=True)
class DrugRow:
    """How a drug code counts."""

    per_amount: float
    per_unit: str
    container: str
    payable: bool
    cite: Cite


@dataclass(frozen=True, slots=True)
class NdcRow:
    """What a national drug code holds: strength in the drug's own unit."""

    code: str
    container: str
    per_ml: float | None
    per_vial: float | None
    cite: Cite


class Daybook:
    """What holds on `day` for a payer; nothing in force gives None, never a guess."""

    def __init__(self, day: dt.date, payer: Payer, reference: Reference, policies: Policies) -> None:
        self.day = day
        self.payer = payer
        self.reference = reference
        self.policies = policies
        self._indicators: dict[tuple[str, str], int | None] = {}

    @cached_property
    def _codes(self) -> dict[Key, list[tuple[int, Chosen]]]:
        found: dict[Key, list[tuple[int, Chosen]]] = {}
        for row in self._live("procedure_codes").iter_rows(named=True):
            chosen = Chosen(row["code"], row["label"], source(row["cite"]).cite(row["code"]))
            found.setdefault(tuple(row[name] for name in _KEY), []).append((int(row["least"]), chosen))
        return {key: sorted(rows, key=lambda row: row[0]) for key, rows in found.items()}

    def choose(
        self,
        family: str,
        what: str = ANY,
        variant: str = ANY,
        guidance: str = ANY,
        *,
        step: str = "first",
        count: int = 1,
    ) -> Chosen | None:
        """The code of this choice with the greatest least count that `count` reaches, valid on the day."""
        rows = self._codes.get((family, what, variant, guidance, step), ())
        reached = [chosen for least, chosen in rows if least <= count]
        return reached[-1] if reached and self.valid(reached[-1].code) else None

    def valid(self, code: str) -> bool:
        """Whether nothing says that `code` had not begun, or had ended, on the day."""
        newest = self.reference.newest("hcpcs")
        published = self.reference.row_in_force("hcpcs", (code,), newest)
        if published is not None:
            spans = [published]
        else:
            lives = self.reference.table("code_life").filter(system="hcpcs", code=code)
            spans = lives.select("from", "until").rows()
        return all(
            (start is None or start <= self.day) and (end is None or self.day < end) for start, end in spans
        )

    def successors(self, code: str) -> str:
        """The codes that took the place of `code`; empty where none is known."""
        rows = self.reference.table("code_life").filter(system="hcpcs", code=code)["successors"].to_list()
        return (rows[0] or "").replace(";", ", ") if rows else ""

    def structure(self, family: str, name: str | None) -> tuple[str, str] | None:
        """What `name` is to the codes of `family`, and its label."""
        row = self.reference.row_in_force("procedure_anatomy", (family, name), self.day)
        return (row[0], row[1]) if row else None

    def level(self, family: str, name: str | None) -> tuple[str, int] | None:
        """The region of a level of the spine by the codes of `family`, and its place from the head down."""
        row = self.reference.row_in_force("spinal_levels", (family, name), self.day)
        return (row[0], row[1]) if row else None

    def nerves(self) -> dict[str, frozenset[str]]:
        """By facet joint, from the head down, the medial branches that serve it."""
        rows = self._live("spinal_levels").filter(family="facet").sort("place")
        return {
            level: frozenset(names.split(";")) for level, names in rows.select("level", "nerves").iter_rows()
        }

    def statement(self, name: str, rests_on: str = "", also: Iterable[Cite] = ()) -> Reason:
        """What the statement `name` says, as a reason that rests on the facts `rests_on`."""
        says, cite = self._statements[name]
        return Reason(says, rests_on, (cite, *also))

    def holds(self, name: str) -> bool:
        """Whether the statement `name` is in force on the day."""
        return not self._live("coding_statements").filter(statement=name).is_empty()

    def number(self, name: str) -> int:
        """The number of the statement `name`."""
        amounts = self.reference.table("coding_statements").filter(statement=name)["amount"].to_list()
        return int(amounts[0])

    @cached_property
    def _statements(self) -> dict[str, tuple[str, Cite]]:
        rows = self.reference.table("coding_statements").iter_rows(named=True)
        return {row["statement"]: (row["says"], source(row["cite"]).cite(row["statement"])) for row in rows}

    def imaging_of(self, code: str) -> str | None:
        """How imaging belongs to `code`: inside, us_inside or none_twin; None where it is told apart."""
        row = self.reference.row_in_force("code_traits", (code,), self.day)
        return row[4] if row else None

    def group(self, code: str) -> str | None:
        """The group of services that `code` belongs to, as trigger_point or unlisted."""
        row = self.reference.row_in_force("code_traits", (code,), self.day)
        return row[1] if row else None

    def bilateral(self, code: str) -> int | None:
        """Medicare's bilateral indicator of `code`; None where no fee schedule of the day holds it."""
        row = self.reference.row_in_force("fee_schedule", (code,), self.day)
        return None if row is None or row[_BILATERAL] is None else int(row[_BILATERAL])

    def most_units(self, code: str) -> int | None:
        """Medicare's unit limit of the day for `code`."""
        row = self.reference.row_in_force("mue", (code,), self.day)
        return None if row is None else int(row[0])

    def edition_cite(self, table: str, section: str) -> tuple[Cite, ...]:
        """The edition of `table` by which the day is judged, as a citation."""
        part = self.reference.in_force_on(table, self.day)
        return (source(part.edition.source).cite(section),) if part else ()

    def indicator(self, paid: str, unpaid: str) -> int | None:
        """The indicator of the NCCI pair in force that day; None where there is none."""
        if (paid, unpaid) not in self._indicators:
            asked = pl.DataFrame({"code_1": [paid], "code_2": [unpaid], "served_on": [self.day]})
            found: int | None = pairs_in_force(asked, self.reference)["indicator"][0]
            self._indicators[paid, unpaid] = None if found == _NEVER_WAS else found
        return self._indicators[paid, unpaid]

    def lists_add_on(self, add_on: str, primary: str) -> bool | None:
        """Whether the national list of the day has `add_on` beside `primary`; None where none is loaded."""
        if self.reference.in_force_on("add_on", self.day) is None:
            return None
        return self.reference.row_in_force("add_on", (add_on, primary), self.day) is not None

    def guidance_known(self, guidance: str) -> bool:
        """Whether the list of procedures beside which `guidance` is paid is known for the day."""
        return not self._live("guidance_parents").filter(guidance=guidance).is_empty()

    def guides(self, guidance: str, code: str) -> Cite | None:
        """Where it was read that `guidance` is paid beside `code`; None where it is not."""
        rows = self._live("guidance_parents").filter(guidance=guidance, primary=code)["cite"].to_list()
        return source(rows[0]).cite(f"{guidance} with {code}") if rows else None

    @cached_property
    def _ruling(self) -> int:
        named = {name: [getattr(self.payer, name)] for name in MATCHES}
        schema = {**dict.fromkeys(MATCHES, pl.String), "day": pl.Date}
        return int(self.policies.rulings(pl.DataFrame({**named, "day": [self.day]}, schema=schema))[0])

    @cached_property
    def _answers(self) -> dict[str, Any]:
        return self.policies.answers(pl.Series([self._ruling], dtype=pl.UInt32)).row(0, named=True)

    def payer_says(self, name: str) -> Said | None:
        """The value `name` of the payer's policy on the day; None where it is not told."""
        answer: Said | None = self._answers[f"payer_{name}"]
        return answer

    def payer_cites(self, name: str) -> tuple[Cite, ...]:
        """Where the payer's value `name` was read."""
        near, national = self.policies.cites(self._ruling, [name])
        return (*near, *national)

    def asks_of(self, name: str) -> str:
        """What the value `name` of a policy tells, in words."""
        return VALUES[name].says

    def is_facility(self, place: str) -> bool | None:
        """Whether `place` is paid as a facility; None where it is not listed."""
        row = self.reference.row_in_force("payment_places", (place,), self.day)
        return row[0] if row else None

    def setting(self, place: str) -> str | None:
        """What kind of institution `place` is; None for an office and for any not listed."""
        row = self.reference.row_in_force("place_settings", (place,), self.day)
        return row[0] if row else None

    def drug(self, code: str) -> DrugRow | None:
        """How the drug `code` counts on the day."""
        rows = self._live("drugs").filter(code=code).rows(named=True)
        if not rows:
            return None
        row = rows[0]
        return DrugRow(
            row["per_amount"],
            row["per_unit"],
            row["container"],
            row["separately_payable"],
            source(row["cite"]).cite(f"{code}: each {row['per_amount']:g} {row['per_unit']}"),
        )

    def ndc(self, ndc: str) -> NdcRow | None:
        """What the national drug code `ndc` holds."""
        rows = self._live("drug_ndc").filter(ndc=ndc).rows(named=True)
        if not rows:
            return None
        row = rows[0]
        cite = source(row["cite"]).cite(f"{ndc}: {row['code']}")
        return NdcRow(row["code"], row["container"], row["per_ml"], row["per_vial"], cite)

    def _live(self, table: str) -> pl.DataFrame:
        """The rows of a hand-kept `table` in force on the day."""
        day = pl.lit(self.day)
        live = (pl.col("from").is_null() | (pl.col("from") <= day)) & (
            pl.col("until").is_null() | (day < pl.col("until"))
        )
        return self.reference.table(table).filter(live)
