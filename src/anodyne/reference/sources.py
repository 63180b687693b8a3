"""The list of sources that every reference row and rule names."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from anodyne.kernel.cite import Cite, Confidence
from anodyne.kernel.errors import BadReference

LIST = Path(__file__).parent / "data" / "sources.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that was read: a rule, a manual, a publisher's file or a page."""

    id: str
    title: str
    url: str
    read: dt.date
    confidence: Confidence

    def __post_init__(self) -> None:
        if self.confidence not in get_args(Confidence):
            raise ValueError(f"confidence is one of {get_args(Confidence)}, not {self.confidence!r}")
        if self.confidence == "verified" and not self.url.startswith("https://"):
            raise ValueError("a verified source has an address")

    def cite(self, section: str) -> Cite:
        """A citation of one section of this source."""
        return Cite(self.title, section, self.url, self.read, self.confidence)


def read_sources(path: Path) -> Mapping[str, Source]:
    """Every source listed in the TOML file at `path`, by id.

    Raises BadReference for an unknown or missing key, or a source that does not hold together.
    """
    known = {field.name for field in fields(Source)} - {"id"}
    listed = {}
    for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if set(entry) != known:
            raise BadReference(
                f"source {name} has the keys {sorted(entry)}",
                where=str(path),
                fix=f"Give exactly {sorted(known)}.",
            )
        try:
            listed[name] = Source(id=name, **entry)
        except ValueError as error:
            raise BadReference(
                f"source {name}: {error}", where=str(path), fix="Correct the entry."
            ) from error
    return MappingProxyType(listed)


@cache
def sources() -> Mapping[str, Source]:
    """The sources that ship with the package, by id."""
    return read_sources(LIST)


def source(name: str) -> Source:
    """The source called `name`; BadReference where it is not listed.

    >>> source("42-cfr-424-44").title
    '42 CFR 424.44, time limits for filing claims'
    """
    try:
        return sources()[name]
    except KeyError as error:
        raise BadReference(
            f"no source {name}", where=str(LIST), fix="Add it, or correct the name."
        ) from error
