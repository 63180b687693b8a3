"""What was done, by family: one small record each.  None is a fact that nobody told."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from anodyne.coding.facts import CODER, NURSE, Kind, choice, fact

_SIDES: Final = {"right": "right", "left": "left", "both": "both"}
_IMAGING: Final = {
    "none": "none",
    "fluoroscopy": "fluoroscopy",
    "ct": "computed tomography",
    "ultrasound": "ultrasound",
}
_PURPOSE: Final = {"diagnostic": "to find the source of pain", "therapeutic": "to treat it"}
_PULSED: Final = "pulsed radiofrequency"
_GUIDED: Final = {"imaging": ("fluoroscopy", "ct", "ultrasound")}
_MIDLINE: Final = {"approach": ("interlaminar", "caudal")}
_LAMINAR: Final = {"approach": ("interlaminar",)}
_FORAMINAL: Final = {"approach": ("transforaminal",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """What may be told of every procedure."""

    dx: tuple[str, ...] | None = fact(
        "diagnoses it was done for", Kind.NAMES, "for which diagnoses was it done?"
    )
    apart: bool | None = fact(
        "at another site than the rest of the session",
        Kind.YES_NO,
        "does the record show another site, injury or session than what is billed beside it?",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Imaged(Procedure):
    """A procedure that may be guided by images."""

    imaging: str | None = choice(
        "imaging", "with which imaging was the needle guided, or with none?", _IMAGING
    )
    images_kept: bool | None = fact(
        "images kept", Kind.YES_NO, "are the images of the guidance kept in the record?", when=_GUIDED
    )
    imaging_report: bool | None = fact(
        "guidance told in the report", Kind.YES_NO, "does the report tell of the guidance?", when=_GUIDED
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Epidural(Imaged):
    """An injection or catheter in the epidural space."""

    approach: str | None = choice(
        "approach",
        "by which approach: between the laminae, through the sacral hiatus, or through a foramen?",
        {"interlaminar": "between the laminae", "caudal": "caudal", "transforaminal": "through a foramen"},
        required=True,
    )
    region: str | None = choice(
        "region of the spine",
        "in which region of the spine did the needle go in?",
        {"cervical": "cervical", "thoracic": "thoracic", "lumbar": "lumbar", "sacral": "sacral"},
        when=_LAMINAR,
    )
    level: str | None = fact(
        "level of the needle",
        Kind.CHOICE,
        "at which level did the needle go in?",
        levels="interlaminar",
        when=_LAMINAR,
    )
    foramina: tuple[str, ...] | None = fact(
        "foramina treated", Kind.SEVERAL, "through which foramina?", levels="foramen", when=_FORAMINAL
    )
    side: str | None = choice("side of the foramina", "on which side?", _SIDES, when=_FORAMINAL)
    catheter: bool | None = fact(
        "catheter left for infusion or repeated doses",
        Kind.YES_NO,
        "was a catheter left for infusion or repeated doses?",
        usual="no",
        when=_MIDLINE,
    )
    purpose: str | None = choice(
        "purpose of a foraminal injection",
        "was it a diagnostic nerve root injection, or to treat?",
        _PURPOSE,
        when=_FORAMINAL,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet(Imaged):
    """Facet joints, or the medial branches that serve them."""

    kind: str | None = choice(
        "what was done",
        "was it an injection or block, destruction by heat, or pulsed radiofrequency?",
        {"block": "injection or medial branch block", "ablation": "destruction by heat", "pulsed": _PULSED},
        required=True,
    )
    joints: tuple[str, ...] | None = fact("joints", Kind.SEVERAL, "which facet joints?", levels="facet")
    nerves: tuple[str, ...] | None = fact(
        "medial branches, where no joints are told", Kind.SEVERAL, "which medial branches?", nerves=True
    )
    side: str | None = choice("side", "on which side?", _SIDES)
    purpose: str | None = choice(
        "purpose of a block", "was the block diagnostic, or to treat?", _PURPOSE, when={"kind": ("block",)}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SacroiliacJoint(Imaged):
    """The sacroiliac joint, or the nerves that serve it."""

    kind: str | None = choice(
        "what was done",
        "was the joint injected, were its nerves blocked, or were they destroyed?",
        {
            "joint": "injection into the joint",
            "nerve_block": "block of its nerves",
            "nerve_ablation": "destruction of its nerves by heat",
            "pulsed": _PULSED,
        },
        required=True,
    )
    side: str | None = choice("side", "on which side?", _SIDES)
    purpose: str | None = choice(
        "purpose", "was it diagnostic, or to treat?", _PURPOSE, when={"kind": ("joint", "nerve_block")}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Genicular(Procedure):
    """The genicular nerves of a knee."""

    kind: str | None = choice(
        "what was done",
        "were the nerves blocked, destroyed, or treated by pulsed radiofrequency?",
        {"block": "block", "ablation": "destruction", "pulsed": _PULSED},
        required=True,
    )
    branches: int | None = fact(
        "branches treated on each knee",
        Kind.COUNT,
        "how many branches of each knee were treated?",
        least=1,
        most=12,
    )
    side: str | None = choice("side", "on which side?", _SIDES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint(Imaged):
    """A joint or bursa that was injected or drawn off."""

    joint: str | None = fact(
        "joint or bursa", Kind.CHOICE, "which joint or bursa?", structures="joint", required=True
    )
    count: int | None = fact(
        "how many of this name, on each side",
        Kind.COUNT,
        "how many joints of this name?",
        usual="1",
        least=1,
        most=12,
    )
    side: str | None = choice("side", "on which side?", _SIDES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TendonSheath(Imaged):
    """A tendon sheath, ligament, tendon origin, carpal tunnel or ganglion."""

    structure: str | None = fact(
        "structure", Kind.CHOICE, "which structure was injected?", structures="tendon", required=True
    )
    count: int | None = fact(
        "how many of this name, on each side",
        Kind.COUNT,
        "how many structures of this name?",
        usual="1",
        least=1,
        most=12,
    )
    side: str | None = choice("side", "on which side?", _SIDES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerPoints(Imaged):
    """Trigger points that were injected."""

    muscles: tuple[str, ...] | None = fact(
        "muscles injected, by name", Kind.NAMES, "which muscles were injected, by name?"
    )
    muscle_count: int | None = fact(
        "number of muscles, where no names are told", Kind.COUNT, "how many muscles?", least=1, most=60
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DryNeedling(Procedure):
    """Needles in muscles, with nothing injected."""

    muscles: tuple[str, ...] | None = fact(
        "muscles needled, by name", Kind.NAMES, "which muscles were needled, by name?"
    )
    muscle_count: int | None = fact(
        "number of muscles, where no names are told", Kind.COUNT, "how many muscles?", least=1, most=60
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NerveBlock(Imaged):
    """A peripheral or sympathetic nerve, plexus, ganglion or fascial plane."""

    nerve: str | None = fact(
        "nerve or plane", Kind.CHOICE, "which nerve or plane?", structures="nerve", required=True
    )
    technique: str | None = choice(
        "technique",
        "was it an injection, a catheter for infusion, destruction, or pulsed radiofrequency?",
        {
            "injection": "injection",
            "catheter": "catheter for infusion",
            "destruction": "destruction",
            "pulsed": _PULSED,
        },
        required=True,
        usual="injection",
    )
    levels: int | None = fact(
        "levels, branches or nerves of this name, on each side",
        Kind.COUNT,
        "how many levels, branches or nerves of this name?",
        usual="1",
        least=1,
        most=12,
    )
    side: str | None = choice("side", "on which side?", _SIDES)
    purpose: str | None = choice(
        "purpose of a third occipital nerve block",
        "was the block diagnostic, or to treat?",
        _PURPOSE,
        when={"nerve": ("third_occipital",)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Botulinum(Procedure):
    """Botulinum toxin into muscles; the toxin itself is a drug."""

    target: str | None = choice(
        "what for, and where",
        "was it for chronic migraine, or into face, neck, larynx, a limb or the trunk?",
        {
            "migraine": "chronic migraine, head and neck",
            "face": "muscles of the face",
            "neck": "muscles of the neck",
            "larynx": "larynx",
            "limb": "a limb",
            "trunk": "trunk",
        },
        required=True,
    )
    limb: str | None = choice(
        "limb",
        "which limb?",
        {"right_arm": "right arm", "left_arm": "left arm", "right_leg": "right leg", "left_leg": "left leg"},
        when={"target": ("limb",)},
    )
    muscles: tuple[str, ...] | None = fact(
        "muscles, by name", Kind.NAMES, "which muscles, by name?", when={"target": ("limb", "trunk")}
    )
    side: str | None = choice(
        "side of face, neck or larynx", "on which side?", _SIDES, when={"target": ("face", "neck", "larynx")}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stimulator(Procedure):
    """Leads and generator of a spinal cord stimulator."""

    part: str | None = choice(
        "what was done",
        "was it a lead through a needle, a paddle, a generator, or a removal?",
        {
            "lead": "lead through a needle",
            "paddle": "paddle lead",
            "generator": "generator put in or replaced",
            "lead_removal": "leads removed",
            "generator_removal": "generator revised or removed",
        },
        required=True,
    )
    leads: int | None = fact(
        "leads put in", Kind.COUNT, "how many leads?", usual="1", least=1, most=8, when={"part": ("lead",)}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Programming(Procedure):
    """Analysis or programming of a spinal or peripheral stimulator."""

    settings_changed: int | None = fact(
        "kinds of setting changed", Kind.COUNT, "how many kinds of setting were changed?", least=0, most=40
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug(Procedure):
    """A drug that was given: how much, and how much was thrown away."""

    code: str | None = fact(
        "drug code (HCPCS)", Kind.TEXT, "which drug, by its HCPCS code or NDC?", who=CODER
    )
    ndc: str | None = fact(
        "national drug code, 11 digits", Kind.TEXT, "which NDC stood on the container?", who=NURSE
    )
    amount: float | None = fact(
        "amount given", Kind.AMOUNT, "how much was given?", who=NURSE, required=True, most=1_000_000
    )
    unit: str | None = choice(
        "unit of the amounts",
        "in which unit are the amounts?",
        {"mg": "mg", "mcg": "mcg", "unit": "units", "ml": "ml", "dose": "doses"},
        who=NURSE,
        required=True,
    )
    wasted: float | None = fact(
        "amount thrown away", Kind.AMOUNT, "how much was thrown away?", who=NURSE, most=1_000_000
    )
    container: str | None = choice(
        "container",
        "was the container single-dose or multiple-dose?",
        {"single": "single-dose", "multi": "multiple-dose"},
        who=NURSE,
    )


FAMILIES: Final[Mapping[str, tuple[str, type[Procedure]]]] = MappingProxyType(
    {
        "epidural": ("Epidural", Epidural),
        "facet": ("Facet joint", Facet),
        "sacroiliac": ("Sacroiliac joint", SacroiliacJoint),
        "genicular": ("Genicular nerves", Genicular),
        "joint": ("Joint or bursa", Joint),
        "tendon": ("Tendon, ligament, tunnel or ganglion", TendonSheath),
        "trigger_points": ("Trigger points", TriggerPoints),
        "dry_needling": ("Dry needling", DryNeedling),
        "nerve": ("Nerve or fascial plane", NerveBlock),
        "botulinum": ("Botulinum toxin", Botulinum),
        "stimulator": ("Spinal cord stimulator", Stimulator),
        "programming": ("Stimulator programming", Programming),
        "drug": ("Drug", Drug),
    }
)
"""Every family: its label and its record."""
