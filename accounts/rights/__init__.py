"""Who gets which rights: what one person may do alone, and what waits for a second name (accounts.approvals).

- Nobody changes their own roles, department or headship of a department.
- Whoever holds or is to hold a sensitive role (accounts.roles.is_sensitive) is given nothing by one person alone:
  roles, another department, an account that opens again with them. The harmless rest takes effect at once.
- Taking away takes effect at once, and is told to those above.
- An administrator who does not lead somebody arranges no stand-in for them alone: a stand-in sees what they see.
- Nobody arranges themselves as somebody's stand-in alone, but for those who see everything anyway.
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
