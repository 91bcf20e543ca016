"""Records that the registrar told the complainant on the spot when the first reply is due (R160); only once."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.days import year_day_words
from accounts.stored_texts import stored_in_chinese
from complaints.acts.audit_log import append_act
from complaints.models import ActKind, Channel, Complaint, ReplyForm

FORM_TOLD_AT_REGISTRATION = {  # how the registrar told it, by the channel of the complaint
    Channel.MEETING: ReplyForm.INTERVIEW,
    Channel.ORAL: ReplyForm.INTERVIEW,
    Channel.PHONE: ReplyForm.PHONE,
    Channel.EMAIL: ReplyForm.EMAIL,
    Channel.WECHAT: ReplyForm.WECHAT,
}


@transaction.atomic
def record_told_in_person(number, *, by, today):
    """Records that `by`, who registered the complaint `number`, told the complainant the due date in person.

    Changes nothing when the complainant was told before, the complaint has ended, or another user registered it. Always
    returns None, so that the registrar learns none of this.
    """
    mine = Complaint.objects.open().filter(number=number, entered_by=by, told_on=None)
    case = mine.select_for_update().first()
    if case is None:
        return
    case.told_on = today
    case.version += 1
    case.save(update_fields=["told_on", "version"])
    with stored_in_chinese():
        text = _("登记时已告诉对方：最晚%s前给初步回复。") % year_day_words(case.response_due_on)
    append_act(
        case,
        ActKind.TOLD,
        by=by,
        on=today,
        text=text,
        form_of_reply=FORM_TOLD_AT_REGISTRATION.get(case.channel, ""),
        due_on=case.response_due_on,
        is_public=True,
    )
