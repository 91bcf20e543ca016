"""Sources of the timeline other than contacts: one for each type of event, registered by the app that stores it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Cast

from accounts.registry import Registry

TEXT = CharField()
EMPTY_TEXT = Value("", output_field=TEXT)
COLUMNS = ("day", "rank", "number", "what", "more", "words", "who")


@dataclass(frozen=True)
class TimelineSource:
    """One type of event.

    rank: order within a day, highest first; unique, part of the cursor of older pages; 1 is that of contacts
    rows: function of a relations.timeline.events.TimelineQuery that returns a queryset of `as_events`, or None
    build_row: function (place, what, more, words, who) that returns a relations.timeline.rows.TimelineRow
    tabs: tabs other than 全部 on which it is shown ("file", "stage")
    """

    rank: int
    rows: Callable
    build_row: Callable
    tabs: tuple = ()


# By name: a TimelineSource each.
SOURCES = Registry("sources of the timeline")


def sources_on(tab):
    """Returns the sources shown on a tab; "all" shows every source."""
    return [source for source in SOURCES.values() if tab == "all" or tab in source.tabs]


def source_of(rank):
    return next(source for source in SOURCES.values() if source.rank == rank)


def as_events(rows, day, rank, *, what=EMPTY_TEXT, more=EMPTY_TEXT, words=EMPTY_TEXT, who=EMPTY_TEXT):
    """Annotates `rows` with the seven COLUMNS of an event; all texts have one type, which the UNION requires."""
    return rows.order_by().annotate(
        day=day,
        rank=Value(rank, output_field=IntegerField()),
        number=F("pk"),
        what=Cast(what, TEXT),
        more=Cast(more, TEXT),
        words=Cast(words, TEXT),
        who=Cast(who, TEXT),
    )
