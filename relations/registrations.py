"""What this room gives to the rooms below, in the order in which they ask."""

from accounts.access import WAYS
from accounts.approvals.registers import MATTERS
from relations.approvals.matter import MATTER, CourseDecision
from relations.shares import actions  # noqa: F401  the daily step
from relations.shares.ways import OwnRecord, Shared, Signed, Supervised

WAYS.add("account", OwnRecord())
WAYS.add("supervision", Supervised())
WAYS.add("signature", Signed())
WAYS.add("share", Shared())

MATTERS.add(MATTER, CourseDecision())
