"""往来: the history of one record, newest first and paged, in five queries regardless of its size.

Contacts come from the log; all other events from one UNION of the sources (relations.timeline.sources). A position is
(day, rank of the source, pk), so that a page starts where the previous one ended.
"""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.query_cache import PreparedRows
from relations.models import Attachment, Interaction, Purpose, Stakeholder, TheirParticipant
from relations.parties.kinds import has_cycle
from relations.timeline.rows import CONTACT, TimelineCursor, build_rows
from relations.timeline.sources import COLUMNS, sources_on

PAGE_SIZE = 20
REPORTS = (Purpose.WORK_REPORT, Purpose.YEAR_END_REPORT)
FILTERS = ("all", "talk", "report", "urgent", "file", "stage")


@dataclass
class Timeline:
    """One page of the timeline; `older` is the cursor to older rows, or None."""

    stakeholder: object
    rows: list
    older: TimelineCursor | None
    only: str
    q: str
    is_first: bool = True

    @property
    def months(self):
        """(first day of the month, its rows) pairs."""
        return [
            (day, list(rows))
            for day, rows in groupby(self.rows, key=lambda row: row.place.day.replace(day=1))
        ]

    @property
    def tabs(self):
        words = dict(
            zip(FILTERS, (_("全部"), _("沟通"), _("工作汇报"), _("紧急"), _("文件"), _("阶段")), strict=True)
        )
        return [
            {"label": words[name], "href": self.address(only=name), "current": name == self.only}
            for name in FILTERS
            if name != "stage" or has_cycle(self.stakeholder.kind)
        ]

    @property
    def older_href(self):
        return self.address(before=str(self.older)) if self.older else ""

    def address(self, **changed):
        query = {"only": self.only, "q": self.q} | changed
        query = {name: value for name, value in query.items() if value and value != "all"}
        address = reverse("timeline", args=[self.stakeholder.pk])
        return f"{address}?{urlencode(query)}" if query else address


def parse_cursor(text):
    """Parses the TimelineCursor in a query string; None when there is no valid one."""
    day, _tilde, rest = (text or "").partition("~")
    rank, _tilde, pk = rest.partition("~")
    try:
        return TimelineCursor(date.fromisoformat(day), int(rank), int(pk))
    except ValueError:
        return None


def timeline_for(user, stakeholder, today, *, before=None, only="all", q="", size=PAGE_SIZE):
    """Returns the Timeline of `stakeholder`, limited to what `user` may see.

    `before` is a TimelineCursor, `only` one of FILTERS, `q` a search text.
    """
    only, q = only if only in FILTERS else "all", q.strip()[:60]
    filters = {"record": stakeholder.pk, "today": today, "only": only}
    if before is None and not q and size == PAGE_SIZE:
        contacts, events = CONTACTS(user, **filters), EVENTS(user, **filters)
    else:
        contacts, events = (
            list(build(user, **filters, before=before, q=q, size=size)) for build in (contacts_of, events_of)
        )
    rows = [(TimelineCursor(row.contact_on, CONTACT, row.pk), row) for row in contacts]
    rows += [(TimelineCursor(*row[:3]), row) for row in events]
    rows.sort(key=itemgetter(0), reverse=True)
    shown = rows[:size]
    return Timeline(
        stakeholder,
        build_rows(user, shown),
        shown[-1][0] if len(rows) > size else None,
        only,
        q,
        before is None,
    )


def contacts_of(user, record, today, only, *, before=None, q="", size=PAGE_SIZE):
    """Returns the contacts of one page, and one more."""
    return TimelineQuery(user, visible_record(user, record), today, before, only, q).contacts(size + 1)


def events_of(user, record, today, only, *, before=None, q="", size=PAGE_SIZE):
    """Returns the other events of one page, and one more, as (day, rank, pk, what, more, words, who) rows."""
    return TimelineQuery(user, visible_record(user, record), today, before, only, q).events(size + 1)


CONTACTS, EVENTS = PreparedRows(contacts_of), PreparedRows(events_of)


def visible_record(user, record):
    return Stakeholder.objects.visible_to(user).filter(pk=record).values("pk")


@dataclass(frozen=True)
class TimelineQuery:
    """The queries of one page; `visible_records` is a queryset of the record's pk, empty if `user` may not see it."""

    user: object
    visible_records: object
    today: date
    before: TimelineCursor | None
    only: str
    q: str

    def contacts(self, count):
        if self.only == "stage":
            return Interaction.objects.none()
        rows = Interaction.objects.visible_to(self.user).filter(stakeholder__in=self.visible_records)
        rows = self.earlier(self.of_kind(rows), "contact_on", CONTACT)
        if self.q:
            names = TheirParticipant.objects.filter(
                interaction=OuterRef("pk"), person__name__icontains=self.q
            )
            rows = rows.filter(Q(content__icontains=self.q) | Q(follow_up__icontains=self.q) | Exists(names))
        return rows.order_by("-contact_on", "-pk")[:count]

    def of_kind(self, rows):
        if self.only == "file":
            files = Attachment.objects.filter(interaction=OuterRef("pk"), withdrawn_at=None)
            return rows.filter(Exists(files))
        purposes = {"report": REPORTS, "urgent": (Purpose.URGENT,)}.get(self.only)
        if purposes:
            return rows.filter(purpose__in=purposes)
        return rows.contacts() if self.only == "talk" else rows

    def events(self, count):
        """Returns (day, rank, pk, what, more, words, who) rows of the events that are not contacts."""
        parts = [self.earlier(rows, "day", rank).values_list(*COLUMNS) for rank, rows in self.sources()]
        if not parts:
            return Attachment.objects.none()
        rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        return rows.order_by("-day", "-rank", "-number")[:count]

    def sources(self):
        """Returns (rank, queryset) of the sources shown under the filter."""
        querysets = [(source.rank, source.rows(self)) for source in sources_on(self.only)]
        return [(rank, rows) for rank, rows in querysets if rows is not None]

    def earlier(self, rows, day, rank):
        """Filters rows of `rank`, whose day is in the column `day`, to those older than `before`."""
        if self.before is None:
            return rows
        place = self.before
        if rank > place.rank:
            return rows.filter(**{f"{day}__lt": place.day})
        rows = rows.filter(**{f"{day}__lte": place.day})
        return rows.exclude(**{day: place.day, "pk__gte": place.pk}) if rank == place.rank else rows
