"""Actions on terms (contracts, agreements) of a stakeholder: create, update, end early, void (R31-R32, R67)."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused
from accounts.locking import lock_with_parents
from accounts.roles import Permission
from relations.files.attachments import atomic_with_files, attach
from relations.parties import standing
from relations.parties.kinds import KINDS
from reminders.models import Parameter

DAY = timedelta(days=1)


def term_spec_of(term):
    """Returns the TermSpec of the kind of the stakeholder of `term`."""
    return KINDS[term.stakeholder.kind].terms


def create_term(term, *, by, today):
    """Registers a new term (R67) and updates standing and duties (R32).

    Raises ActionRefused when `TermSpec.before_saving` does, for instance for a number registered a moment ago.
    """
    term.created_by = by
    return update_term(term, today=today)


@transaction.atomic
def update_term(term, *, today):
    """Saves a changed term; updates standing and duties. Raises ActionRefused like `create_term`."""
    check = term_spec_of(term).before_saving
    if check and term.voided_at is None:
        check(term)
    term.save()
    standing.update_standing([term.stakeholder_id], today)
    return term


@transaction.atomic
def end_term_early(term, *, ended_on, reason, by, today):
    """Ends a term early, or one without an end; the stakeholder is prospective from the next day on (R30-R32).

    Raises ActionRefused when the day is outside the term, or the term is already ended or voided.
    """
    word = term_spec_of(term).word
    term = lock_with_parents(type(term).objects.all()).get(pk=term.pk)
    if term.ended_on or term.voided_at:
        raise ActionRefused(_("这份%s已经终止或作废。") % word)
    if term.ends_on is None and ended_on < term.starts_on:
        words = {"term": word, "first": term.starts_on}
        raise ActionRefused(_("终止日期不能早于%(term)s开始（%(first)s）。") % words)
    if term.ends_on and not term.starts_on <= ended_on <= term.ends_on:
        words = {"term": word, "first": term.starts_on, "last": term.ends_on}
        raise ActionRefused(_("终止日期要在%(term)s期内（%(first)s至%(last)s）。") % words)
    term.ended_on, term.end_reason = ended_on, reason
    return save_next_version(term, reason, today)


def notice_days(spec, today):
    """Returns how many days before its end a term is shown as near; 0 for a kind that declares no such number."""
    return Parameter.objects.value_on(spec.notice_number, today) if spec.notice_number else 0


def may_void(term, user):
    """Whether `user` may void the term: whoever changes terms of its kind and approves."""
    return term.stakeholder.may(user, term_spec_of(term).permission) and user.may(Permission.APPROVE)


@transaction.atomic
def void_term(term, *, reason, by, today):
    """Marks a term as entered in error, for leaders only; it no longer counts, but is not deleted.

    Raises PermissionDenied, or ActionRefused when it is already voided.
    """
    spec = term_spec_of(term)
    if not may_void(term, by):
        raise PermissionDenied
    term = lock_with_parents(type(term).objects.all()).get(pk=term.pk)
    if term.voided_at:
        raise ActionRefused(_("这份%s已经作废。") % spec.word)
    term.voided_at, term.void_reason = timezone.now(), reason
    return save_next_version(term, reason, today)


def save_next_version(term, reason, today):
    """Saves the term with the next version, and the reason in the history."""
    term.version += 1
    term._change_reason = reason[:100]
    return update_term(term, today=today)


@atomic_with_files()
def attach_scans(pairs, term, by):
    """Stores checked files, (file, content type) pairs, as attachments of a term."""
    for file, content_type in pairs:
        attach(file, stakeholder=term.stakeholder, by=by, content_type=content_type, term=term)


def renewed_term_values(term, renewed):
    """Returns the initial values of a renewal: the fields `renewed`, and dates that follow on with the same length."""
    return {name: getattr(term, name) for name in renewed} | renewed_days(term)


def renewed_days(term):
    """Returns the dates of a renewal; {} for a term without end, which needs none."""
    if term.last_day is None:
        return {}
    first = term.last_day + DAY
    if term.ends_on is None:
        return {"starts_on": first}
    years = whole_years(term.starts_on, term.ends_on)
    last = years_later(first, years) - DAY if years else first + (term.ends_on - term.starts_on)
    return {"starts_on": first, "ends_on": last}


def whole_years(first, last):
    """Returns the number of years from `first` to `last` if it is a whole number, else 0."""
    years = (last + DAY).year - first.year
    return years if years > 0 and years_later(first, years) == last + DAY else 0


def years_later(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, month=3, day=1)
