"""Changes of rights: what one user may do alone, and what a second user has to confirm (accounts.approvals).

- No user changes their own roles, department or headship of a department.
- One user alone gives nothing to an account that holds or is to hold a sensitive role (accounts.roles.is_sensitive):
  roles, another department, reopening with these roles. Other roles in the same change take effect at once.
- Taking rights away takes effect at once, and the confirmers are notified.
- Only who sees by role all that a user sees arranges a stand-in for them alone: a stand-in sees what they see.
- No user makes themselves a stand-in alone, except users who see everything anyway.
- Only who oversees the clients of a worker assigns their supervisor alone, and never from a past day.
- A closed account supervises nobody and has no shares; nor does an account supervise that lost its leading roles.
"""

from accounts.rights.account_changes import (
    OwnRightsError,
    change_account,
    close_account,
    grant_from_server,
    notify_of_new_name,
    open_account,
    reopen_account,
    report_own_rights_attempt,
)
from accounts.rights.account_matters import NAME, ROLES
from accounts.rights.headship import HEADSHIP, save_department
from accounts.rights.snapshot import rights_of, same_rights, split_immediate
from accounts.rights.stand_ins import STAND_IN, arrange_stand_in
from accounts.rights.supervising import SUPERVISION, arrange_supervision

__all__ = [
    "HEADSHIP",
    "NAME",
    "ROLES",
    "STAND_IN",
    "SUPERVISION",
    "OwnRightsError",
    "arrange_stand_in",
    "arrange_supervision",
    "change_account",
    "close_account",
    "grant_from_server",
    "notify_of_new_name",
    "open_account",
    "reopen_account",
    "report_own_rights_attempt",
    "rights_of",
    "same_rights",
    "save_department",
    "split_immediate",
]
