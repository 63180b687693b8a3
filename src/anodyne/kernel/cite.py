"""The authority behind a rule or a number."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Confidence = Literal["verified", "known"]


@dataclass(frozen=True, slots=True)
class Cite:
    """Where a statement was read, on what day, and how sure that reading is.

    `verified`: the stored source says so.  `known`: from the field's common knowledge, to be looked up again.
    """

    source: str
    section: str
    url: str
    read: dt.date
    confidence: Confidence = "verified"

    def __post_init__(self) -> None:
        if not (self.source and self.section):
            raise ValueError("a citation names its source and the section read")
        if self.confidence == "verified" and not self.url.startswith("https://"):
            raise ValueError(f"a verified citation has an address: {self.source}, {self.section}")
