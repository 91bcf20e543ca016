"""The days until a deadline, as a strip and as sentences (R139-R140, R440)."""

from itertools import groupby

from django.utils.translation import gettext as _

from accounts.days import day_words, in_chinese, span_words, weekday_words
from reminders.calendar.workdays import DayKind

STRIP_KINDS = {
    DayKind.RECEIPT: "zero",
    DayKind.WORKING: "work",
    DayKind.MAKE_UP: "made_up",
    DayKind.WEEKEND: "off",
    DayKind.HOLIDAY: "off",
}


def strip_days(notes, due=()):
    """Converts the DayNotes of Calendar.explain for the tag `day_strip`; `due` are the dates marked 到期."""
    return [
        {
            "on": note.day,
            "kind": STRIP_KINDS[note.kind],
            "number": abs(note.number) if note.number else None,
            "note": short_name(note.name) if note.kind == DayKind.HOLIDAY else "",
            "due": note.day in due,
            "provisional": note.provisional,
        }
        for note in notes
    ]


def short_name(name):
    """国庆 for 国庆节 and for 国庆节、中秋节: a cell of the strip has room for two characters."""
    name = str(name).split("、")[0]
    return name.removesuffix("节") if len(name) > 2 else name


def day_text(day):
    """10月13日周二; in English Tue 2026-10-13."""
    if in_chinese():
        return day_words(day) + weekday_words(day)
    return f"{weekday_words(day)} {day:%Y-%m-%d}"


def explanation(notes):
    """Sentences that explain the deadline: day of receipt, days skipped, make-up days counted, and the result."""
    first, last = (notes[0], notes[-1]) if notes[0].kind == DayKind.RECEIPT else (notes[-1], notes[0])
    sentences = [_("%(day)s收到，当天不计。") % {"day": day_text(first.day)}]
    parts = skipped_words(notes) + make_up_words(notes)
    if parts:
        sentences.append(_("；").join(parts) + _("。"))
    if last is not first:
        sentences.append(result_words(last))
    if last.provisional:
        sentences.append(_("%d年的放假通知还没有公布，这个日期是暂定的。") % last.day.year)
    return "".join(sentences)


def skipped_words(notes):
    """Texts such as 国庆节10月1日—7日放假，跳过7天 for each holiday, and one for all weekends together."""
    words = []
    for is_holiday, run in groupby(notes, key=lambda note: note.kind == DayKind.HOLIDAY):
        if is_holiday:
            days = list(run)
            names = _("、").join(dict.fromkeys(str(note.name) for note in days))
            values = {"name": names, "span": span_words(days[0].day, days[-1].day), "count": len(days)}
            words.append(_("%(name)s%(span)s放假，跳过%(count)d天") % values)
    weekend = sum(note.kind == DayKind.WEEKEND for note in notes)
    return words + ([_("周末跳过%d天") % weekend] if weekend else [])


def make_up_words(notes):
    days = [note.day for note in notes if note.kind == DayKind.MAKE_UP]
    return [_("%s调休上班，算1天") % day_text(day) for day in days]


def result_words(last):
    values = {"number": abs(last.number), "day": day_text(last.day)}
    if last.number > 0:
        return _("所以第%(number)d个工作日是%(day)s。") % values
    return _("所以往前第%(number)d个工作日是%(day)s。") % values
