"""The rows of a list of stakeholders: the columns common to all kinds, and the marks of duties and tasks.

A page takes one query for the rows and one for their duties and tasks.
"""

from datetime import date

from django.db.models import Case, DateField, F, FilteredRelation, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from lists.paging import Order
from relations.duties.periods import week_of
from relations.lists.filters import in_force_condition
from relations.models import Channel, Duty, Task
from relations.models.cycle import stage_label
from relations.work.workbench import month_of

LONG_AGO_DAYS = 30  # without a contact, after which the date of an active stakeholder turns amber
NO_DAY = date(1, 1, 1)
AFTER_RULES = 999  # the place of tasks among the duties of a row: behind every rule
ORDERS = {
    "standing": Order("rank", int),
    "name": Order("pinyin"),
    "-name": Order("pinyin", descending=True),
    "last": Order("last_key", date.fromisoformat),
    "-last": Order("last_key", date.fromisoformat, descending=True),
}


def sort_keys(today):
    """Returns the annotations by which any list of stakeholders may be ordered; active ones come first (R33)."""
    return {
        "rank": Case(When(in_force_condition(today), then=0), default=1, output_field=IntegerField()),
        "last_key": Coalesce("last_contact_on", NO_DAY, output_field=DateField()),
    }


def with_people_and_stage(rows):
    """Annotates `rows` with the current main contact person (`main`) and the running cycle (`run`)."""
    main = FilteredRelation("contacts", condition=Q(contacts__is_main=True, contacts__left_on=None))
    run = FilteredRelation("cycles", condition=Q(cycles__ended_on=None))
    named = {"person": F("main__name"), "person_title": F("main__title"), "stage": F("run__stage")}
    return rows.annotate(main=main, run=run).annotate(**named)


def with_columns(rows, keys):
    """Adds to `rows` what any list of stakeholders shows, and the sort keys `keys` (a dict of annotations).

    Notes of caution are not loaded: a row only shows whether there is one.
    """
    has_caution = Case(When(~Q(caution=""), then=True), default=False)
    rows = with_people_and_stage(rows).annotate(**keys, has_caution=has_caution)
    return rows.select_related("responsible").defer("caution")


class Row:
    """One stakeholder as the list shows it to `user` on `today`.

    `marks` are the dots of its duties and tasks (see duty_marks); the record has the annotations of `with_columns`.
    """

    def __init__(self, record, marks, user, today):
        self.record, self.marks = record, marks
        self.is_active = getattr(record, "rank", 0) == 0  # a kind without terms has no rank: all are in force
        self.caution = record.has_caution and record.may_see_caution(user)
        self.stage = stage_words(record.stage, record.kind)
        self.person = f"{record.person} {record.person_title}".strip() if record.person else ""
        last = record.last_contact_on
        days = (today - last).days if last else None
        self.contact_words = ago_words(days, record.last_contact_channel)
        self.is_long_ago = self.is_active and (days is None or days > LONG_AGO_DAYS)


def ago_words(days, channel):
    """3天前 面谈; 今天 微信."""
    if days is None:
        return _("还没有联系过")
    when = _("今天") if days <= 0 else _("%(days)d天前") % {"days": days}
    return f"{when} {Channel(channel).label}" if channel in Channel.values else when


def stage_words(stage, kind):
    """5 执行, in the words of a kind of stakeholder."""
    return f"{stage[0]} {stage_label(stage, kind)}" if stage else "—"


def duty_marks(pks, today):
    """Returns {pk: marks}: duties and tasks due this month or overdue, in the order of the rules (R69-R77)."""
    (first, last), (_monday, sunday) = month_of(today), week_of(today)
    marks_by_pk = {}
    for pk, place, what, due_on, met_on in due_lines(pks, first, last, today):
        marks_by_pk.setdefault(pk, {}).setdefault((place, what, due_on >= first), (due_on, met_on))
    return {
        pk: [{"state": mark_state(due, met, today, sunday)} for _key, (due, met) in sorted(marks.items())]
        for pk, marks in marks_by_pk.items()
    }


def due_lines(pks, first, last, today):
    """Returns the duties and tasks of these stakeholders due this month, or overdue; latest due date first.

    Rows are (stakeholder pk, position, pk of the rule or task, due date, date done or None).
    """
    now = Q(due_on__gte=first, due_on__lte=last)
    shown = ("stakeholder_id", "place", "what", "due_on", "done")
    duties = Duty.objects.filter(now | Q(met_on=None, due_on__lt=today), stakeholder__in=pks)
    tasks = Task.objects.filter(dropped_at=None, stakeholder__in=pks).filter(
        now | Q(done_at=None, due_on__lt=today)
    )
    return (
        duties.order_by()
        .annotate(place=F("rule__position"), what=F("rule_id"), done=F("met_on"))
        .values_list(*shown)
        .union(
            tasks.order_by()
            .annotate(place=Value(AFTER_RULES), what=F("id"), done=F("done_on"))
            .values_list(*shown),
            all=True,
        )
        .order_by("-due_on")
    )


def mark_state(due_on, met_on, today, sunday):
    """Returns "met", "over" (overdue), "soon" (due this week) or "open"."""
    if met_on:
        return "met"
    if due_on < today:
        return "over"
    return "soon" if due_on <= sunday else "open"
