"""Acts on stakeholders of every kind: registering, handing over, reminding, taking back what was entered in error."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import EditConflict
from accounts.stamps import stamp_of
from relations import bulk
from relations.cycle import lifecycle
from relations.duties import settlement as duties
from relations.models import HandOver, SavedView, Stakeholder, Task
from relations.parties.kinds import KINDS
from relations.parties.people import keep_person
from relations.reminding.raising import readdress
from relations.reminding.stale_reminders import close_unseen
from relations.search.index import index
from relations.work.tasks_due import end


def number_of(kind, pk):
    """The number a record is called by: YR-0042; a kind whose app does not exist yet is called by its own letters."""
    prefix = KINDS[kind].prefix if kind in KINDS else kind[:2].upper()
    return f"{prefix}-{pk:04d}"


@transaction.atomic
def register(stakeholder, *, by, today, **first_contact):
    """Saves a new stakeholder of any kind with its number, its search tokens and its first cycle, if its kind has one.

    `first_contact` are fields of stage 1 of the Cycle (R15-R16). The department follows the responsible worker
    when none is given.
    """
    stakeholder.created_by = by
    stakeholder.watched_from = stakeholder.watched_from or today
    if stakeholder.department_id is None and stakeholder.responsible:
        stakeholder.department = stakeholder.responsible.department
    stakeholder.save()
    number = number_of(stakeholder.kind, stakeholder.pk)
    Stakeholder.objects.filter(pk=stakeholder.pk).update(number=number)
    stakeholder.number = number
    index([stakeholder])
    if stakeholder.kind not in KINDS or KINDS[stakeholder.kind].has_cycle:
        lifecycle.begin(stakeholder, by=by, today=today, **first_contact)
    return stakeholder


def enrol(stakeholder, *, by, today, first_contact, person=None):
    """Registers a new stakeholder with its first contact (R15-R16) and its first liaison, who is the main one (R41).

    A `token` that was used before gives the record registered then: a double submit makes one record.
    """
    try:
        with transaction.atomic():
            register(stakeholder, by=by, today=today, **first_contact)
            if person is not None:
                person.stakeholder = stakeholder
                keep_person(person)
    except IntegrityError:
        same = type(stakeholder).objects.filter(token=stakeholder.token, token__isnull=False, created_by=by)
        before = same.first()
        if before is None:
            raise
        return before
    return stakeholder


@transaction.atomic
def follow_sight(stakeholder, *, today):
    """After the department or the mark of confidentiality changed: duties and reminders go to those who may see it."""
    duties.rederive([stakeholder.pk], today)
    readdress(today, stakeholders=[stakeholder.pk])


@transaction.atomic
def hand_over(stakeholders, *, to, by, today, seen=None):
    """Gives relationships (a queryset within the sight of `by`) to another worker, with open tasks and duties.

    They go to the taker's department; of a taker without one (a director) they stay where they are.

    The rows are locked first: of two who give the same record away, the second one's log names the first one's taker.
    Each row that moves counts a version with its history, so that a form left open gives nothing back. `seen` is what
    `holders_stamp` gave for what the person was shown, None for a program; raises EditConflict when it is old.
    """
    chosen = list(stakeholders.values_list("pk", flat=True))
    held = Stakeholder.objects.select_for_update(no_key=True).filter(pk__in=chosen).order_by("pk")
    before = list(held.values_list("pk", "responsible_id"))
    if seen is not None and seen != stamp_of(*before):
        raise EditConflict
    moved = [(pk, responsible) for pk, responsible in before if responsible != to.pk]
    pks = [pk for pk, _giver in moved]
    hand_over_tasks(pks, to, by)
    Stakeholder.objects.filter(pk__in=pks).update(
        responsible=to,
        department=to.department_id or F("department"),
        updated_at=timezone.now(),
        version=F("version") + 1,
    )
    bulk.add([HandOver(stakeholder_id=pk, giver_id=giver, taker=to, on=today, by=by) for pk, giver in moved])
    keep_history(pks, by)
    duties.rederive(pks, today)
    readdress(today, stakeholders=pks)
    return len(pks)


def hand_over_tasks(pks, to, by):
    """The open tasks of whoever was responsible go along, each with its history."""
    theirs = Task.objects.open().filter(stakeholder__in=pks, owner=F("stakeholder__responsible"))
    tasks = list(theirs.values_list("pk", flat=True))
    if tasks:
        Task.objects.filter(pk__in=tasks).update(owner=to)
        bulk.record(Task, tasks, kind="~", by=by, reason=_("转交"))


def holders_stamp(stakeholders):
    """What identifies who holds which of these records now (accounts.stamps)."""
    return stamp_of(*stakeholders.order_by("pk").values_list("pk", "responsible_id"))


def keep_history(pks, by):
    """The records as they stand now go into the history of their kind."""
    for spec in KINDS.values():
        bulk.record(spec.model, pks, kind="~", by=by, reason=_("转交"))


@transaction.atomic
def void(stakeholder, *, by, reason, today):
    """Marks a record as entered in error: it is seen no more and owes nothing, and is not deleted.

    Of two who mark it at once the first one's name and reason stand.
    """
    unmarked = Stakeholder.objects.filter(pk=stakeholder.pk, voided_at=None)
    if not unmarked.update(voided_at=timezone.now(), voided_by=by, void_reason=reason):
        return
    duties.rederive([stakeholder.pk], today)
    end(Task.objects.filter(stakeholder=stakeholder.pk), dropped_at=timezone.now(), drop_reason=reason)
    close_unseen(today, stakeholders=[stakeholder.pk])


def keep_view(owner, page, name, query):
    """Saves a filter of `page` under `name`; the same name again replaces it."""
    return SavedView.objects.update_or_create(owner=owner, page=page, name=name, defaults={"query": query})[0]
