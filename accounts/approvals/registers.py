"""What other rooms give to approvals, filled in their modules `registrations` (accounts.registry)."""

from accounts.registry import Registry

# Name of a matter: a Matter (accounts.approvals.matters).
MATTERS = Registry("matters of approval")
# Name that a step asks for: an Asker (accounts.approvals.askers).
ASKERS = Registry("who may be asked to approve")
# Whoever tells people of a sheet: see accounts.approvals.engine.tell.
NOTICES = Registry("notices of approvals")
# "working_days": an object with `add(day, days)` (a date) and `between(first, last)` (an int).
CALENDAR = Registry("calendar of approvals")
