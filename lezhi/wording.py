"""Deadlines as text, the same on every page."""

from django.utils.translation import gettext, ngettext

from accounts.days import as_day, day_words, month_day, year_day_words

SOON_WORKING_DAYS = 5  # working days within which a due date turns amber


def due_words(due_on, today=None, workdays_left=None, met_on=None, provisional=False, paused=False):
    """Returns the state of a deadline and its text, as (state, text).

    `workdays_left` is a number of working days, negative once overdue. The states are met, paused, over, today, prov,
    soon and plain. Only met and paused have precedence over overdue.
    """
    if met_on:
        return "met", gettext("已完成 %(day)s") % {"day": month_day(met_on, today)}
    if paused:
        return "paused", gettext("暂停计时")
    if workdays_left is not None and (workdays_left < 0 or (due_on and today and due_on < as_day(today))):
        return "over", over_words(-workdays_left)
    if provisional:
        return "prov", provisional_words(due_on)
    if workdays_left is None and not (due_on and today and due_on == as_day(today)):
        return "plain", until_words(due_on)
    if not workdays_left:
        later = due_on and today and due_on > as_day(today)
        return ("soon", until_words(due_on)) if later else ("today", gettext("今天到期"))
    return "soon" if workdays_left <= SOON_WORKING_DAYS else "plain", left_words(workdays_left)


def until_words(due_on):
    return gettext("%(day)s到期") % {"day": day_words(due_on)} if due_on else gettext("没有期限")


def over_words(days):
    if not days:
        return gettext("已逾期")
    return ngettext("逾期%(days)d个工作日", "逾期%(days)d个工作日", days) % {"days": days}


def left_words(days):
    return ngettext("还有%(days)d个工作日", "还有%(days)d个工作日", days) % {"days": days}


def provisional_words(due_on):
    return gettext("%(day)s 暂定") % {"day": year_day_words(due_on)} if due_on else gettext("暂定")
