"""The envelope of a file that is written; who takes part in its claims is in `model.parties`."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from anodyne.x12.delimiters import Delimiters

DELIMITERS: Final = Delimiters(element=ord("*"), component=ord(":"), repetition=ord("^"), segment=ord("~"))


@dataclass(frozen=True, slots=True)
class Interchange:
    """The envelope of a file."""

    sender: str
    receiver: str
    control_number: int
    """From 1 to 999,999,999; never used before between the two."""
    made_at: dt.datetime
    usage: Literal["T", "P"]
    """T for a test, P for production."""
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    sender_code: str = ""
    """Of the group; `sender` unless given."""
    receiver_code: str = ""
    delimiters: Delimiters = DELIMITERS
    line_breaks: bool = False
    """Whether a line feed stands after each segment."""
    attachments_by: Literal["BM", "EL", "EM", "FT", "FX"] = "EL"
    """How attachments that have a control number are sent: by mail, electronically, e-mail, transfer, fax."""
