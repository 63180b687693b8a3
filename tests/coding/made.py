"""Sessions of the sheet, and what was built of them in short."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from anodyne.coding.build import build
from anodyne.coding.built import Built, Line
from anodyne.reference.policies import Policies
from anodyne.reference.policy_files import shipped
from tests.claims import policies_of, reference

SHEET = Path(__file__).with_name("sessions.yaml")
DAY = dt.date(2026, 10, 14)
MEDICARE = {"payer_id": "15202", "payer_name": "MEDICARE PART B OHIO", "filing": "MB", "state": "OH"}
UNKNOWN = {"payer_id": "CDR01", "payer_name": "CEDAR MUTUAL PPO", "filing": "CI", "state": "OH"}


@cache
def cases() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(SHEET.read_text("utf-8"))["cases"]
    return found


def session_of(case: Mapping[str, Any]) -> dict[str, object]:
    """The session of a case, in plain values."""
    return {
        "day": case.get("day", DAY),
        "place": case.get("place", "11"),
        "payer": UNKNOWN if case.get("payer") == "unknown" else MEDICARE,
        "biller": case.get("biller"),
        "diagnoses": case.get("diagnoses", ["M54.16"]),
        "procedures": [
            {name: "none" if value is None else value for name, value in one.items()} for one in case["do"]
        ],
    }


def policies_for(case: Mapping[str, Any]) -> Policies:
    return policies_of("commercial", **case["policy"]) if "policy" in case else shipped()


def built_of(case: Mapping[str, Any]) -> Built:
    return build(session_of(case), reference=reference(), policies=policies_for(case))


def written(line: Line) -> str:
    """A line in short, as the sheet has it."""
    units = f" x{line.units}" if line.units != 1 else ""
    return "-".join((line.code, *line.modifiers)) + units
