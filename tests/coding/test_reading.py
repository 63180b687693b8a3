"""Plain values: what is read, and what is refused, field by field."""

import datetime as dt
import json
from typing import Any

import pytest

from anodyne.coding.describe import families, session_fields
from anodyne.coding.facts import Kind
from anodyne.coding.procedures import FAMILIES, Drug, Facet, Joint
from anodyne.coding.reading import session_of
from anodyne.coding.session import Biller, Payer
from anodyne.kernel.errors import BadFacts
from tests.claims import reference


def read(told: list[dict[str, Any]], **more: Any) -> Any:
    return session_of({"day": "2026-10-14", "place": "11", "procedures": told, **more}, reference())


def wrong(told: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(BadFacts) as caught:
        session_of({"day": "2026-10-14", "place": "11", "procedures": told, **more}, reference())
    return {field.where: field.message for field in caught.value.fields}


def test_the_texts_of_a_form_are_read() -> None:
    told = {
        "family": "facet",
        "kind": "Block",
        "joints": "l4-5, L5/S1",
        "side": " right ",
        "imaging": "fluoroscopy",
        "images_kept": "yes",
        "imaging_report": "no",
        "apart": "",
        "dx": "m54.16; M47.816",
    }
    session = read([told], payer={"filing": "mb", "state": "oh", "payer_id": ""}, diagnoses="M54.16")
    assert session.day == dt.date(2026, 10, 14)
    assert session.payer == Payer(filing="MB", state="OH")
    assert session.biller is Biller.PRACTITIONER
    assert session.entries[0].facts == Facet(
        kind="block", joints=("L4-L5", "L5-S1"), side="right", imaging="fluoroscopy", images_kept=True,
        imaging_report=False, dx=("M5416", "M47816"),
    )  # fmt: skip


def test_what_is_empty_is_not_told() -> None:
    session = read(
        [{"family": "joint", "joint": None, "count": "", "side": "  "}], diagnoses=None, payer=None
    )
    assert session.entries[0].facts == Joint()
    assert session.payer == Payer()


def test_numbers_and_codes_are_read() -> None:
    told = {"family": "drug", "code": "j1010", "ndc": "0009-3475-01", "amount": "1,000.5", "unit": "mg"}
    assert wrong([told]) == {"procedures[0].ndc": "is no national drug code of 11 digits"}
    facts = read([{**told, "ndc": "00009-3475-01"}]).entries[0].facts
    assert facts == Drug(code="J1010", ndc="00009347501", amount=1000.5, unit="mg")


def test_every_wrong_field_is_told_at_once() -> None:
    assert wrong(
        [
            {"family": "epidural", "approach": "sideways", "sides": "left", "catheter": "perhaps"},
            {"family": "joint", "joint": "knie", "count": 1.5},
            {"family": "facet", "joints": ["L4-L5", "L9-L10"]},
            {"family": "drug", "amount": -1, "code": "J10"},
            {"family": "surgery"},
            7,
        ],
        place="office",
        diagnoses=["5416"],
        biller="nobody",
        speed=1,
    ) == {
        "speed": "is no field",
        "place": "is no place of service",
        "biller": "is no biller",
        "diagnoses": "is no diagnosis code",
        "procedures[0].sides": "is no field",
        "procedures[0].approach": "is none of its choices",
        "procedures[0].catheter": "is neither yes nor no",
        "procedures[1].joint": "is none of its choices",
        "procedures[1].count": "is no whole number from 1 to 12",
        "procedures[2].joints": "is none of its choices",
        "procedures[3].amount": "is no number from 0 to 1e+06",
        "procedures[3].code": "is no HCPCS code",
        "procedures[4].family": "is none of the families",
        "procedures[5]": "is no record of a procedure",
    }


def test_a_near_miss_is_offered_and_the_value_is_not_repeated() -> None:
    with pytest.raises(BadFacts) as caught:
        read([{"family": "joint", "joint": "Pat Doe's knie"}, {"family": "joint", "jiont": "knee"}])
    fixes = {field.where: field.fix for field in caught.value.fields}
    assert fixes["procedures[1].jiont"] == "Is it joint?"
    assert "Doe" not in str(caught.value)
    assert caught.value.code == "ANO-404"
    assert "1 more is wrong" in str(caught.value)


@pytest.mark.parametrize("count", [12, 13])
def test_a_claim_holds_twelve_diagnoses(count: int) -> None:
    named = [f"M54.{n}" for n in range(10, 10 + count)]
    if count == 12:
        assert len(read([{"family": "joint"}], diagnoses=named).diagnoses) == 12
    else:
        assert wrong([{"family": "joint"}], diagnoses=named) == {
            "diagnoses": "13 diagnoses; a claim holds 12"
        }


def test_a_session_holds_fifty_procedures() -> None:
    assert len(read([{"family": "joint"}] * 50).entries) == 50
    assert wrong([{"family": "joint"}] * 51) == {"procedures": "lists 51 procedures"}


@pytest.mark.parametrize("names", [["a"] * 61, ",".join("a" * 61)])
def test_a_list_holds_sixty_names(names: object) -> None:
    assert wrong([{"family": "trigger_points", "muscles": names}]) == {"procedures[0].muscles": "lists 61"}


def test_what_is_told_of_a_payer_is_text_of_its_shape() -> None:
    assert wrong(
        [{"family": "joint"}], payer={"filing": "medicare", "state": "Ohio", "payer_id": 7, "plan": "x"}
    ) == {
        "payer.plan": "is no field",
        "payer.payer_id": "is no text",
        "payer.filing": "is no filing indicator",
        "payer.state": "is no state",
    }
    assert wrong([{"family": "joint"}], payer="Medicare") == {"payer": "is no record of a payer"}


@pytest.mark.parametrize("told", [None, [], "epidural", {"family": "joint"}])
def test_a_session_without_procedures_is_refused(told: object) -> None:
    assert wrong(told) == {"procedures": "lists no procedure"}


def test_the_families_are_plain_values_from_which_a_form_can_be_made() -> None:
    told = families(reference())
    assert json.loads(json.dumps(told)) == told
    assert [one["family"] for one in told] == list(FAMILIES)
    fields = {(one["family"], field["name"]): field for one in told for field in one["fields"]}
    assert fields["joint", "joint"]["required"]
    assert {"value": "knee", "label": "knee"} in fields["joint", "joint"]["options"]
    assert fields["facet", "joints"]["options"][0] == {"value": "C2-C3", "label": "C2-C3"}
    assert "TON" in [option["value"] for option in fields["facet", "nerves"]["options"]]
    assert fields["epidural", "catheter"]["usual"] == "no"
    assert fields["epidural", "foramina"]["when"] == {"approach": ["transforaminal"]}
    assert fields["joint", "joint"]["when"] is None
    for (family, _), field in fields.items():
        for name, values in (field["when"] or {}).items():
            options = {option["value"] for option in fields[family, name]["options"]}
            assert set(values) <= options, (family, name)
    assert fields["joint", "count"] | {"least": 1, "most": 12, "kind": "count"} == fields["joint", "count"]
    assert all(field["label"] and field["asks"] and field["who"] for field in fields.values())
    assert {field["kind"] for field in fields.values()} <= {kind.value for kind in Kind}
    assert json.dumps(session_fields())


@pytest.mark.parametrize("family", FAMILIES)
def test_every_option_that_is_offered_is_read(family: str) -> None:
    described = next(one for one in families(reference()) if one["family"] == family)
    for field in described["fields"]:
        for option in field["options"]:
            value = [option["value"]] if field["kind"] == "several" else option["value"]
            read([{"family": family, field["name"]: value}])
            read([{"family": family, field["name"]: option["label"] if field["kind"] == "names" else value}])
