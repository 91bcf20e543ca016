"""Registers of approvals, filled by other apps in their modules `registrations` (accounts.registry)."""

from accounts.registry import Registry

# {name: Matter} (accounts.approvals.matters).
MATTERS = Registry("matters of approval")
# {name that a step asks for: ApproverRole} (accounts.approvals.approver_roles).
APPROVER_ROLES = Registry("who may be asked to approve")
# {name: object that notifies people of a request}; its methods are listed in accounts.approvals.engine.
NOTICES = Registry("notices of approvals")
# "working_days": an object with `add(day, days)` (a date) and `between(first, last)` (an int).
CALENDAR = Registry("calendar of approvals")
