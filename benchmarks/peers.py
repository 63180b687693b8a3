"""The Python peers, each by its documented way; runs in the peers' own environment.

x12-edi-tools   X12Parser.parse gives lists of segments by id, not grouped by claim.  Its page shows a path
                as the argument; the code takes the text.
openx12         x837p.parse and x835.parse give a dict for each claim.
edi-835-parser  parse gives objects for transactions, claims and services; of remittances alone.
pyx12           x12n_document, what its command `x12valid` runs: validates, and writes a 999 (kept in memory).
"""

import io
from collections import Counter
from pathlib import Path
from typing import Any

from stopwatch import Work, clocked


def x12_edi_tools() -> Work:
    """Text to segments by id."""
    from x12_edi_tools.x12_parser import X12Parser  # noqa: PLC0415 (off the clock, and only this peer)

    def count(parsed: dict[str, list[Any]]) -> tuple[int, int]:
        claims, lines = ("CLP", "SVC") if "CLP" in parsed else ("CLM", "SV1")
        return len(parsed[claims]), len(parsed[lines])

    return Work(lambda path: X12Parser().parse(path.read_text()), count)


def edi_835_parser() -> Work:
    """A file to objects."""
    from edi_835_parser import parse  # noqa: PLC0415 (off the clock, and only this peer)

    def count(parsed: Any) -> tuple[int, int]:  # noqa: ANN401 (the peer's own class)
        claims = [claim for transaction in parsed.transaction_sets for claim in transaction.claims]
        return len(claims), sum(len(claim.services) for claim in claims)

    return Work(lambda path: parse(str(path)), count)


def openx12() -> Work:
    """Text to a dict for each claim."""
    from openx12 import x835, x837p  # noqa: PLC0415 (off the clock, and only this peer)

    def count(parsed: Any) -> tuple[int, int]:  # noqa: ANN401 (the peer's own class)
        return len(parsed.claims), sum(len(claim["services"]) for claim in parsed.claims)

    def do(path: Path) -> Any:  # noqa: ANN401 (the peer's own class)
        return (x835 if path.name.startswith("835") else x837p).parse(path.read_text())

    return Work(do, count)


def pyx12() -> Work:
    """A validating read of the whole file."""
    from pyx12.params import params  # noqa: PLC0415 (off the clock, and only this peer)
    from pyx12.x12n_document import x12n_document  # noqa: PLC0415

    def do(path: Path) -> Counter[str]:
        seen: Counter[str] = Counter()

        def note(segment: Any, *_: object) -> None:  # noqa: ANN401 (the peer's own class)
            seen[segment.get_seg_id()] += 1

        x12n_document(params(), str(path), io.StringIO(), None, callback=note)
        return seen

    return Work(do, lambda seen: (seen["CLM"] + seen["CLP"], seen["SV1"] + seen["SVC"]))


if __name__ == "__main__":
    clocked(
        {
            "x12-edi-tools": x12_edi_tools,
            "edi-835-parser": edi_835_parser,
            "openx12": openx12,
            "pyx12": pyx12,
        }
    )
