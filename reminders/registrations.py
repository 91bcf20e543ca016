"""What reminders fill in the registers of accounts: the working days of approvals, and who is told of them."""

from accounts.approvals.registers import CALENDAR, NOTICES
from reminders.approvals import Notices, WorkingDays

CALENDAR.add("working_days", WorkingDays())
NOTICES.add("reminders", Notices())
