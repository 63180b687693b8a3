"""What a finding predicts."""

from enum import StrEnum


class Outcome(StrEnum):
    """What will happen to the claim or line, worst first."""

    REJECT = "reject"
    """The front door refuses it: it never reaches adjudication."""
    DENY = "deny"
    """It will not be paid, or will be cut."""
    AUDIT = "audit"
    """It pays, but may be taken back."""
    ASK = "ask"
    """Cannot tell: a fact is missing, and the finding names it."""
    MISSED = "missed"
    """Earned but not billed: told to a person, never billed by itself."""

    @property
    def rank(self) -> int:
        """0 for the worst outcome, counting up."""
        return list(Outcome).index(self)
