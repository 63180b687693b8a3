"""Medicare's localities as the practice names them, held against the tables that are loaded."""

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from anodyne.denials.localities import GPCI
from anodyne.kernel.errors import BadRequest
from anodyne.reference.tables import Reference

OPTION: Final = "--locality"
_NAMED: Final = re.compile(r"(\d{5})-(\d{2})", re.ASCII)


def localities_named(names: Sequence[str], reference: Reference) -> tuple[tuple[str, str], ...]:
    """Contractor and locality of each of `names`, written `05302-01`.

    Raises BadRequest for one that is written otherwise or in no edition that is loaded.
    """
    if not names:
        return ()
    listed = reference.table(GPCI).select("mac", "locality", "state").unique()
    return tuple(dict.fromkeys(_locality(name, listed) for name in names))


def _locality(name: str, listed: pl.DataFrame) -> tuple[str, str]:
    found = _NAMED.fullmatch(name.strip())
    if found is None:
        raise BadRequest(
            f"{name} is not written as a locality of Medicare",
            where=OPTION,
            fix="Write the contractor's five digits, a hyphen and the locality's two, as 05302-01.",
        )
    if listed.is_empty():
        raise BadRequest(
            "no table of Medicare's localities is loaded",
            where=f"{OPTION} {name}",
            fix="Load the GPCI file of the year, as: anodyne reference load GPCI2026.csv.",
        )
    mac, locality = found.groups()
    of_contractor = listed.filter(mac=mac).sort("locality", "state")
    if locality not in of_contractor["locality"]:
        rows = of_contractor.select(pl.format("{}-{} ({})", "mac", "locality", "state")).to_series()
        known = f"{mac} has {', '.join(rows)}" if len(rows) else f"no locality has the contractor {mac}"
        raise BadRequest(
            f"{mac}-{locality} is no locality of the GPCI tables that are loaded",
            where=f"{OPTION} {name}",
            fix=f"Name another: {known}; or load the GPCI file that has it.",
        )
    return mac, locality
