"""What a line about a record says: when it was last contacted, and the mark of what is owed."""

from django.utils.translation import gettext as _

from relations.models import Channel


def ago_words(days, channel):
    """3天前 面谈; 今天 微信."""
    if days is None:
        return _("还没有联系过")
    when = _("今天") if days <= 0 else _("%(days)d天前") % {"days": days}
    return f"{when} {Channel(channel).label}" if channel in Channel.values else when


def state_of(due_on, met_on, today, sunday):
    """met, over, soon (this week) or open."""
    if met_on:
        return "met"
    if due_on < today:
        return "over"
    return "soon" if due_on <= sunday else "open"
