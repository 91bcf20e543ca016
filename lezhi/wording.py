"""Dates, distances and masks in words, in Chinese or in English, the same on every screen."""

from datetime import datetime

from django.utils import dateformat, timezone
from django.utils.translation import get_language, gettext, ngettext

WEEKDAYS = "一二三四五六日"
SOON = 5  # working days within which a due date turns amber
CONTRACT_SOON = 60  # days within which the end of a contract turns amber
TWO_SIGN_SURNAMES = tuple(
    "欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 令狐 司徒 慕容 端木 长孙 宇文 司空".split()
)


def in_chinese():
    return (get_language() or "zh").startswith("zh")


def as_day(value):
    """The date of a date or a moment, in Shanghai."""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def day_words(value):
    """10月12日; in English 12 Oct."""
    day = as_day(value)
    return f"{day.month}月{day.day}日" if in_chinese() else dateformat.format(day, "j M")


def full_day_words(value):
    """2026年10月12日 周一; in English Mon 12 Oct 2026."""
    day = as_day(value)
    if in_chinese():
        return f"{day.year}年{day_words(day)} {weekday_words(day)}"
    return dateformat.format(day, "D j M Y")


def year_day_words(value):
    """2027年1月6日; in English 6 Jan 2027."""
    day = as_day(value)
    return f"{day.year}年{day_words(day)}" if in_chinese() else dateformat.format(day, "j M Y")


def weekday_words(value):
    """周一; in English Mon."""
    day = as_day(value)
    return f"周{WEEKDAYS[day.weekday()]}" if in_chinese() else dateformat.format(day, "D")


def month_day(value, today=None):
    """10-12, or 2027-01-06 when the year is not that of `today`, for columns."""
    day = as_day(value)
    return f"{day:%m-%d}" if today and day.year == as_day(today).year else f"{day:%Y-%m-%d}"


def masked_name(value):
    """陈**: the surname and two stars, whatever the length."""
    name = (value or "").strip()
    if not name:
        return ""
    return f"{name[:2] if len(name) > 2 and name.startswith(TWO_SIGN_SURNAMES) else name[:1]}**"


def masked_phone(value):
    """137****6021; a number of fewer than eight digits becomes stars altogether."""
    digits = "".join(sign for sign in value or "" if sign.isdigit())
    if len(digits) < 8:
        return "****" if digits else ""
    return f"{digits[:3]}****{digits[-4:]}"


def due_words(due_on, today=None, workdays_left=None, met_on=None, provisional=False, paused=False):
    """The state of a deadline and its words, as (state, words).

    `workdays_left` counts working days, negative once overdue. The states are met, paused, over, today, prov, soon
    and plain. Only what is met or paused outranks what is overdue.
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
    return "soon" if workdays_left <= SOON else "plain", left_words(workdays_left)


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


def contract_words(days_left, soon=CONTRACT_SOON):
    """The state and words of a contract's end, counted in days."""
    if days_left < 0:
        return "plain", gettext("已到期")
    if days_left == 0:
        return "today", gettext("今天到期")
    words = ngettext("还有%(days)d天", "还有%(days)d天", days_left) % {"days": days_left}
    return "soon" if days_left <= soon else "plain", words
