"""The end of a term in words: 还有63天."""

from django.utils.translation import gettext, ngettext


def end_words(days_left, soon):
    """Returns the state and the text of the end of a term, as (state, text).

    `days_left` and `soon`, from which the end is shown as near, count calendar days.
    """
    if days_left < 0:
        return "plain", gettext("已到期")
    if days_left == 0:
        return "today", gettext("今天到期")
    words = ngettext("还有%(days)d天", "还有%(days)d天", days_left) % {"days": days_left}
    return "soon" if days_left <= soon else "plain", words
