"""The tables of opinions and complaints, one subject a file."""

from complaints.models.act import Act, ActKind, Enclosure, ReplyForm
from complaints.models.case import (
    METHOD_OF_CHANNEL,
    Channel,
    Complaint,
    ComplaintKind,
    Finding,
    Method,
    PersonClass,
    State,
    Subject,
)
from complaints.models.door import Knock, PortalSession, PublicText, ShownReceipt
from complaints.models.improvement import Improvement
from complaints.models.in_charge import InCharge
from complaints.models.knowing import Access, AccessRole, Accused, NotTold, Viewing

__all__ = [
    "METHOD_OF_CHANNEL",
    "Access",
    "AccessRole",
    "Accused",
    "Act",
    "ActKind",
    "Channel",
    "Complaint",
    "ComplaintKind",
    "Enclosure",
    "Finding",
    "Improvement",
    "InCharge",
    "Knock",
    "Method",
    "NotTold",
    "PersonClass",
    "PortalSession",
    "PublicText",
    "ReplyForm",
    "ShownReceipt",
    "State",
    "Subject",
    "Viewing",
]
