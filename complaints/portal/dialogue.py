"""Messages that the complainant adds with the receipt code, for head and handler."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.exceptions import ActionRefused
from complaints.acts.audit_log import append_act
from complaints.clocks import notices
from complaints.files import enclosures
from complaints.models import ActKind, Complaint, State
from relations.files.attachments import atomic_with_files
from reminders import clock
from reminders.models import Parameter

STATES_WITHOUT_MESSAGES = (State.NOT_PROCESSED, State.VOID)
PREPARED_ANSWERS = {
    "satisfied": gettext_lazy("我对这次答复满意。"),
    "unsatisfied": gettext_lazy("我对这次答复不满意。"),
}


@atomic_with_files()
def add_message(complaint, text, *, today, files=(), seen=0):
    """Adds a message of the complainant to `complaint`. Returns the Act.

    `seen` is the place of the last act on the page where it was written: the same text submitted from there again is
    one message. Raises ActionRefused for complaints that are not processed (R155) or were entered in error.
    """
    case = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if again := find_same_message(case, text, seen):
        return again
    act = append_act(case, ActKind.MESSAGE, by=None, on=today, text=text, is_public=True)
    enclosures.attach_files(act, files)
    case.version += 1
    case.save(update_fields=["version"])
    notices.remind_of_message(case, today)
    return act


def find_same_message(case, text, seen):
    """The Act with the same text submitted from the same page, or None.

    Raises ActionRefused when no message may be added: the complaint is not processed, was entered in error, or has
    so many messages that its pages would become slow.
    """
    if case.state in STATES_WITHOUT_MESSAGES:
        raise ActionRefused(_("这件事现在不办理，不能留言。"))
    messages = case.acts.filter(kind=ActKind.MESSAGE)
    if again := messages.filter(place__gt=seen, text=text).first():
        return again
    most = Parameter.objects.value_on("portal_case_messages", clock.today())
    if messages.count() >= most:
        raise ActionRefused(_("这件事的留言已经有%d条，请用下面的其他方式联系我们。") % most)
    return None
