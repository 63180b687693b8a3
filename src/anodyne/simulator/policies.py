"""What the made-up payers want, as policy files."""

from collections.abc import Iterator

from anodyne.simulator.scenario import Payer

_SINCE = "2024-01-01"
_WARNING_DAYS = 10


def policy_of(payer: Payer) -> bytes:
    """The policy file of `payer`, in the form that `anodyne check --policies` reads."""
    head = (
        f'id = "{payer.key}-made-up"\ntitle = "{payer.name.title()}"\n\n'
        f'[match]\npayer_id = ["{payer.id}"]\nfiling = ["{payer.filing}"]\n\n'
        f'[[source]]\nid = "{payer.key}-manual"\ntitle = "{payer.name.title()}, made-up manual"\n'
        f"read = {_SINCE}\n"
    )
    values = "".join(
        f'\n[[value]]\nname = "{name}"\nis = {told}\nfrom = {_SINCE}\ncite = "{payer.key}-manual"\n'
        for name, told in _values(payer)
    )
    return (head + values).encode()


def _values(payer: Payer) -> Iterator[tuple[str, str]]:
    by_medicare = payer.filing != "WC"
    yield "bilateral_form", f'"{payer.bilateral}"'
    yield "replacement_claims", _told(payer.replacements)
    yield "filing_days", str(payer.filing_days)
    yield "corrected_filing_days", str(max(payer.limits["corrected"], payer.filing_days or 0) + 180)
    yield "filing_warning_days", str(_WARNING_DAYS)
    yield "imaging_with_epidural", _told(of=False)
    yield "authorisation_codes", f"[{', '.join(_quoted(code) for code in sorted(payer.authorised))}]"
    yield "g2211", _told(payer.g2211)
    yield "consultation_codes", _told(of=False)
    yield "modifier_51", _told(of=False)
    if by_medicare:
        for name in ("ncci_edits", "mue_edits", "drug_waste_modifiers", "clia_number"):
            yield name, _told(of=True)
    else:
        for name in ("injury_claim_number", "injury_date", "injury_cause"):
            yield name, _told(of=True)
        yield "injury_report", _told(of=False)
        for name in ("ncci_edits", "mue_edits"):
            yield name, _told(of=False)
    if payer.care:
        yield "care_programmes", '["cpm"]'


def _told(of: bool) -> str:
    return "true" if of else "false"


def _quoted(code: str) -> str:
    return f'"{code}"'
