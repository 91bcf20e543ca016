"""What stands on the timeline besides the contacts: each sort of event is a source, added by the app that keeps it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Cast

from accounts.registry import Registry

TEXT = CharField()
NOTHING = Value("", output_field=TEXT)
COLUMNS = ("day", "rank", "number", "what", "more", "words", "who")


@dataclass(frozen=True)
class Source:
    """One sort of event.

    `rank` places it within a day, the higher above, and stands in the addresses of older pages; no two have the same,
    and 1 is that of contacts. `tabs` are those besides 全部 on which it is shown ("file", "stage").
    `rows(asked)` takes a relations.timeline.events.TimelineQuery, which holds the record, the asker and the words looked for,
    and gives a queryset made by `as_events`, or None. `draw(place, what, more, words, who)` gives its
    relations.timeline.rows.TimelineRow.
    """

    rank: int
    rows: Callable
    draw: Callable
    tabs: tuple = ()


# Name: a Source.
SOURCES = Registry("sources of the timeline")


def sources_on(tab):
    """The sources shown on a tab: "all", or one that they name."""
    return [source for source in SOURCES.values() if tab == "all" or tab in source.tabs]


def source_of(rank):
    return next(source for source in SOURCES.values() if source.rank == rank)


def as_events(rows, day, rank, *, what=NOTHING, more=NOTHING, words=NOTHING, who=NOTHING):
    """The rows with the seven COLUMNS of an event, all texts of one type so that they can be put together."""
    return rows.order_by().annotate(
        day=day,
        rank=Value(rank, output_field=IntegerField()),
        number=F("pk"),
        what=Cast(what, TEXT),
        more=Cast(more, TEXT),
        words=Cast(words, TEXT),
        who=Cast(who, TEXT),
    )
