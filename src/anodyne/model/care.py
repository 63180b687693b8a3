"""The words of care management: programmes, roles, and what is written down of each month."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Program(StrEnum):
    """What time is claimed for."""

    CPM = "cpm"
    """Chronic pain management."""
    CCM = "ccm"
    """Chronic care management."""
    COMPLEX_CCM = "complex_ccm"
    PCM = "pcm"
    """Principal care management: of one condition."""
    RPM = "rpm"
    """Remote physiologic monitoring: the time of its treatment management."""
    RTM = "rtm"
    """Remote therapeutic monitoring: the time of its treatment management."""
    BHI = "bhi"
    """Behavioural health integration."""
    TCM = "tcm"
    """Transitional care management, after a discharge."""
    EM = "em"
    """A visit, billed as one."""
    PROCEDURE = "procedure"
    NONE = "none"
    """Claimed for nothing."""


PROGRAMMES = tuple(p for p in Program if p not in {Program.EM, Program.PROCEDURE, Program.NONE})
"""Those that a patient is enrolled in."""


class Role(StrEnum):
    """In what capacity somebody worked."""

    PHYSICIAN = "physician"
    NP = "np"
    PA = "pa"
    CNS = "cns"
    CNM = "cnm"
    QHP_OTHER = "qhp_other"
    CLINICAL_STAFF = "clinical_staff"
    AUXILIARY_EXTERNAL = "auxiliary_external"
    """Staff of another company."""


PRACTITIONERS = tuple(r for r in Role if r not in {Role.CLINICAL_STAFF, Role.AUXILIARY_EXTERNAL})
"""Roles that bill for themselves."""


class Mode(StrEnum):
    """How the patient was met."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    AUDIO = "audio"
    NO_PATIENT_CONTACT = "no_patient_contact"


class Element(StrEnum):
    """What monthly care is made of."""

    DIAGNOSIS = "diagnosis"
    ASSESSMENT = "assessment"
    PAIN_SCALE = "pain_scale"
    CARE_PLAN = "care_plan"
    TREATMENT_MANAGEMENT = "treatment_management"
    BEHAVIORAL_HEALTH = "behavioral_health"
    MEDICATION_MANAGEMENT = "medication_management"
    EDUCATION = "education"
    CRISIS_CARE = "crisis_care"
    COORDINATION = "coordination"


class ConsentMode(StrEnum):
    """How consent was given."""

    VERBAL = "verbal"
    WRITTEN = "written"


class ConsentTopic(StrEnum):
    """What the patient was told before consenting."""

    PURPOSE = "purpose"
    FREQUENCY = "frequency"
    COST_SHARING = "cost_sharing"


class PainFinding(StrEnum):
    """What the practitioner found of chronic pain at the first visit."""

    ESTABLISHED = "established"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Complexity(StrEnum):
    """Of medical decision making."""

    STRAIGHTFORWARD = "straightforward"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Served(StrEnum):
    """On which day of a month a claim says that the month's care was given."""

    MET = "met"
    """That on which the time of the units billed was complete."""
    LAST_DAY = "last-day"


ROLE_WORDS: Final = MappingProxyType(
    {
        "physician": "physician",
        "np": "nurse practitioner",
        "pa": "physician assistant",
        "cns": "clinical nurse specialist",
        "cnm": "certified nurse midwife",
        "qhp_other": "other practitioner",
        "clinical_staff": "clinical staff",
        "auxiliary_external": "staff of another company",
    }
)
"""Roles as messages name them."""
PROGRAM_WORDS: Final = MappingProxyType(
    {
        "cpm": "chronic pain management",
        "ccm": "chronic care management",
        "complex_ccm": "complex chronic care management",
        "pcm": "principal care management",
        "rpm": "remote physiologic monitoring",
        "rtm": "remote therapeutic monitoring",
        "bhi": "behavioural health integration",
        "tcm": "transitional care management",
        "em": "a visit",
        "procedure": "a procedure",
        "none": "nothing",
    }
)
"""What time is claimed for, as messages name it."""
