"""Changes of rights: what one user may do alone, and what a second user has to confirm (accounts.approvals).

- No user changes their own roles, department or headship of a department.
- One user alone gives nothing to an account that holds or is to hold a sensitive role (accounts.roles.is_sensitive):
  roles, another department, reopening with these roles. Other roles in the same change take effect at once.
- Taking rights away takes effect at once, and the confirmers are notified.
- An administrator who does not lead a user cannot arrange a stand-in for them alone: a stand-in sees what they see.
- No user makes themselves a stand-in alone, except users who see everything anyway.
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

__all__ = [
    "HEADSHIP",
    "NAME",
    "ROLES",
    "STAND_IN",
    "OwnRightsError",
    "arrange_stand_in",
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
