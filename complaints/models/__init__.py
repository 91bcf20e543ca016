"""The models of opinions and complaints, one file per subject."""

from complaints.models.access import Access, AccessRole, Accused, ExcludedPerson, Viewing
from complaints.models.act import Act, ActKind, Enclosure, ReplyForm
from complaints.models.appointment import Appointment
from complaints.models.case import (
    CLOCKS,
    METHOD_OF_CHANNEL,
    RESPONSE,
    RESULT,
    Channel,
    Complaint,
    ComplaintKind,
    Finding,
    Method,
    PersonClass,
    State,
    Subject,
)
from complaints.models.measure import Improvement
from complaints.models.portal import Attempt, PortalSession, PublicText, ShownReceipt

__all__ = [
    "CLOCKS",
    "METHOD_OF_CHANNEL",
    "RESPONSE",
    "RESULT",
    "Access",
    "AccessRole",
    "Accused",
    "Act",
    "ActKind",
    "Appointment",
    "Attempt",
    "Channel",
    "Complaint",
    "ComplaintKind",
    "Enclosure",
    "ExcludedPerson",
    "Finding",
    "Improvement",
    "Method",
    "PersonClass",
    "PortalSession",
    "PublicText",
    "ReplyForm",
    "ShownReceipt",
    "State",
    "Subject",
    "Viewing",
]
