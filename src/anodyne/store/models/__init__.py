"""The tables, one module a subject; Django finds them here."""

from anodyne.store.models.access import Membership, Practice, Role, Token, User
from anodyne.store.models.claims import Claim, ClaimState, ClaimVersion, Edit, Finding, Line, Waiver
from anodyne.store.models.payers import Authorisation, Clearinghouse, Coverage, Payer, Plan
from anodyne.store.models.people import Appointment, BillingProvider, Credential, Facility, Patient, Provider
from anodyne.store.models.remitted import Remittance, RemittedClaim
from anodyne.store.models.sending import Acknowledgement, Answer, Document, Submission, SubmissionClaim
from anodyne.store.models.trail import Trail
from anodyne.store.models.visits import Charge, Encounter
from anodyne.store.models.work import Note, SavedFilter, Task, TaskKind

__all__ = [
    "Acknowledgement",
    "Answer",
    "Appointment",
    "Authorisation",
    "BillingProvider",
    "Charge",
    "Claim",
    "ClaimState",
    "ClaimVersion",
    "Clearinghouse",
    "Coverage",
    "Credential",
    "Document",
    "Edit",
    "Encounter",
    "Facility",
    "Finding",
    "Line",
    "Membership",
    "Note",
    "Patient",
    "Payer",
    "Plan",
    "Practice",
    "Provider",
    "Remittance",
    "RemittedClaim",
    "Role",
    "SavedFilter",
    "Submission",
    "SubmissionClaim",
    "Task",
    "TaskKind",
    "Token",
    "Trail",
    "User",
    "Waiver",
]
