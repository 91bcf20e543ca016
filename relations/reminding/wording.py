"""Titles of reminders. They are stored in Chinese."""

from django.utils.translation import gettext as _

from accounts.days import near_day_words
from relations.duties.periods import period_label
from relations.models import Period


def duty_words(name, period, period_start, due_on, today):
    """Returns a text like 10月驻点沟通，10月31日到期; if overdue, like 9月驻点沟通没有记录，9月30日已到期."""
    words = {"period": period_words(period, period_start, today), "matter": name}
    what = _("%(period)s%(matter)s") % words
    if due_on < today:
        return _("%(what)s没有记录，%(day)s已到期") % {"what": what, "day": near_day_words(due_on, today)}
    return _("%(what)s，%(day)s到期") % {"what": what, "day": near_day_words(due_on, today)}


def task_words(due_on, today):
    """Returns a text like ，10月31日到期, which is appended to the title of a task."""
    if due_on < today:
        return _("，%(day)s已到期") % {"day": near_day_words(due_on, today)}
    return _("，%(day)s到期") % {"day": near_day_words(due_on, today)}


def carrier_words():
    """Returns the end of the title of an escalated reminder, ，负责人林芳, as the texts before and after the name."""
    before, after = _("，负责人%s").split("%s")
    return before, after


def period_words(period, period_start, today):
    """Returns a text like 10月, with the year if it is not that of `today`."""
    words = period_label(period, period_start)
    if period_start.year == today.year or period == Period.YEAR:
        return words
    return _("%(year)d年%(words)s") % {"year": period_start.year, "words": words}
