"""The words of denials: why a payer cut a claim, what to do about it, who does it and what it takes."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Action(StrEnum):
    """What to do next: the whole list."""

    CORRECT_AND_RESEND = "correct_and_resend"
    """A claim that replaces the first."""
    SEND_NEW_CLAIM = "send_new_claim"
    """The first was refused unread, so there is nothing to replace."""
    REOPEN = "reopen"
    """Ask the payer to correct a clerical error in what it decided."""
    APPEAL = "appeal"
    DISPUTE_UNDERPAYMENT = "dispute_underpayment"
    ASK_THE_STATE = "ask_the_state"
    """The process of a state's law on injuries."""
    SEND_RECORDS = "send_records"
    WAIT_FOR_RECORDS = "wait_for_records"
    """They are another's to send."""
    WAIT_FOR_DECISION = "wait_for_decision"
    BILL_PATIENT = "bill_patient"
    BILL_OTHER_PAYER = "bill_other_payer"
    FIND_ORIGINAL = "find_original"
    """What became of the claim that this one repeats."""
    WRITE_OFF_WITH_APPROVAL = "write_off_with_approval"
    ACCEPT = "accept"
    READ_REMARKS = "read_remarks"
    """The codes do not say enough, or are not known here: nothing is guessed."""


class What(StrEnum):
    """What became of a claim or line."""

    REJECTED = "rejected"
    """Refused unread."""
    DEFERRED = "deferred"
    """Nothing is decided until something arrives."""
    REDIRECTED = "redirected"
    """Another payer is to pay."""
    DENIED = "denied"
    """Decided, and nothing paid."""
    CUT = "cut"
    """Something was paid, and less than the contract says."""


class Appealable(StrEnum):
    """Whether the payer's decision can be appealed."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Route(StrEnum):
    """By what a deadline is counted."""

    APPEAL = "appeal"
    REOPEN = "reopen"
    NEW_CLAIM = "new_claim"
    CORRECTED = "corrected"
    RECORDS = "records"
    LATE_RECORDS = "late_records"
    DISPUTE = "dispute"


class Owner(StrEnum):
    """Whose work it is."""

    BILLER = "biller"
    CODER = "coder"
    CLINICIAN = "clinician"
    FRONT_DESK = "front_desk"
    AUTHORISATIONS = "authorisations"
    ENROLMENT = "enrolment"
    """Who enrols practitioners with payers."""
    CONTRACTS = "contracts"
    PATIENT_ACCOUNTS = "patient_accounts"
    MANAGER = "manager"
    """Who approves what is written off."""


class InsuranceProgram(StrEnum):
    """Under whose rules of appeal a payer stands."""

    MEDICARE = "medicare"
    """Original Medicare, not a plan that stands in for it."""
    MEDICARE_ADVANTAGE = "medicare_advantage"
    MEDICAID = "medicaid"
    WORKERS = "workers"
    MOTOR = "motor"
    """No-fault, medical payments, liability."""
    COMMERCIAL = "commercial"
    FEDERAL = "federal"


PROGRAM_OF_FILING: Final = MappingProxyType(
    {
        "MA": "medicare",
        "MB": "medicare",
        "16": "medicare_advantage",
        "MC": "medicaid",
        "WC": "workers",
        "AM": "motor",
        "LM": "motor",
        "CH": "federal",
        "OF": "federal",
        "VA": "federal",
        "TV": "federal",
        "BL": "commercial",
        "CI": "commercial",
        "HM": "commercial",
        "12": "commercial",
        "13": "commercial",
        "14": "commercial",
        "15": "commercial",
    }
)
"""By the filing indicator of a remittance (CLP06)."""

ANY: Final = "*"
"""Any value, in a key of the tables."""
ORDINARY: Final = (
    "patient_share",
    "contract",
    "sequestration",
    "prior_payment",
    "programme",
    "roll_up",
    "interest",
)
"""Causes of adjustments that are no denial."""
QUIET: Final = (Action.ACCEPT.value, Action.BILL_PATIENT.value, Action.WAIT_FOR_DECISION.value)
"""What is done about those without anybody's work."""
NOTHING_TO_WIN: Final = (Action.ACCEPT.value, Action.WRITE_OFF_WITH_APPROVAL.value)

CAUSE_WORDS: Final = MappingProxyType(
    {
        "add_on": "add-on code without its primary",
        "authorisation": "authorisation",
        "benefit": "not a benefit of the plan",
        "bundled": "counted into another service",
        "contract": "the contract",
        "coverage_dates": "coverage on the day",
        "diagnosis": "diagnosis",
        "drug": "drug",
        "duplicate": "duplicate",
        "expired_contract": "contract that ended",
        "frequency": "too often in the period",
        "global_period": "days that belong to a procedure",
        "information": "missing or wrong information",
        "injury": "law on injuries",
        "interest": "interest",
        "late": "late filing",
        "law": "a law",
        "level": "level of service",
        "member": "identity of the member",
        "modifier": "modifier",
        "multiple_procedures": "several procedures of a day",
        "necessity": "medical necessity",
        "network": "network",
        "new_patient": "new or established patient",
        "other_payer": "another payer first",
        "outdated_code": "code not in force on the day",
        "patient_share": "the patient's share",
        "pending": "not decided yet",
        "place": "place of service",
        "policy": "the payer's policy",
        "practitioner": "enrolment or identity of the practitioner",
        "prior_payment": "an earlier payer's payment",
        "programme": "a programme of the payer",
        "records": "records",
        "referral": "referral",
        "reporting_only": "code that only reports",
        "review": "a review",
        "roll_up": "lines handled as one",
        "sequestration": "sequestration",
        "surprise_bill": "law on surprise bills",
        "unknown": "unknown",
        "unproven": "experimental or unproven",
        "units": "units",
        "upheld": "earlier decision upheld",
        "wrong_payee": "paid to another",
        "wrong_payer": "wrong payer",
    }
)
"""Causes as messages name them: the whole list."""

ACTION_WORDS: Final = MappingProxyType(
    {
        "correct_and_resend": "correct and resend",
        "send_new_claim": "correct it and send a new claim",
        "reopen": "ask for a reopening",
        "appeal": "appeal",
        "dispute_underpayment": "dispute the underpayment",
        "ask_the_state": "follow the state's process",
        "send_records": "send the records",
        "wait_for_records": "see that the records come",
        "wait_for_decision": "wait for the answer",
        "bill_patient": "bill the patient",
        "bill_other_payer": "bill the other payer, not the patient",
        "find_original": "find the original",
        "write_off_with_approval": "write it off with approval",
        "accept": "nothing to do",
        "read_remarks": "read the remark codes",
    }
)
"""Actions as messages name them."""

OWNER_WORDS: Final = MappingProxyType(
    {
        "biller": "biller",
        "coder": "coder",
        "clinician": "clinician",
        "front_desk": "front desk",
        "authorisations": "who asks for authorisations",
        "enrolment": "who enrols practitioners",
        "contracts": "who keeps the contracts",
        "patient_accounts": "patient accounts",
        "manager": "manager",
    }
)
"""Owners as messages name them."""

EVIDENCE_WORDS: Final = MappingProxyType(
    {
        "assignment": "the patient's assignment of benefits",
        "authorisation": "the approval: its number, codes, units, days and practitioner",
        "contract_rate": "the contract's rate for the code on the day",
        "coverage_criteria": "each criterion of the coverage policy, and where the record meets it",
        "decision_letter": "the letter of the decision that was upheld",
        "drug_record": "the drug as given: NDC, dose, waste, and the order",
        "eligibility": "an eligibility answer for the day of service",
        "enrolment_record": "the practitioner's NPI, taxonomy and enrolment at the payer on the day",
        "fee_arithmetic": "the amount that should have been allowed, step by step",
        "id_card": "the member's card",
        "injury_details": "day and cause of the injury, claim number and adjuster",
        "literature": "published studies of the treatment for this condition",
        "notice": "the notice that the patient signed before the service",
        "order": "the signed order",
        "original_claim": "what became of the earlier claim: its number, payment or denial",
        "policy_text": "the payer's own policy, as in force on the day",
        "primary_remittance": "the other payer's remittance",
        "prior_treatment": "what was tried before, when, and how it failed",
        "procedure_note": "the procedure note: site, side, level, guidance, units",
        "referral": "the referral",
        "request_letter": "the payer's request: its day, what it asks for and where to send it",
        "response": "relief and function after the earlier sessions, in percent and weeks",
        "separate_service": "what made the service separate: another site, side, session or practitioner",
        "session_history": "the days of earlier sessions by region",
        "state_form": "the form of the state's process",
        "surgery": "code and day of the procedure whose days these are",
        "time_or_decisions": "the minutes of the visit, or its medical decisions",
        "timely_receipt": "the acknowledgement that shows when the payer had the claim (999 or 277CA)",
        "visit_history": "visits to the group in the three years before",
        "visit_note": "the signed note of the visit",
    }
)
"""What a reviewer will want to see."""

FACT_ASKS: Final = MappingProxyType(
    {
        "authorised": "authorisations: is there an approval for this code and day?",
        "decided_level": "biller: which level of appeal has decided already, and on what day?",
        "notice": "front desk: did the patient sign a notice beforehand?",
        "pair": "reference: the NCCI indicator of the pair that was denied",
        "records_asked_on": "biller: on what day did the payer ask for the records?",
        "short": "contract: what should have been allowed?",
        "timely": "acknowledgement: did the payer have the claim in time?",
    }
)
"""Facts that decide and are not on the remittance, and who can tell them."""

ROUTE_WORDS: Final = MappingProxyType(
    {
        "appeal": "appeal",
        "reopen": "ask for a reopening",
        "new_claim": "send a new claim",
        "corrected": "send a corrected claim",
        "records": "send records",
        "late_records": "send records late",
        "dispute": "dispute a payment",
    }
)
"""Routes as messages name them."""
