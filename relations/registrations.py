"""What relations fill in the registers of the rooms below: the matters of approval."""

from accounts.approvals.registers import MATTERS
from relations.approvals.matter import MATTER, CourseDecision

MATTERS.add(MATTER, CourseDecision())
