"""What may be told of a procedure: its label, its choices, and who can say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

_NO_OPTIONS: Final[Mapping[str, str]] = MappingProxyType({})
_ALWAYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
CLINICIAN: Final = "the clinician"
CODER: Final = "the coder"
NURSE: Final = "who gave the drug"
PAYER: Final = "the payer"


class Kind(StrEnum):
    """What values a fact takes."""

    CHOICE = "choice"
    """One of its options."""
    SEVERAL = "several"
    """Some of its options, in order."""
    NAMES = "names"
    """A list of free words."""
    COUNT = "count"
    """A whole number."""
    AMOUNT = "amount"
    """A number with decimals."""
    YES_NO = "yes_no"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a family: how it is labelled, what it may be, and what is asked where it is missing."""

    label: str
    kind: Kind
    asks: str
    who: str = CLINICIAN
    options: Mapping[str, str] = field(default_factory=lambda: _NO_OPTIONS)
    """By value its label; empty where they stand in a table, or where any is right."""
    structures: str = ""
    """The family of `procedure_anatomy` that holds the options."""
    levels: str = ""
    """The family of `spinal_levels` that holds the options."""
    nerves: bool = False
    """Whether the options are the nerves that `spinal_levels` names."""
    required: bool = False
    """Whether nothing is built without it."""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _ALWAYS)
    """By other facts of the family the values with which this one matters; empty where it always does."""
    usual: str = ""
    """What a form may choose beforehand; never assumed where nothing is told."""
    least: float = 0
    most: float = 1_000


def fact(label: str, kind: Kind, asks: str, **rest: Any) -> Any:  # noqa: ANN401  of any field's type
    """A field of a record that is None until somebody tells it."""
    return field(default=None, metadata={"fact": Fact(label, kind, asks, **rest)})


def choice(label: str, asks: str, options: Mapping[str, str], **rest: Any) -> Any:  # noqa: ANN401  as above
    """A field that is one of `options`."""
    return fact(label, Kind.CHOICE, asks, options=MappingProxyType(dict(options)), **rest)


def facts_of(record: type) -> Mapping[str, Fact]:
    """The facts of `record` by name, in the order of its fields."""
    return {each.name: each.metadata["fact"] for each in fields(record) if "fact" in each.metadata}
