"""The data of the page of one record of any kind, in as few queries as possible."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import DateField, Exists, F, OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts.days import day_words, year_day_words
from accounts.query_cache import PreparedRows
from relations.duties.periods import matter_with_period, period_label, period_of, week_of
from relations.inner_rows import InnerRows, rows_as_objects
from relations.lists.rows import ago_words, mark_state
from relations.models import (
    Attachment,
    ContactPerson,
    Duty,
    Interaction,
    Outcome,
    Period,
    Purpose,
    StandingSpan,
    Task,
    TheirParticipant,
)
from relations.models.stakeholder import NO_END, level_choices
from relations.parties import panels
from relations.parties.kinds import KINDS
from relations.parties.standing import merge_spans
from relations.work import wording as work_words
from reminders.models import Parameter

SCOPES = ("now", "quarter", "year", "past")
MAX_PAST_LINES = 60


def records_for(user, kind, today):
    """Returns the records of a kind visible to `user`, with all that their page shows, in one query."""
    spec = KINDS[kind]
    own = {"stakeholder": OuterRef("pk")}
    rows = spec.model.objects.visible_to(user).annotate(
        is_active=Exists(StandingSpan.objects.running_on(today).filter(**own)), people_rows=people_rows(own)
    )
    if spec.terms:
        rows = rows.annotate(term_rows=term_rows(spec, own))
        if spec.terms.notice_number:
            notice = Parameter.objects.value_expression(spec.terms.notice_number, today)
            rows = rows.annotate(notice_days=notice)
    if spec.record.annotate:
        rows = rows.annotate(**spec.record.annotate(own, today))
    return rows.select_related("responsible", "department", "caution_by", "created_by")


def last_check(own, today):
    """Returns annotations of the last check of the information sheet: day, user and content (R69)."""
    checks = Interaction.objects.counting().filter(**own, purpose=Purpose.SHEET_CHECK)
    last = checks.order_by("-contact_on", "-pk")
    return {
        "checked_on": Subquery(last.values("contact_on")[:1]),
        "checked_by": Subquery(last.values("entered_by__name")[:1]),
        "checked_words": Subquery(last.values("content")[:1]),
    }


def people_rows(own):
    """Returns InnerRows of the current contact persons, with the day of the last contact with each."""
    talks = TheirParticipant.objects.filter(
        person=OuterRef("pk"), interaction__withdrawn_at=None, interaction__outcome=Outcome.REACHED
    )
    last = Subquery(
        talks.order_by("-interaction__contact_on").values("interaction__contact_on")[:1],
        output_field=DateField(),
    )
    names = ("pk", "name", "title", "level", "phone", "email", "wechat", "is_main", "caution", "note")
    return InnerRows(
        ContactPerson.objects.current().filter(**own), **{name: F(name) for name in names}, talked_on=last
    )


def term_rows(spec, own):
    """Returns InnerRows of the valid terms, newest first, with the newest `scan` (pk) and `scan_name` of each."""
    newest = Attachment.objects.filter(term=OuterRef("pk"), withdrawn_at=None).order_by("-pk")
    names = ("pk", "starts_on", "ends_on", "ended_on", "last_day", "end_reason")
    names = dict.fromkeys((*names, *spec.terms.shown_fields, *spec.record.term_fields))
    return InnerRows(
        spec.terms.model.objects.valid().filter(**own).order_by("-starts_on", "-pk"),
        **{name: F(name) for name in names},
        scan=Subquery(newest.values("pk")[:1]),
        scan_name=Subquery(newest.values("name")[:1]),
    )


def with_tasks(records, user, scope, today):
    """Annotates the tasks in the tab `scope` of 应尽事项, and the data of the panels of other apps for `user`."""
    tasks = Task.objects.filter(stakeholder=OuterRef("pk"), dropped_at=None).order_by("due_on", "pk")
    if scope == "past":
        tasks = tasks.filter(done_at__isnull=False).order_by("-done_on")[:MAX_PAST_LINES]
    elif scope == "now":
        tasks = tasks.open()
    else:
        span = span_of(scope, today)
        tasks = tasks.filter(due_on__gte=span.starts_on, due_on__lte=span.ends_on)
    names = ("pk", "key", "origin", "title", "clause", "due_on", "done_on", "is_provisional")
    fields = {name: F(name) for name in names} | {"stakeholder_id": F("stakeholder"), "who": F("owner__name")}
    return records.annotate(task_rows=InnerRows(tasks, **fields), **panels.annotations(user))


RECORD = PreparedRows(
    lambda user, kind, pk, scope, today: with_tasks(
        records_for(user, kind, today), user, scope, today
    ).filter(pk=pk)
)


def span_of(scope, today):
    return period_of(Period.QUARTER if scope == "quarter" else Period.YEAR, today)


@dataclass
class DutyLine:
    """One line of 应尽事项: a duty or a task."""

    state: str
    title: str
    who: str
    clause: str
    due_on: object
    left: int
    met: int
    owed: int
    met_on: object
    is_provisional: bool
    button: str
    href: str
    is_check: bool = False


@dataclass
class DutyTab:
    """The lines of one tab; `scope` is one of SCOPES."""

    scope: str
    lines: list = field(default_factory=list)

    @property
    def done(self):
        return sum(1 for line in self.lines if line.met_on)

    @property
    def check(self):
        """The line of this quarter's check of the information sheet, if it is not overdue."""
        return next((line for line in self.lines if line.is_check and line.left >= 0), None)


def duties_owed(user, record, scope, today):
    """Returns the duties of `record` (a pk) in the tab `scope` of 应尽事项."""
    duties = Duty.objects.filter(stakeholder=record).select_related("rule", "owner")
    if scope == "past":
        return duties.filter(due_on__lt=today).order_by("-due_on", "rule__position")[:MAX_PAST_LINES]
    if scope == "now":
        current = duties.filter(period_start__lte=today, due_on__gte=today)
        return (current | duties.overdue_on(today)).order_by("due_on", "rule__position")
    span = span_of(scope, today)
    return duties.due_between(span.starts_on, span.ends_on)


DUTIES = PreparedRows(duties_owed)


def duties_of(user, record, scope, today, calendar):
    """Returns the DutyTab of `record` (from `with_tasks`) for `scope`, in one query."""
    sunday = week_of(today)[1]
    duties = DUTIES(user, record=record.pk, scope=scope, today=today)
    lines = [duty_line(duty, today, sunday, calendar) for duty in duties]
    lines += [task_line(task, record, today, sunday, calendar) for task in rows_as_objects(record.task_rows)]
    lines.sort(key=lambda line: line.due_on, reverse=scope == "past")
    return DutyTab(scope, lines)


def duty_line(duty, today, sunday, calendar):
    button, href = work_words.duty_button(duty, today)
    return DutyLine(
        state=mark_state(duty.due_on, duty.met_on, today, sunday),
        title=matter_with_period(duty.rule.period, duty.period_start, duty.rule.name),
        who=duty.owner.name if duty.owner else "",
        clause=duty.rule.clause,
        due_on=duty.due_on,
        left=calendar.working_days_between(today, duty.due_on),
        met=min(duty.met, duty.owed),
        owed=duty.owed,
        met_on=duty.met_on,
        is_provisional=calendar.is_provisional(duty.due_on),
        button=button,
        href=href,
        is_check=work_words.is_sheet_check(duty.rule),
    )


def task_line(task, record, today, sunday, calendar):
    button, href = work_words.task_button(task, record)
    return DutyLine(
        state=mark_state(task.due_on, task.done_on, today, sunday),
        title=task.title,
        who=task.who or "",
        clause=task.clause,
        due_on=task.due_on,
        left=calendar.working_days_between(today, task.due_on),
        met=1 if task.done_on else 0,
        owed=1,
        met_on=task.done_on,
        is_provisional=bool(task.is_provisional),
        button=button,
        href=href,
    )


def tabs(scope, today):
    """Returns the tabs of 应尽事项."""
    words = {
        "now": _("本期"),
        "quarter": period_label(Period.QUARTER, period_of(Period.QUARTER, today).starts_on),
        "year": period_label(Period.YEAR, period_of(Period.YEAR, today).starts_on),
        "past": _("历史"),
    }
    return [
        {"href": f"?duties={name}#duties", "label": words[name], "current": name == scope} for name in SCOPES
    ]


def people_of(record):
    """Returns the current contact persons of a record from `records_for`."""
    people, labels = rows_as_objects(record.people_rows), dict(level_choices())
    for person in people:
        person.level_words = labels[person.level]
    return people


def terms_of(record):
    """Returns the valid terms of a record from `records_for`, newest first."""
    return rows_as_objects(getattr(record, "term_rows", None))


@dataclass
class Standing:
    """潜在 or 显在, today and in the past, according to the terms (R29-R32, R37)."""

    is_active: bool
    words: str
    current: object = None
    days_left: int | None = None
    others: list = field(default_factory=list)
    changes: list = field(default_factory=list)
    ended_on: object = None


def standing_of(terms, today, term_spec):
    """Returns the Standing on `today` according to the valid `terms`; `term_spec` is their TermSpec."""
    running = [one for one in terms if one.starts_on <= today <= effective_end(one)]
    current = max(running, key=effective_end, default=None)
    spans = merge_spans((one.starts_on, one.last_day) for one in terms)
    span = next((span for span in spans if span[0] <= today <= span[1]), None)
    past_ends = [last for _first, last in spans if last < today]
    shown = current or next(iter(terms), None)
    return Standing(
        is_active=current is not None,
        words=standing_words(span, spans, today, term_spec),
        current=shown,
        days_left=(shown.last_day - today).days if shown and shown.last_day else None,
        others=[one for one in terms if one is not shown],
        changes=changes_of(spans, today),
        ended_on=past_ends[-1] if past_ends and span is None else None,
    )


def effective_end(term):
    return term.last_day or NO_END


def standing_words(span, spans, today, term_spec):
    term_label = term_spec.label
    if span and span[1] == NO_END:
        return _("%s期内，没有约定结束日期") % term_label
    if span:
        return _("%(term)s期内，至%(day)s") % {"term": term_label, "day": year_day_words(span[1])}
    coming = [first for first, _last in spans if first > today]
    if coming:
        return _("%(term)s从%(day)s起") % {"term": term_label, "day": year_day_words(coming[0])}
    if spans:
        return _("%(term)s已于%(day)s到期") % {"term": term_label, "day": year_day_words(spans[-1][1])}
    return _("还没有签过%s") % term_spec.word


def changes_of(spans, today):
    """Returns the changes of standing until today, newest first (R32): dicts of "on" and "is_active"."""
    changes = []
    for first, last in spans:
        changes.append({"on": first, "is_active": True})
        changes.append({"on": last + timedelta(days=1), "is_active": False})
    return [change for change in reversed(changes) if change["on"] <= today]


def last_contact_words(record, today):
    """Returns text such as 10月9日（3天前 面谈）."""
    if not record.last_contact_on:
        return _("还没有联系过")
    ago = ago_words((today - record.last_contact_on).days, record.last_contact_channel)
    return _("%(day)s（%(ago)s）") % {"day": day_words(record.last_contact_on), "ago": ago}
