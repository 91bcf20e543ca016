"""When somebody else is put in charge: the cases go over, the file of those that have ended too (R145, R152, R450)."""

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.access import access_list
from complaints.acts.audit_log import append_act
from complaints.clocks import notices
from complaints.models import AccessRole, ActKind, Complaint


@transaction.atomic
def hand_over_to_successor(former, heir, *, by, today, reason):
    """Gives every complaint that `former` heads to `heir`, but for those kept from `heir`. Returns how many.

    The number is for the program: whoever appoints stands on no list and is not told how many there are.
    """
    if former == heir:
        return 0
    cases = Complaint.objects.filter(head=former).select_for_update().order_by("pk")
    return sum(give_case_to(case, heir, by, today, reason) for case in cases)


def give_case_to(case, heir, by, today, reason):
    """Whether `case` went over."""
    if heir.pk in access_list.excluded_users(case):
        return False
    former, case.head = case.head, heir
    access_list.add_person(case, heir, AccessRole.HEAD, by=by)
    case.version += 1
    case.save(update_fields=["head", "version"])
    words = {"former": former.name, "head": heir.name, "reason": reason}
    text = _("%(former)s交给%(head)s：%(reason)s") % words
    append_act(case, ActKind.HEAD_CHANGED, by=by, on=today, text=text)
    if case.is_open:
        notices.remind_head(case, today)
    return True
