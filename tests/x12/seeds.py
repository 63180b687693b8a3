"""A whole made-up file, and the defects seeded into it."""

import io
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from anodyne.x12.loops import place
from anodyne.x12.structure import Structure
from anodyne.x12.windows import windows

HERE = Path(__file__).parent
WHOLE = (HERE / "whole.txt").read_text(encoding="utf-8")
DEFECTS: list[dict[str, Any]] = yaml.safe_load((HERE / "defects.yaml").read_text(encoding="utf-8"))


def findings(data: bytes, size: int = 1 << 20) -> pl.DataFrame:
    structure = Structure("made-up.837")
    frames = [
        structure.check(place(window)) for window in windows(io.BytesIO(data), name="made-up.837", size=size)
    ]
    return pl.concat([*frames, structure.finish()])


def placed_findings(data: bytes, size: int = 1 << 20) -> list[tuple[object, ...]]:
    """All that is told of each finding, its claim by the number of the segment: rows are of one window."""
    structure = Structure("made-up.837")
    every: list[tuple[object, ...]] = []
    for window in windows(io.BytesIO(data), name="made-up.837", size=size):
        first = window.number - window.context + 1
        for row in structure.check(place(window)).iter_rows(named=True):
            claim = None if row["claim_row"] < 0 else row["claim_row"] + first
            every.append(tuple((row | {"claim_row": claim}).values()))
    every += [tuple((row | {"claim_row": None}).values()) for row in structure.finish().iter_rows(named=True)]
    return sorted(every, key=repr)


def told(data: bytes, size: int = 1 << 20) -> list[str]:
    frame = findings(data, size)
    return sorted(f"{rule} {segment}" for rule, segment in frame.select("rule", "segment").iter_rows())


def segments_of(text: str) -> list[str]:
    return text.replace("\n", "").split("~")[:-1]


def written(segments: list[str]) -> bytes:
    return "".join(f"{segment}~\n" for segment in segments).encode()


def recounted(segments: list[str]) -> list[str]:
    """The segments with SE01 as it should be, where one transaction is opened and closed."""
    first = next(k for k, segment in enumerate(segments) if segment.startswith("ST*"))
    last = next((k for k, segment in enumerate(segments) if segment.startswith("SE*")), None)
    if last is None:
        return segments
    _, _, control = segments[last].split("*")
    return [*segments[:last], f"SE*{last - first + 1}*{control}", *segments[last + 1 :]]


def seeded(defect: dict[str, Any]) -> bytes:
    segments: list[list[str]] = [[segment] for segment in segments_of(WHOLE)]
    for change in (defect, *(defect.get(more) for more in ("and", "and too", "and also"))):
        if change is not None:
            assert segments[change["at"] - 1] == [change["was"]]
            segments[change["at"] - 1] = change["becomes"]
    flat = [segment for piece in segments for segment in piece]
    return written(flat if defect.get("as it is") else recounted(flat))
