"""The reasons why a step cannot be taken, each as a sentence for the user; None when it can."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import ComplaintKind, ReplyForm

MISSING = {
    "text": gettext_lazy("请写清楚内容。"),
    "on": gettext_lazy("请填日期。"),
    "form_of_reply": gettext_lazy("请选方式。"),
    "due_on": gettext_lazy("请填时限。"),
    "clock": gettext_lazy("请选哪一个期限。"),
    "user": gettext_lazy("请选一位同事。"),
    "users": gettext_lazy("请选被投诉的人。"),
    "kind": gettext_lazy("请选种类。"),
    "subject": gettext_lazy("请选反映的方面。"),
    "words": gettext_lazy("请写转给哪个机关。"),
    "files": gettext_lazy("请选择文件。"),
}


MAX_DISTANCE = timedelta(days=366)  # how far ahead a promised date may be


def missing_sentence(name):
    return str(MISSING[name])


def day_is_possible(case, act_input, today):
    """The day of the act has to be between the receipt and today."""
    if act_input.on > today:
        return _("还没到这一天，请检查日期。")
    if act_input.on < case.received_on:
        return _("比收到的日期（%s）早，请检查日期。") % case.received_on.isoformat()
    return None


def has_code(case, act_input, today):
    """A question can be left behind the receipt code only if the complaint has one."""
    return None if case.code_hash else _("反映人没有查询码，请用其他方式联系。")


def form_is_possible(case, act_input, today):
    """A reply behind the receipt code needs a code; a public notice is for complainants without any other contact."""
    if act_input.form_of_reply == ReplyForm.CODE and not case.code_hash:
        return _("反映人没有查询码，请选别的方式。")
    if act_input.form_of_reply == ReplyForm.NOTICE and (case.contact or not case.is_anonymous):
        return _("只有匿名又没有联系方式的，才用公示答复。")
    return None


def due_is_ahead(case, act_input, today):
    if act_input.due_on < today:
        return _("下一步的日期不能早于今天。")
    return is_not_far(act_input, today)


def is_not_far(act_input, today):
    """Refuses a date far ahead, most likely a typing error: the pages of the complaint count the days up to it."""
    return _("请检查年份。") if act_input.due_on - today > MAX_DISTANCE else None


def promise_is_reasoned(case, act_input, today):
    """The person in charge may promise a later day than the due date, with a reason (R148)."""
    if act_input.due_on < act_input.on:
        return _("答应的日期不能早于说明的日期。")
    if case.result_due_on and act_input.due_on > case.result_due_on and not act_input.words:
        return _("答应的日期比%s晚，请写明原因。") % case.result_due_on.isoformat()
    return is_not_far(act_input, today)


def clock_is_running(case, act_input, today):
    return _("这个期限已经答复过了。") if getattr(case, f"{act_input.clock}_met_on") else None


def due_is_later(case, act_input, today):
    due_on = getattr(case, f"{act_input.clock}_due_on")
    if act_input.due_on <= max(due_on, today):
        return _("新的日期要晚于原来的期限和今天。")
    return is_not_far(act_input, today)


def is_not_paused(case, act_input, today):
    return _("已经暂停计时了。") if case.paused_on else None


def is_paused(case, act_input, today):
    return None if case.paused_on else _("没有暂停计时。")


def finding_is_given(case, act_input, today):
    """A complaint needs a finding (R150); a suggestion or praise does not."""
    is_missing = case.kind == ComplaintKind.COMPLAINT and not act_input.finding
    return _("请选是否属实。") if is_missing else None


def opinion_is_signed(case, act_input=None, today=None):
    return None if case.opinion else _("办结前请负责人签署意见。")


def measure_is_written(case, act_input=None, today=None):
    """Every complaint needs a measure, whatever the finding (R151); praise does not."""
    if case.kind == ComplaintKind.PRAISE or case.improvements.exists():
        return None
    return _("不论是否属实，办结前请写一条改善措施。")


CLOSING_GUARDS = (opinion_is_signed, measure_is_written)


def known_obstacle(step, case):
    """The obstacle that a page can show next to the button in advance; "" when there is none."""
    if step.name == "ask" and (sentence := has_code(case, None, None)):
        return sentence
    sentences = (guard(case) for guard in step.guards if guard in CLOSING_GUARDS)
    return next((sentence for sentence in sentences if sentence), "")
