"""The numbers that the project set itself, and whether this run reached them."""

from collections.abc import Iterator
from typing import NamedTuple

from contest import CHECK, PEER_READERS, READING, VALIDATING, OneClaim, Results, fastest
from table import ratio

LINEAR_WITHIN = 1.25
"""Cost is called linear when a claim of a larger file costs at most this many times one of a smaller."""


class Target(NamedTuple):
    """`reached` is None where this run did not measure it."""

    work: str
    reach: str
    measured: str
    reached: bool | None


def targets(results: Results, one: OneClaim) -> Iterator[Target]:
    """Every target, in the order of the design."""
    for claims in (10_000, 100_000):
        peers = [name for name in PEER_READERS if (claims, name) in results]
        peer = fastest(results, claims, peers) if peers else PEER_READERS[0]
        yield _times(results, claims, peer, 10)
        yield _times(results, claims, VALIDATING, 300)
    yield _pace(results, 100_000, 50_000)
    yield _linear(results, 1_000, 1_000_000)
    yield _memory(results, 1_000_000, 1500)
    yield _under("one claim, warm, in process: p95", one.check_warm_p95, 0.050)
    yield _under("anodyne --help, cold", one.help_cold, 0.2)
    yield _under("anodyne check of one claim, cold", one.check_cold, 0.7)


def _times(results: Results, claims: int, peer: str, least: int) -> Target:
    work, reach = f"read {claims:,} claims, beside {peer.partition(',')[0]}", f"≥ {least}×"
    if not {(claims, peer), (claims, READING)} <= results.keys():
        return Target(work, reach, "not measured", None)
    times = results[claims, peer].work_seconds / results[claims, READING].work_seconds
    return Target(work, reach, ratio(times), times >= least)


def _pace(results: Results, claims: int, least: int) -> Target:
    work, reach = f"check {claims:,} claims, end to end", f"≥ {least:,} claims/s"
    if (claims, CHECK) not in results:
        return Target(work, reach, "not measured", None)
    pace = claims / results[claims, CHECK].whole_seconds
    return Target(work, reach, f"{pace:,.0f} claims/s", pace >= least)


def _linear(results: Results, first: int, last: int) -> Target:
    work, reach = f"check, cost of a claim from {first:,} to {last:,}", f"≤ {LINEAR_WITHIN}×"
    each = {claims: seen.whole_seconds / claims for (claims, name), seen in results.items() if name == CHECK}
    if not {first, last} <= each.keys():
        return Target(work, reach, "not measured", None)
    worst = max(each[large] / each[small] for small in each for large in each if small < large)
    return Target(work, reach, f"{worst:.2f}×", worst <= LINEAR_WITHIN)


def _memory(results: Results, claims: int, most_mb: int) -> Target:
    work, reach = f"check {claims:,} claims, peak memory", f"< {most_mb:,} MB"
    if (claims, CHECK) not in results:
        return Target(work, reach, "not measured", None)
    peak = results[claims, CHECK].peak_mb
    return Target(work, reach, f"{peak:,.0f} MB", peak < most_mb)


def _under(work: str, seconds: float, most: float) -> Target:
    return Target(work, f"≤ {most * 1000:.0f} ms", f"{seconds * 1000:.0f} ms", seconds <= most)
