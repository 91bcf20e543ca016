"""Texts of a line of 我的工作台: the title, the notes below it, and the button."""

from functools import cache
from urllib.parse import parse_qsl

from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.days import day_words
from relations.duties.periods import matter_with_period, period_label
from relations.interactions import monthly
from relations.models import Purpose, Task
from relations.models.interaction import PURPOSE_BITS
from relations.parties import record_urls


def is_sheet_check(rule):
    return rule.purpose_mask == PURPOSE_BITS[Purpose.SHEET_CHECK]


def duty_title(duty, today):
    """Returns a title like 10月驻点沟通, or 9月驻点沟通没有记录 when the duty is overdue."""
    period = period_label(duty.rule.period, duty.period_start)
    if duty.due_on >= today or duty.met_on:
        words = matter_with_period(duty.rule.period, duty.period_start, duty.rule.name)
    elif is_sheet_check(duty.rule):
        words = _("%(period)s信息表没有核对") % {"period": period}
    else:
        words = _("%(period)s%(matter)s没有记录") % {"period": period, "matter": duty.rule.name}
    if duty.owed > 1 and not duty.met_on:
        words += _("（%(met)d／%(owed)d次）") % {"met": duty.met, "owed": duty.owed}
    return words


def duty_note(duty, today):
    due = day_words(duty.due_on)
    if duty.due_on >= today:
        return [_("%(day)s前") % {"day": due}]
    can = _("可选“核对无变化”") if is_sheet_check(duty.rule) else _("可补记当时的日期")
    return [_("%(day)s到期") % {"day": due}, can]


def task_note(task):
    if task.origin == Task.Origin.FOLLOW_UP and task.raised_by:
        words = {"day": day_words(task.raised_by.contact_on), "channel": task.raised_by.get_channel_display()}
        return [_("%(day)s%(channel)s时答应的事") % words]
    if task.origin == Task.Origin.RETRY:
        return [_("您定在%(day)s前") % {"day": day_words(task.due_on)}]
    return [_("%(day)s前") % {"day": day_words(task.due_on)}]


def duty_button(duty, today):
    """Returns (label, URL) of the button of a duty."""
    if is_sheet_check(duty.rule):
        return _("核对"), record_urls.page_url("sheet_check", duty.stakeholder_id)
    prefilled = {"purpose": usual_purpose(duty.rule.purpose_mask)}
    if duty.due_on < today:
        period = {"since": duty.period_start.isoformat(), "until": duty.due_on.isoformat()}
        return _("补记"), log_address(duty.stakeholder_id, **prefilled, **period)
    return pgettext("beside a duty", "记一笔"), log_address(duty.stakeholder_id, **prefilled)


@cache
def usual_purpose(mask):
    """Returns the purpose preselected in the quick log for a rule that counts the purposes in `mask` (0: any)."""
    if not mask or mask & PURPOSE_BITS[Purpose.ORDINARY]:
        return Purpose.ORDINARY
    return next(purpose for purpose in Purpose if mask & PURPOSE_BITS[purpose])


def task_button(task, stakeholder):
    """Returns (label, URL) of the button of a task: a monthly form is printed, everything else is logged."""
    if task.origin == Task.Origin.MONTHLY_SHEET:
        return _("打印"), record_urls.month_paper_url(stakeholder, monthly.month_of_key(task.key))
    words = _("约时间") if task.origin == Task.Origin.REPORT else pgettext("beside a duty", "记一笔")
    return words, log_address(task.stakeholder_id, task=task.pk)


def without_period(href):
    """Returns the URL of a quick log without the past period, for a contact of today."""
    path, _mark, query = href.partition("?")
    params = [(name, value) for name, value in parse_qsl(query) if name not in {"since", "until"}]
    return f"{path}?{urlencode(params)}" if params else path


def log_address(stakeholder, **prefilled):
    """Returns the URL of the quick log of `stakeholder` (pk), with fields prefilled by the query string."""
    address = record_urls.page_url("quick_log_for", stakeholder)
    return f"{address}?{urlencode(prefilled)}" if prefilled else address
