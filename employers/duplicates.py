"""Finds records that may be the same employer, and notifies users who may see both.

Forms and imports report only duplicates among records visible to the user: a name or contract number of an invisible
record is accepted like any other, so that the response does not reveal that the record exists. The resulting duplicates
are found here, in a nightly task, and listed for users who may see both records.
"""

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission, Scope
from accounts.stored_texts import stored_in_chinese
from employers.models import Contract, PossibleDuplicate
from relations.models import Kind, SearchName
from relations.reminding.kinds import ReminderKind
from reminders.models import Reminder
from reminders.raising import close_reminders, create_reminders

SUBJECT = "duplicates"
What = PossibleDuplicate.What


@transaction.atomic
def find_duplicates(today):
    """Stores new pairs and creates reminders; closes the reminders when none is open. Returns the number of new pairs.

    Stored texts are in Chinese, whatever the active language.
    """
    count = store_new_pairs(today)
    waiting = PossibleDuplicate.objects.open()
    if count or not waiting.exists():
        close_reminders([SUBJECT])
    with stored_in_chinese():
        notify(waiting, today)
    return count


def store_new_pairs(today):
    """Stores pairs that are new; returns their number. Deletes open pairs that are no longer alike."""
    pairs = {(*pair, str(what)) for what, rows in shared_texts().items() for pair in pairs_of(rows)}
    rows = PossibleDuplicate.objects.values_list("first", "second", "what", "pk", "settled_at")
    known = {row[:3]: row[3:] for row in rows}
    past = [pk for pair, (pk, settled_at) in known.items() if pair not in pairs and not settled_at]
    PossibleDuplicate.objects.filter(pk__in=past).delete()
    new = [
        PossibleDuplicate(first_id=first, second_id=second, what=what, found_on=today)
        for first, second, what in sorted(pairs - known.keys())
    ]
    PossibleDuplicate.objects.bulk_create(new)
    return len(new)


def shared_texts():
    """{What: [(text, pk of an employer)]} for texts that several employers share, ordered by text and pk."""
    names = SearchName.objects.filter(
        person=None, stakeholder__kind=Kind.EMPLOYER, stakeholder__voided_at=None
    ).exclude(plain="")
    contracts = Contract.objects.valid().filter(stakeholder__voided_at=None).annotate(plain=Lower("number"))
    return {What.NAME: group_rows(names), What.CONTRACT: group_rows(contracts)}


def group_rows(rows):
    several = (
        rows.order_by().values("plain").annotate(held=Count("stakeholder", distinct=True)).filter(held__gt=1)
    )
    shared = rows.order_by().filter(plain__in=several.values("plain"))
    return shared.values_list("plain", "stakeholder").order_by("plain", "stakeholder").distinct()


def pairs_of(rows):
    """Yields pairs of pks: the first employer with a text, and each later one with the same text."""
    first = {}
    for text, pk in rows:
        if first.setdefault(text, pk) != pk:
            yield first[text], pk


def notify(waiting, today):
    """Creates reminders about the open pairs `waiting`, one per user and newest pair. Returns their number."""
    newest = waiting.values_list("pk", flat=True).first()
    if newest is None:
        return 0
    count = waiting.values("first", "second").distinct().count()
    title = ngettext(
        "有%(count)s对单位可能是同一家，请核对", "有%(count)s对单位可能是同一家，请核对", count
    ) % {"count": count}
    return create_reminders([notice(keeper, newest, title, today) for keeper in users_to_notify()], today)


def users_to_notify():
    """Users who may see every record and may void one."""
    able = User.objects.active().with_permission(Permission.HAND_OVER)
    return [
        user
        for user in able
        if user.scope_over(Kind.EMPLOYER) == Scope.ALL and user.may(Permission.CONFIDENTIAL)
    ]


def notice(keeper, newest, title, today):
    return Reminder(
        key=f"{SUBJECT}:{newest}:{keeper.pk}",
        subject=SUBJECT,
        kind=ReminderKind.CHECK,
        recipient=keeper,
        title=title,
        link=reverse("employers:duplicates"),
        raised_on=today,
    )


def settle_pair(pair, *, by):
    """Settles the pair as two different employers, for every reason; closes the reminders with the last open pair."""
    waiting = PossibleDuplicate.objects.filter(first=pair.first_id, second=pair.second_id, settled_at=None)
    waiting.update(settled_at=timezone.now(), settled_by=by)
    if not PossibleDuplicate.objects.open().exists():
        close_reminders([SUBJECT])
