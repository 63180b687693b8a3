"""New-patient visits on the day of a procedure, from bytes to findings."""

from tests.claims import Claim, Line, told


def rules(*lines: Line, payer: str = "medicare") -> set[tuple[str, str, int | None]]:
    return told(Claim(list(lines), payer=payer))


def test_a_new_visit_without_25_is_part_of_the_minor_procedure() -> None:
    assert rules(Line("99203"), Line("20610", ("RT",))) == {("EM-12a", "deny", 1)}
    assert rules(Line("62323"), Line("99204")) == {("EM-12a", "deny", 2)}


def test_25_sets_it_apart() -> None:
    assert rules(Line("99203", ("25",)), Line("20610", ("RT",))) == set()


def test_an_established_visit_is_told_once_by_the_pair() -> None:
    assert rules(Line("99213"), Line("20610", ("RT",))) == {("EM-12", "deny", 1)}


def test_a_payer_without_a_policy_is_asked() -> None:
    assert rules(Line("99203"), Line("20610", ("RT",)), payer="blue") == {("EM-12a", "ask", 1)}


def test_a_new_visit_beside_major_surgery_needs_57() -> None:
    assert rules(Line("99203"), Line("27279", ("LT",))) == {("EM-14b", "deny", 1)}
    assert rules(Line("99203", ("57",)), Line("27279", ("LT",))) == set()


def test_a_new_visit_beside_a_drug_or_test_alone_is_no_matter() -> None:
    found = told(Claim([Line("99203"), Line("80305", ("QW",))], extra=["REF*X4*36D9999901"]))
    assert found == set()


def test_one_joint_with_and_without_ultrasound_is_told_even_with_its_side_on_both_lines() -> None:
    both = (Line("20611", ("RT",)), Line("20610", ("RT",)))
    assert rules(*both) == {("INJ-04a", "deny", 2)}
    assert rules(Line("20611", ("RT",)), Line("20610", ("LT",))) == set()
