"""The registrar has told the person, on the spot, by when the first reply comes (R160); written down once."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.days import year_day_words
from complaints.acts.audit_log import append_act
from complaints.models import ActKind, Channel, Complaint, ReplyForm

REPLY_FORM_BY_CHANNEL = {
    Channel.MEETING: ReplyForm.INTERVIEW,
    Channel.ORAL: ReplyForm.INTERVIEW,
    Channel.PHONE: ReplyForm.PHONE,
    Channel.EMAIL: ReplyForm.EMAIL,
    Channel.WECHAT: ReplyForm.WECHAT,
}


@transaction.atomic
def record_told_in_person(number, *, by, today):
    """Writes down that `by`, who entered the complaint `number`, told the person. Returns nothing, whatever there is.

    What was told before, is over or was entered by somebody else stays as it is: the registrar sees none of it.
    """
    mine = Complaint.objects.open().filter(number=number, entered_by=by, told_on=None)
    case = mine.select_for_update().first()
    if case is None:
        return
    case.told_on = today
    case.version += 1
    case.save(update_fields=["told_on", "version"])
    append_act(
        case,
        ActKind.TOLD,
        by=by,
        on=today,
        text=_("登记时已告诉对方：最晚%s前给初步回复。") % year_day_words(case.response_due_on),
        form_of_reply=REPLY_FORM_BY_CHANNEL.get(case.channel, ""),
        due_on=case.response_due_on,
        is_public=True,
    )
