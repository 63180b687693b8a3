"""Dated payer policies: what a payer wants, as values in force from one day until another.

A payer with no policy has no values: nothing is known, and nothing is guessed.  Of several policies that
match a payer, the one that names it more closely speaks first, and a practice's own before one that ships
with the package; what the first leaves open, the next may say.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anodyne.kernel.cite import Cite
from anodyne.kernel.span import Span
from anodyne.model.care import PROGRAMMES
from anodyne.reference.shapes import Columns
from anodyne.reference.sources import Source


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value that a policy may hold."""

    kind: type[bool] | type[int] | type[str] | type[tuple[str, ...]]
    """Yes or no, a whole number, a text, or (`tuple`) a list of texts."""
    says: str
    asks: str
    """What to ask of the payer where its policy does not say."""
    options: tuple[str, ...] = ()
    """The only texts that it may be or hold; any where empty."""
    least: int = 1
    """The least that a number may be."""
    most: int = 3660
    """The most that a number may be: ten years of days, and more than any count."""
    codes: bool = False
    """Whether its texts are procedure codes."""


VALUES: Mapping[str, Wanted] = MappingProxyType(
    {
        "ncci_edits": Wanted(bool, "whether the payer applies NCCI pair edits", "does it apply NCCI edits?"),
        "mue_edits": Wanted(
            bool, "whether the payer applies Medicare's unit limits", "does it apply MUE limits?"
        ),
        "bilateral_form": Wanted(
            str,
            "how the payer wants both sides billed: one_line_50 (one line with 50), two_lines (RT and LT) or "
            "two_lines_50 (two lines, the second with 50)",
            "bilateral form",
            options=("one_line_50", "two_lines", "two_lines_50"),
        ),
        "filing_years": Wanted(int, "years within which the payer must receive a claim", "timely filing"),
        "filing_months": Wanted(int, "months within which the payer must receive a claim", "timely filing"),
        "filing_days": Wanted(int, "days within which the payer must receive a claim", "timely filing"),
        "filing_next_workday": Wanted(
            bool,
            "whether a limit on a weekend or federal holiday moves to the next day of work",
            "timely filing",
        ),
        "filing_warning_days": Wanted(
            int, "days before a filing limit from which a claim is told to be nearly late", "timely filing"
        ),
        "corrected_filing_days": Wanted(
            int,
            "days from the service within which the payer takes a replacement claim (frequency 7)",
            "timely filing of corrections",
        ),
        "replacement_claims": Wanted(
            bool,
            "whether the payer takes replacement claims (frequency 7)",
            "are replacement claims taken?",
        ),
        "authorisation_codes": Wanted(
            tuple,
            "procedure codes that the payer pays only with an authorisation number",
            "authorisation",
            codes=True,
        ),
        "injury_claim_number": Wanted(
            bool,
            "whether the payer refuses a claim without its own claim number (REF*Y4)",
            "does it take bills without its claim number?",
        ),
        "injury_date": Wanted(
            bool,
            "whether the payer refuses a claim without the day of the injury",
            "does it take bills without the day of the injury?",
        ),
        "injury_cause": Wanted(
            bool,
            "whether the payer refuses a claim that does not say what caused the injury (CLM11)",
            "does it take bills without the cause of the injury?",
        ),
        "injury_report": Wanted(
            bool,
            "whether the payer refuses a claim that announces no report (PWK)",
            "does it take bills without a report?",
        ),
        "drug_waste_modifiers": Wanted(
            bool, "whether the payer wants JW or JZ on single-dose drugs", "JW and JZ"
        ),
        "facet_lcd": Wanted(
            bool, "whether the Medicare facet coverage policies bind the payer", "facet coverage"
        ),
        "facet_sessions_year": Wanted(
            int, "facet sessions a region may have in 12 months", "facet sessions a year"
        ),
        "facet_rf_sessions_year": Wanted(
            int,
            "facet radiofrequency sessions a region may have in 12 months",
            "radiofrequency sessions a year",
        ),
        "epidural_lcd": Wanted(
            bool, "whether the Medicare epidural coverage policies bind the payer", "epidural coverage"
        ),
        "epidural_sessions_year": Wanted(
            int, "epidural sessions a region may have in 12 months", "epidural sessions a year"
        ),
        "global_surgery": Wanted(
            bool,
            "whether the payer pays the visits of 10 or 90 days after a surgery with it, as Medicare does",
            "global periods",
        ),
        "professional_component": Wanted(
            bool,
            "whether the payer wants 26 on imaging and tests given in a facility",
            "26 in a facility",
        ),
        "modifier_51": Wanted(
            bool, "whether the payer wants 51 on the further procedures of a day", "modifier 51"
        ),
        "telehealth_place": Wanted(
            bool, "whether the payer wants place 02 or 10 on every telehealth service", "telehealth place"
        ),
        "telehealth_modifier": Wanted(
            str,
            "the modifier that the payer wants on a telehealth service with picture, or none",
            "telehealth modifier",
            options=("95", "GT", "none"),
        ),
        "telehealth_audio_only": Wanted(
            bool, "whether the payer pays visits by voice alone (93)", "telehealth by voice alone"
        ),
        "telephone_codes": Wanted(
            bool, "whether the payer pays the telemedicine visit codes 98000 to 98015", "98000 to 98015"
        ),
        "acupuncture_low_back": Wanted(
            bool,
            "whether the payer pays acupuncture and dry needling for chronic low back pain only",
            "for which diagnoses does it pay acupuncture?",
        ),
        "acupuncture_visits_year": Wanted(
            int, "acupuncture visits a year may have", "acupuncture visits a year"
        ),
        "acupuncture_visits_kx": Wanted(
            int, "acupuncture visits of a year after which each needs modifier KX", "KX on acupuncture"
        ),
        "acupuncture_year": Wanted(
            str,
            "how the year of acupuncture visits is counted: from_first_visit (a new one begins with the "
            "month in which the first visit was a year ago), rolling or calendar; rolling where not said",
            "the year of acupuncture visits",
            options=("from_first_visit", "rolling", "calendar"),
        ),
        "programming_days": Wanted(
            int,
            "days between two analyses or programmings of a stimulator after the month it was implanted",
            "days between programmings",
        ),
        "stimulator_trials_lifetime": Wanted(
            int, "trials of a spinal stimulator that a patient may have", "stimulator trials"
        ),
        "stimulator_paddles_lifetime": Wanted(
            int, "implantations of a spinal paddle lead that a patient may have", "paddle leads"
        ),
        "botulinum_days": Wanted(
            int, "days between two sessions of botulinum toxin for migraine", "days between toxin sessions"
        ),
        "botulinum_units": Wanted(
            int, "units of J0585 that a session for migraine may take", "units of toxin for migraine"
        ),
        "hyaluronate_repeat_months": Wanted(
            int,
            "months from the last injection of hyaluronate into a knee to a new series",
            "months between series of hyaluronate",
        ),
        "basivertebral_bodies_lifetime": Wanted(
            int,
            "vertebral bodies in which a patient's basivertebral nerve may be ablated",
            "vertebral bodies ablated",
        ),
        "basivertebral_kx": Wanted(
            bool, "whether the payer wants KX on basivertebral nerve ablation", "KX on ablation"
        ),
        "vertebral_levels_session": Wanted(
            int, "vertebrae that one session of augmentation may treat", "vertebrae a session"
        ),
        "drug_test_high_tests": Wanted(
            int, "urine drug tests of a kind in `drug_test_high_days` at the highest risk", "drug tests"
        ),
        "drug_test_high_days": Wanted(int, "days in which those tests are counted", "drug tests"),
        "drug_test_moderate_tests": Wanted(
            int, "urine drug tests of a kind in `drug_test_moderate_days` at moderate risk", "drug tests"
        ),
        "drug_test_moderate_days": Wanted(int, "days in which those tests are counted", "drug tests"),
        "clia_number": Wanted(
            bool, "whether the payer refuses laboratory tests without a CLIA number", "CLIA number"
        ),
        "g2211": Wanted(bool, "whether the payer pays G2211 by Medicare's rules", "G2211"),
        "consultation_codes": Wanted(
            bool, "whether the payer takes consultation codes", "are consultation codes taken?"
        ),
        "sacroiliac_lcd": Wanted(
            bool,
            "whether a Medicare contractor's sacroiliac joint coverage policy binds the payer",
            "sacroiliac joint coverage",
        ),
        "trigger_point_lcd": Wanted(
            bool,
            "whether a Medicare contractor's trigger-point coverage policy binds the payer",
            "trigger-point coverage",
        ),
        "drug_test_lcd": Wanted(
            bool,
            "whether a Medicare contractor's drug testing coverage policy binds the payer",
            "drug testing coverage",
        ),
        "spinal_stimulator_lcd": Wanted(
            bool,
            "whether a Medicare contractor's spinal cord stimulator coverage policy binds the payer",
            "spinal cord stimulator coverage",
        ),
        "vertebral_lcd": Wanted(
            bool,
            "whether a Medicare contractor's vertebral augmentation coverage policy binds the payer",
            "vertebral augmentation coverage",
        ),
        "basivertebral_lcd": Wanted(
            bool,
            "whether a Medicare contractor's basivertebral nerve coverage policy binds the payer",
            "basivertebral nerve coverage",
        ),
        "session_year": Wanted(
            str,
            "how the payer counts a year of sessions: the rolling 12 months before the day, or its calendar "
            "year",
            "sessions by rolling or calendar year",
            options=("rolling", "calendar"),
        ),
        "sessions_by_side": Wanted(
            bool,
            "whether the payer counts the sessions of a region for each side by itself",
            "are sessions counted by side?",
        ),
        "epidural_sessions_half_year": Wanted(
            int, "epidural sessions a region may have in 6 months", "epidural sessions in 6 months"
        ),
        "epidural_days_apart": Wanted(
            int,
            "least days from one epidural session of a region to the next",
            "days between epidural sessions",
        ),
        "epidural_relief_months": Wanted(
            int,
            "months that relief must last before an epidural session of a region is repeated, save the first",
            "months of relief before an epidural is repeated",
        ),
        "facet_diagnostic_days_apart": Wanted(
            int,
            "least days from one diagnostic facet session of a region and side to the next",
            "days between diagnostic facet sessions",
        ),
        "facet_relief_months": Wanted(
            int,
            "months that relief must last before a therapeutic facet session of a region and side is "
            "repeated",
            "months of relief before a facet injection is repeated",
        ),
        "facet_rf_relief_months": Wanted(
            int,
            "months that relief must last before facet radiofrequency of a region and side is repeated",
            "months of relief before radiofrequency is repeated",
        ),
        "sacroiliac_diagnostic_sessions": Wanted(
            int,
            "diagnostic sacroiliac sessions in 12 months",
            "diagnostic sacroiliac sessions",
        ),
        "sacroiliac_sessions_year": Wanted(
            int, "therapeutic sacroiliac sessions in 12 months", "sacroiliac sessions a year"
        ),
        "sacroiliac_relief_months": Wanted(
            int,
            "months that relief must last before a therapeutic sacroiliac session of a side is repeated",
            "months between sacroiliac sessions",
        ),
        "trigger_point_sessions_year": Wanted(
            int, "trigger-point sessions in 12 months", "trigger-point sessions a year"
        ),
        "trigger_point_days_apart": Wanted(
            int,
            "least days from one trigger-point session to the next",
            "days between trigger-point sessions",
        ),
        "facet_third_level": Wanted(
            str,
            "what becomes of a third facet level: covered, on_appeal or not_covered",
            "a third facet level",
            options=("covered", "on_appeal", "not_covered"),
        ),
        "care_programmes": Wanted(
            tuple,
            "the care management programmes that the payer pays, as cpm or complex_ccm",
            "which care management programmes does it pay?",
            options=tuple(PROGRAMMES),
        ),
        "imaging_with_epidural": Wanted(
            bool,
            "whether the payer pays imaging guidance beside an epidural code that holds it",
            "imaging with epidurals",
        ),
    }
)
"""Every value that a policy may hold."""

_KINDS: Final[Mapping[type, "pl.DataType | type[pl.DataType]"]] = MappingProxyType(
    {bool: pl.Boolean, int: pl.Int32, str: pl.String, tuple: pl.List(pl.String)}
)
COLUMNS: Columns = MappingProxyType({name: _KINDS[wanted.kind] for name, wanted in VALUES.items()})
MATCHES: Final = ("payer_id", "payer_name", "filing", "state")
"""What a policy may match a payer by, the closest first."""
_EPOCH: Final = dt.date(1970, 1, 1)
_VOICE: Final = 1 << 32
"""What numbers of voices are multiplied by, so that a day can be added."""
_NO_DAY: Final = -1 << 31
_FEW: Final = 64
"""So many payers are looked at one by one sooner than the different ones among them are found."""

Said = bool | int | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a policy, the days it is in force, and where it was read."""

    name: str
    value: Said
    span: Span
    cite: str
    section: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for the payers that `match` describes: each of its columns holds one of the texts given."""

    id: str
    title: str
    match: Mapping[str, frozenset[str]]
    """By column of MATCHES; texts as `compared` gives them."""
    values: tuple[Value, ...]
    file: str
    own: bool = False
    """Whether it is the practice's own, rather than one that ships with the package."""

    @property
    def closeness(self) -> int:
        """How closely it names its payers: an id above a name, a name above a filing code and a state."""
        return sum(1 << place for place, name in enumerate(reversed(MATCHES)) if name in self.match)

    @property
    def national(self) -> bool:
        """Whether it is a programme's own, whatever the place and the contractor."""
        return not self.own and set(self.match) == {"filing"}

    def speaks_for(self, payer: Mapping[str, str]) -> bool:
        """Whether it matches `payer`, whose texts are as `compared` gives them."""
        return all(payer.get(column, "") in wanted for column, wanted in self.match.items())


class Ruling(NamedTuple):
    """What the policies say of one payer on the days of one span."""

    title: str | None
    """The closest policy that says anything; None where none does."""
    values: Mapping[str, tuple[Policy, Value]]
    """By its name, each value that holds, and the policy that says so."""


_NOTHING: Final = Ruling(None, MappingProxyType({}))


class Policies:
    """The policies a check is made by.  Every different answer they gave has a number, its ruling."""

    def __init__(self, policies: Iterable[Policy], sources: Mapping[str, Source]) -> None:
        """`policies` may be in any order; `sources` hold every source that their values cite."""
        self.policies = tuple(sorted(policies, key=lambda one: (-one.closeness, not one.own, one.id)))
        self.sources = sources
        self._voices: dict[tuple[str, ...], int] = {}
        self._payers: dict[tuple[str | None, ...], int] = {}
        self._starts: list[int] = []
        self._rulings: list[Ruling] = [_NOTHING]
        self._of_start: list[int] = []
        self._frame = _frame(self._rulings)

    def by_id(self) -> "Policies":
        """The same policies for payers of whom only an id (or a filing code) and the state are known.

        A policy of the practice is met by the payer ids that it names, or its own id, whatever else it names.
        """
        return Policies(map(_by_id, self.policies), self.sources)

    def rulings(self, payers: pl.DataFrame) -> pl.Series:
        """For each row of `payers` (MATCHES and `day`) the number of its ruling; 0 says nothing."""
        voices = self._voices_of(payers.select(MATCHES))
        days = payers["day"].cast(pl.Int32).cast(pl.Int64).fill_null(_NO_DAY)
        places = np.asarray(self._starts).searchsorted((voices * _VOICE + days).to_numpy(), side="right") - 1
        return pl.Series("ruling", np.asarray(self._of_start)[places] if len(voices) else [], dtype=pl.UInt32)

    def answers(self, rulings: pl.Series) -> pl.DataFrame:
        """For each of `rulings` a row of columns `payer_<name>`; null where no policy speaks."""
        if len(self._frame) < len(self._rulings):
            self._frame = _frame(self._rulings)
        return self._frame[rulings]

    def title(self, ruling: int) -> str | None:
        """The policy that says most closely what holds in `ruling`; None where none says anything."""
        return self._rulings[ruling].title

    def cites(self, ruling: int, names: Iterable[str]) -> tuple[list[Cite], list[Cite]]:
        """Where the values called `names` that hold in `ruling` were read, each place once.

        First what a payer or a contractor of a place says, then what holds for a programme everywhere, both
        in the order of `names`.
        """
        near: dict[Cite, None] = {}
        national: dict[Cite, None] = {}
        for name in names:
            found = self._rulings[ruling].values.get(name)
            if found is not None:
                policy, value = found
                cited = self.sources[value.cite].cite(value.section)
                (national if policy.national else near)[cited] = None
        return [*near], [*national]

    def _voices_of(self, named: pl.DataFrame) -> pl.Series:
        """The number of the voice of each of the payers `named`, each different one looked at once."""
        few = len(named) <= _FEW
        rows = named if few else named.unique(maintain_order=True)
        voices = pl.Series("voice", [self._voice(row) for row in rows.iter_rows()], dtype=pl.Int64)
        if few:
            return voices
        known = rows.with_columns(voices)
        return named.join(known, on=MATCHES, how="left", nulls_equal=True, maintain_order="left")["voice"]

    def _voice(self, payer: tuple[str | None, ...]) -> int:
        """The number of the policies that speak for `payer`, in their order."""
        known = self._payers.get(payer)
        if known is None:
            texts = {column: compared(text) for column, text in zip(MATCHES, payer, strict=True) if text}
            speakers = [policy for policy in self.policies if policy.speaks_for(texts)]
            voice = tuple(policy.id for policy in speakers)
            if voice not in self._voices:
                self._voices[voice] = len(self._voices)
                self._add(self._voices[voice], speakers)
            known = self._payers[payer] = self._voices[voice]
        return known

    def _add(self, voice: int, speakers: Sequence[Policy]) -> None:
        """Note what `speakers` say, span by span."""
        spans = [value.span for policy in speakers for value in policy.values]
        self._starts.append(voice * _VOICE + _NO_DAY)
        self._of_start.append(0)
        for edge in sorted({day for span in spans for day in (span.start, span.end) if day}):
            ruling = _ruling(speakers, edge)
            self._starts.append(voice * _VOICE + (edge - _EPOCH).days)
            self._of_start.append(len(self._rulings) if ruling.values else 0)
            if ruling.values:
                self._rulings.append(ruling)


def _by_id(policy: Policy) -> Policy:
    if not policy.own:
        return policy
    ids = policy.match.get("payer_id", frozenset()) | {compared(policy.id)}
    state = {"state": policy.match["state"]} if "state" in policy.match else {}
    return dataclasses.replace(policy, match=MappingProxyType({"payer_id": ids, **state}))


def compared(text: str) -> str:
    """`text` as payers' ids and names are compared: case and the number of spaces aside.

    >>> compared(" Cedar  Mutual ppo")
    'CEDAR MUTUAL PPO'
    """
    return " ".join(text.upper().split())


def _ruling(speakers: Sequence[Policy], day: dt.date) -> Ruling:
    values: dict[str, tuple[Policy, Value]] = {}
    for policy in speakers:
        for value in policy.values:
            if day in value.span:
                values.setdefault(value.name, (policy, value))
    title = next((policy.title for policy in speakers if any(day in v.span for v in policy.values)), None)
    return Ruling(title, MappingProxyType(values))


def _frame(rulings: Sequence[Ruling]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            pl.Series(
                f"payer_{name}",
                [
                    _plain(ruling.values[name][1].value) if name in ruling.values else None
                    for ruling in rulings
                ],
                dtype=kind,
            )
            for name, kind in COLUMNS.items()
        ]
    )


def _plain(value: Said) -> bool | int | str | list[str]:
    return list(value) if isinstance(value, tuple) else value
