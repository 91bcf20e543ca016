"""Hands complaints over to a new head, including those that have ended (R145, R152, R450)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.stored_texts import stored_in_chinese
from complaints.access import access_list
from complaints.acts.audit_log import append_act
from complaints.clocks import notices
from complaints.models import AccessRole, ActKind, Complaint


@transaction.atomic
def hand_over_to_successor(former, heir, *, by, today, reason):
    """Gives every complaint that `former` heads to `heir`, except those closed to `heir`. Returns their number.

    The number is for the program only: the user who appoints is on no access list and must not learn it.
    """
    if former == heir:
        return 0
    cases = Complaint.objects.filter(head=former).select_for_update().order_by("pk")
    return sum(give_case_to(case, heir, by, today, reason) for case in cases)


def give_case_to(case, heir, by, today, reason):
    """Gives one complaint to `heir`. Returns False when `heir` is excluded from it."""
    if heir.pk in access_list.excluded_users(case):
        return False
    former, case.head = case.head, heir
    access_list.add_person(case, heir, AccessRole.HEAD, by=by)
    case.version += 1
    case.save(update_fields=["head", "version"])
    words = {"former": former.name, "head": heir.name, "reason": reason}
    with stored_in_chinese():
        text = _("%(former)s交给%(head)s：%(reason)s") % words
    append_act(case, ActKind.HEAD_CHANGED, by=by, on=today, text=text)
    if case.is_open:
        notices.remind_head(case, today)
    return True
