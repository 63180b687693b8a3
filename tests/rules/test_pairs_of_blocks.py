"""The pairs that a pain practice meets: right line, right rule, and nothing where no edit stands."""

from collections.abc import Sequence

from tests.claims import Claim, Line, findings, told

GENERAL = ("NCCI-", "INJ-")
Told = set[tuple[str, str, int | None]]


def of_each(claims: Sequence[Sequence[Line]], payer: str = "medicare") -> list[Told]:
    """What the general rules tell of each of `claims`, every one of another patient."""
    sent = [Claim(lines, payer=payer, patient=n, id=f"C{n}") for n, lines in enumerate(claims)]
    result: list[Told] = [set() for _ in sent]
    for claim, *finding in findings(*sent).select("claim", "rule", "outcome", "line").iter_rows():
        if finding[0].startswith(GENERAL):
            result[int(claim[1:])].add((finding[0], finding[1], finding[2]))
    return result


def of_pairs(*lines: Line) -> Told:
    return of_each([lines])[0]


BLOCKS = (
    *("64400", "64405", "64408", "64415", "64417", "64418", "64420", "64425", "64430", "64445", "64447"),
    *("64450", "64451", "64454", "64455", "64461", "64479", "64483", "64490", "64493", "64505", "64517"),
    "64530",
)
LIFTED = [
    *(("20553", block) for block in BLOCKS),
    *(("20552", block) for block in BLOCKS),
    *(("20553", block) for block in ("64510", "64520")),
    *((block, "20553") for block in ("64633", "64635", "64624", "64640", "27096", "20610")),
    ("64510", "20552"),
    ("64520", "20552"),
    ("20610", "20552"),
    ("20550", "20551"),
    ("20550", "20552"),
    ("20551", "20553"),
    ("20550", "20526"),
    ("20552", "20526"),
    ("20612", "20550"),
    ("62323", "64483"),
    ("62321", "64479"),
    ("64635", "64493"),
    ("64633", "64490"),
    ("64635", "62323"),
    ("64633", "62321"),
    ("64635", "64483"),
    ("64635", "64625"),
    ("64635", "64451"),
    ("27096", "62323"),
    ("27096", "64483"),
    ("27096", "20610"),
    ("62323", "64451"),
    ("62327", "62323"),
    ("64624", "64454"),
    ("64454", "64450"),
    ("64454", "64447"),
    ("20610", "64454"),
    ("20611", "64454"),
    ("64640", "64450"),
    *((code, "96372") for code in ("20553", "20610", "62323", "64405", "64483", "64493", "64635", "27096")),
    *((code, "96374") for code in ("62323", "64493", "64405")),
]
ABSOLUTE = [
    ("62323", "62322"),
    ("62321", "62320"),
    ("64451", "64493"),
    ("64490", "0213T"),
    ("64493", "0216T"),
    ("64461", "64420"),
    ("64461", "64479"),
    ("64461", "62320"),
    ("62273", "62323"),
    ("62270", "62323"),
    ("62264", "62323"),
    ("62323", "99156"),
    ("62323", "01992"),
    ("62323", "01991"),
    ("64405", "01992"),
]
ABSENT = [
    ("62323", "20553"),
    ("62323", "64493"),
    ("64483", "64493"),
    ("64479", "64483"),
    ("62321", "62323"),
    ("64633", "64635"),
    ("64490", "64493"),
    ("27096", "64451"),
    ("64625", "64451"),
    ("64405", "64450"),
    ("64405", "64400"),
    ("64405", "76942"),
    ("64624", "64640"),
    ("20553", "97140"),
    ("20553", "98941"),
    ("62323", "99152"),
    ("64483", "99152"),
    ("64635", "99152"),
]


def test_a_pair_that_a_modifier_lifts() -> None:
    def expect(told: set[tuple[str, str, int]], claims: list[list[Line]], payer: str = "medicare") -> None:
        for pair, found in zip(LIFTED, of_each(claims, payer), strict=True):
            assert found == told, pair

    expect({("NCCI-01a", "deny", 2)}, [[Line(paid), Line(other)] for paid, other in LIFTED])
    expect({("NCCI-01a", "deny", 1)}, [[Line(other), Line(paid)] for paid, other in LIFTED])
    expect(set(), [[Line(paid), Line(other, ["XS"])] for paid, other in LIFTED])
    expect(set(), [[Line(paid, ["59"]), Line(other)] for paid, other in LIFTED])
    expect({("NCCI-01a", "ask", 2)}, [[Line(paid), Line(other)] for paid, other in LIFTED], "commercial")


def test_a_pair_that_no_modifier_lifts() -> None:
    def expect(line: int, claims: list[list[Line]]) -> None:
        for pair, found in zip(ABSOLUTE, of_each(claims), strict=True):
            assert found == {("NCCI-01", "deny", line)}, pair

    expect(2, [[Line(paid), Line(other)] for paid, other in ABSOLUTE])
    expect(1, [[Line(other), Line(paid)] for paid, other in ABSOLUTE])
    expect(2, [[Line(paid), Line(other, ["XS"])] for paid, other in ABSOLUTE])


def test_a_pair_that_people_expect_and_that_is_not_there() -> None:
    orders = [[Line(one), Line(other)] for one, other in ABSENT]
    orders += [[Line(other), Line(one)] for one, other in ABSENT]
    for payer in ("medicare", "commercial"):
        for lines, found in zip(orders, of_each(orders, payer), strict=True):
            assert found == set(), lines
    for one, other in ABSENT[:6]:
        assert told(Claim([Line(one), Line(other)], payer="commercial")) == set()


def test_pairs_with_a_rule_of_their_own() -> None:
    assert of_pairs(Line("20553"), Line("20552", ("XS",))) == {("INJ-01", "deny", 2)}
    assert ("INJ-02c", "deny", 2) in of_pairs(Line("20552"), Line("20560"))
    assert of_pairs(Line("20611"), Line("20610")) == {("INJ-04a", "deny", 2)}
    assert of_pairs(Line("64530"), Line("77003")) == {("INJ-08", "deny", 2)}
    assert of_pairs(Line("64493"), Line("J0670")) == {("INJ-15", "deny", 2)}


def test_units_that_the_general_rules_tell() -> None:
    assert of_pairs(Line("20550", units=6)) == {("NCCI-05", "deny", 1)}
    assert of_pairs(Line("20550", units=5)) == set()
    assert of_pairs(Line("64450", units=11)) == {("NCCI-05", "deny", 1)}
    assert of_pairs(Line("64450", units=10)) == set()
    assert of_pairs(Line("64640", units=6)) == {("NCCI-05", "deny", 1)}
    assert of_pairs(Line("64420"), Line("64421", units=5)) == {("NCCI-05", "deny", 2)}
    assert of_pairs(Line("64420"), Line("64421", units=4)) == set()
    for code in ("20526", "64405", "64455", "64632", "64493"):
        assert of_pairs(Line(code, units=2)) == {("INJ-11a", "deny", 1)}
    assert of_pairs(Line("76942", units=2), Line("64418")) == {("NCCI-05", "deny", 1)}
