"""Who comes to the practice: made-up patients, each the same whatever the number of the others."""

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from anodyne.simulator.scenario import Course, Payer, Scenario

_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
"""Those that cannot be taken for digits."""
_OLDEST_OF_COURSE = 45
"""Under it nobody has a worn knee or a narrow canal."""
_OF_AGE = frozenset({"knee", "lumbar_stenosis"})
_NOT_OF_WORK = frozenset({"knee", "migraine", "occipital", "stimulator", "lumbar_stenosis", "long_term"})


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient with coverages; `number` counts from 1."""

    number: int
    last: str = field(repr=False)
    first: str = field(repr=False)
    birth_date: dt.date = field(repr=False)
    sex: str
    street: str = field(repr=False)
    city: str = field(repr=False)
    zip: str = field(repr=False)
    phone: str = field(repr=False)
    payer: Payer
    member_id: str = field(repr=False)
    second: str
    """supplement (Medicare sends it the claims), the key of another payer, or empty."""
    second_member_id: str = field(repr=False)
    course: Course
    side: str
    site: str
    physician: str
    extender: str
    accident_on: dt.date | None = field(repr=False)
    property_claim: str = field(repr=False)
    care: bool
    """Whether enrolled in chronic pain management."""

    @property
    def id(self) -> str:
        """The practice's own number."""
        return f"P{self.number:06d}"


def dice(seed: int, *what: object) -> Random:
    """Draws that are always the same for `seed` and `what`, whatever else is drawn."""
    return Random(":".join(map(str, (seed, *what))))  # noqa: S311 -- made-up data, no secret


def patient(number: int, seed: int, as_of: dt.date, world: Scenario) -> Patient:
    """The patient of that number."""
    rng = dice(seed, "patient", number)
    payers = list(world.payers.values())
    payer = rng.choices(payers, [one.weight for one in payers])[0]
    age = rng.randint(*payer.ages)
    courses = [course for course in world.courses if _fits(course, payer, age)]
    course = rng.choices(courses, [one.weight for one in courses])[0]
    sex = rng.choice("FM")
    names = world.names
    last = rng.choice(names["last_head"]) + rng.choice(names["last_tail"])
    first = rng.choice(names["first_f" if sex == "F" else "first_m"])
    city, postcode = rng.choice(names["town"])
    second = _second(rng, payer, world)
    hurt = payer.filing == "WC"
    accident = as_of - dt.timedelta(days=rng.randint(560, 900))
    return Patient(
        number=number,
        last=last,
        first=first,
        birth_date=as_of - dt.timedelta(days=round(age * 365.25) + rng.randint(0, 364)),
        sex=sex,
        street=f"{rng.randint(1, 989)} {rng.choice(names['street'])} {rng.choice(names['street_kind'])}",
        city=city,
        zip=postcode,
        phone=f"614555{rng.randint(0, 9999):04d}",
        payer=payer,
        member_id=_member_id(payer.key, number, rng),
        second=second,
        second_member_id=_member_id("second", number, rng) if second else "",
        course=course,
        side=rng.choice(("RT", "LT")),
        site=rng.choice(("main", "main", "north")),
        physician=rng.choice(("physician1", "physician2")),
        extender=rng.choice(("np", "pa")),
        accident_on=accident if hurt else None,
        property_claim=f"HW{accident:%y%m}{number:06d}" if hurt else "",
        care=course.id == "long_term" and payer.care and rng.random() < world.shares["patients"]["care"],
    )


def _fits(course: Course, payer: Payer, age: int) -> bool:
    if course.id in _OF_AGE and age < _OLDEST_OF_COURSE:
        return False
    return payer.filing != "WC" or course.id not in _NOT_OF_WORK


def _second(rng: Random, payer: Payer, world: Scenario) -> str:
    shares = world.shares["patients"]
    draw = rng.random()
    if payer.filing == "MB":
        return "supplement" if draw < shares["supplement"] else ""
    others = [one.key for one in world.payers.values() if one.filing == payer.filing and one is not payer]
    return others[0] if payer.filing == "CI" and draw < shares["second"] else ""


def _member_id(kind: str, number: int, rng: Random) -> str:
    """A member id in which the patient's number is hidden, so that no two are the same."""
    if kind != "medicare":
        return f"{kind[:2].upper()}{rng.choice(_LETTERS)}{rng.randint(0, 99):02d}{number:07d}"
    rest, low = divmod(number, 10_000)
    high, middle = divmod(rest, len(_LETTERS))
    digits = f"{low:04d}"
    return (
        f"{rng.randint(1, 9)}{rng.choice(_LETTERS)}{rng.randint(0, 9)}{digits[0]}{rng.choice(_LETTERS)}"
        f"{rng.randint(0, 9)}{digits[1]}{_LETTERS[high % len(_LETTERS)]}{_LETTERS[middle]}{digits[2:]}"
    )
