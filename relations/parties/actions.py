"""Actions on stakeholders of all kinds: registering, handing over, voiding; saved views of lists."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.approvals.assignment import resolve_roles_about
from accounts.exceptions import ActionRefused, EditConflict
from accounts.stamps import stamp_of
from accounts.stored_texts import stored_in_chinese
from relations import bulk
from relations.cycle import lifecycle
from relations.duties import settlement as duties
from relations.models import HandOver, SavedView, Stakeholder, Task
from relations.parties.kinds import KINDS, has_cycle
from relations.parties.own_right import seen_in_own_right_by
from relations.parties.people import save_person
from relations.reminding.raising import reassign_reminders
from relations.reminding.stale_reminders import close_stale_reminders
from relations.search.index import index
from relations.work.tasks_due import close_tasks

MAX_NAMED = 5


def number_of(kind, pk):
    """Returns the number of a record: YR-0042. The prefix of a kind without an app is its first two letters."""
    prefix = KINDS[kind].prefix if kind in KINDS else kind[:2].upper()
    return f"{prefix}-{pk:04d}"


def first_department(worker, by):
    """Returns the department of a new record: that of its responsible worker, else of the user who registers it."""
    return worker.department if worker else by.department


@transaction.atomic
def register_stakeholder(stakeholder, *, by, today, **first_contact):
    """Saves a new stakeholder of any kind with its number, its search tokens and its first cycle, if its kind has one.

    `first_contact` are fields of stage 1 of the Cycle (R15-R16). Without a department it gets its `first_department`.
    """
    stakeholder.created_by = by
    stakeholder.watched_from = stakeholder.watched_from or today
    if stakeholder.department_id is None:
        stakeholder.department = first_department(stakeholder.responsible, by)
    stakeholder.save()
    number = number_of(stakeholder.kind, stakeholder.pk)
    Stakeholder.objects.filter(pk=stakeholder.pk).update(number=number)
    stakeholder.number = number
    index([stakeholder])
    if has_cycle(stakeholder.kind):
        lifecycle.start_cycle(stakeholder, by=by, today=today, **first_contact)
    return stakeholder


def register_with_first_contact(stakeholder, *, by, today, first_contact, person=None):
    """Registers a new stakeholder with its first contact (R15-R16) and its first liaison, who is the main one (R41).

    Returns the record registered earlier when its `token` was used before: a double submit creates one record.
    """
    try:
        with transaction.atomic():
            register_stakeholder(stakeholder, by=by, today=today, **first_contact)
            if person is not None:
                person.stakeholder = stakeholder
                save_person(person)
    except IntegrityError:
        same = type(stakeholder).objects.filter(token=stakeholder.token, token__isnull=False, created_by=by)
        existing = same.first()
        if existing is None:
            raise
        return existing
    return stakeholder


@transaction.atomic
def after_visibility_change(stakeholder, *, today):
    """Reassigns duties and reminders, after a change of department or confidentiality, to users who see the record."""
    duties.rederive([stakeholder.pk], today)
    reassign_reminders(today, stakeholders=[stakeholder.pk])
    resolve_roles_about([stakeholder.pk])


@transaction.atomic
def hand_over(stakeholders, *, to, by, today, seen=None):
    """Hands relationships (a queryset of those that `by` holds) over to another worker, with open tasks and duties.

    They move to the new worker's department; if the worker has none (a director), they stay in theirs. Returns the
    number of records that changed hands.

    The rows are locked first, so that of two concurrent hand-overs the second logs the first one's worker as giver.
    Each changed row gets a new version and history, so that forms opened before cannot undo the hand-over. `seen` is
    the `responsible_stamp` of the records as shown to the user, or None without a form; raises EditConflict when it is
    outdated.
    """
    chosen = list(stakeholders.values_list("pk", flat=True))
    locked = Stakeholder.objects.select_for_update(no_key=True).filter(pk__in=chosen).order_by("pk")
    before = list(locked.values_list("pk", "responsible_id"))
    if seen is not None and seen != stamp_of(*before):
        raise EditConflict
    refuse_those_lost(stakeholders, chosen)
    moved = [(pk, responsible) for pk, responsible in before if responsible != to.pk]
    pks = [pk for pk, _giver in moved]
    hand_over_tasks(pks, to, by)
    Stakeholder.objects.filter(pk__in=pks).update(
        responsible=to,
        department=to.department_id or F("department"),
        updated_at=timezone.now(),
        version=F("version") + 1,
    )
    bulk.insert_without_keys(
        [HandOver(stakeholder_id=pk, giver_id=giver, taker=to, on=today, by=by) for pk, giver in moved]
    )
    write_history(pks, by)
    duties.rederive(pks, today)
    reassign_reminders(today, stakeholders=pks)
    resolve_roles_about(pks)
    return len(pks)


def refuse_those_lost(stakeholders, chosen):
    """Raises ActionRefused when one of the records `chosen` (pks) has left the queryset before it was locked."""
    if stakeholders.count() != len(chosen):
        raise ActionRefused(_("这些记录刚才有变化，请回到名册重新选。"))


def refuse_not_held(stakeholders, by):
    """Raises ActionRefused, with their names, when `by` does not see all of these records in their own right."""
    theirs = seen_in_own_right_by(Stakeholder.objects.all(), by).values("pk")
    if names := list(stakeholders.exclude(pk__in=theirs).values_list("name", flat=True)[:MAX_NAMED]):
        raise ActionRefused(
            _("%s您只是代理、督导或者经授权才看得到，要由负责社工或管理层来做。") % _("、").join(names)
        )


@stored_in_chinese()
def hand_over_tasks(pks, to, by):
    """Hands over the open tasks of the previous responsible worker, each with its history."""
    theirs = Task.objects.open().filter(stakeholder__in=pks, owner=F("stakeholder__responsible"))
    tasks = list(theirs.values_list("pk", flat=True))
    if tasks:
        Task.objects.filter(pk__in=tasks).update(owner=to)
        bulk.write_history(Task, tasks, kind="~", by=by, reason=_("转交"))


def responsible_stamp(stakeholders):
    """Returns a stamp (accounts.stamps) of the present responsible workers of these records."""
    return stamp_of(*stakeholders.order_by("pk").values_list("pk", "responsible_id"))


@stored_in_chinese()
def write_history(pks, by):
    """Writes the present state of the records into the history of their kind."""
    for spec in KINDS.values():
        if hasattr(spec.model, "history"):
            bulk.write_history(spec.model, pks, kind="~", by=by, reason=_("转交"))


@transaction.atomic
def void_record(stakeholder, *, by, reason, today):
    """Marks a record as entered in error: it is hidden and has no duties, but is not deleted.

    Of two concurrent calls the first one's user and reason are stored. Raises ActionRefused when `by` does not see it
    in their own right.
    """
    same = Stakeholder.objects.select_for_update(no_key=True).filter(pk=stakeholder.pk)
    if not same.filter(voided_at=None).values_list("pk").first():
        return
    refuse_not_held(Stakeholder.objects.filter(pk=stakeholder.pk), by)
    unmarked = Stakeholder.objects.filter(pk=stakeholder.pk, voided_at=None)
    if not unmarked.update(voided_at=timezone.now(), voided_by=by, void_reason=reason):
        return
    duties.rederive([stakeholder.pk], today)
    close_tasks(
        Task.objects.filter(stakeholder=stakeholder.pk), dropped_at=timezone.now(), drop_reason=reason
    )
    close_stale_reminders(today, stakeholders=[stakeholder.pk])


def save_view(owner, page, name, query):
    """Saves the filters `query` of `page` under `name`, replacing a view of that name."""
    return SavedView.objects.update_or_create(owner=owner, page=page, name=name, defaults={"query": query})[0]
