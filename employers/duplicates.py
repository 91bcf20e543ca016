"""Two records that may be one employer, told to those who may see both.

Whoever registers or imports is told only of what they may see: a name or a contract number that stands on a record out
of their sight is taken like any other, so that no answer tells that the record exists. The doubles this makes are
found here, at night and beside every request, and stand on a list for whoever sees both records.
"""

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission, Scope
from employers.models import Contract, PossibleDuplicate
from relations.models import Kind, SearchName
from relations.reminding.kinds import ReminderKind
from reminders.models import Reminder
from reminders.raising import close_reminders, create_reminders

SUBJECT = "duplicates"
What = PossibleDuplicate.What


@transaction.atomic
def find_duplicates(today):
    """Keeps the pairs that are new, and tells of them; closes the notice when none is left. Returns how many are new.

    What is stored is worded in Chinese, whoever started it.
    """
    found = store_new_pairs(today)
    waiting = PossibleDuplicate.objects.open()
    if found or not waiting.exists():
        close_reminders([SUBJECT])
    with translation.override("zh-hans"):
        notify(waiting, today)
    return found


def store_new_pairs(today):
    """Stores the pairs that were not known; returns how many. Those that are alike no more are forgotten."""
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
    """{what: [(text, pk of an employer)]} of the texts that several employers have, in the order of the keys."""
    names = SearchName.objects.filter(
        person=None, stakeholder__kind=Kind.EMPLOYER, stakeholder__voided_at=None
    ).exclude(plain="")
    contracts = Contract.objects.valid().filter(stakeholder__voided_at=None).annotate(plain=Lower("number"))
    return {What.NAME: group_rows(names), What.CONTRACT: group_rows(contracts)}


def group_rows(rows):
    several = (
        rows.order_by().values("plain").annotate(held=Count("stakeholder", distinct=True)).filter(held__gt=1)
    )
    found = rows.order_by().filter(plain__in=several.values("plain"))
    return found.values_list("plain", "stakeholder").order_by("plain", "stakeholder").distinct()


def pairs_of(rows):
    """The first employer with a text, and each later one."""
    first = {}
    for text, pk in rows:
        if first.setdefault(text, pk) != pk:
            yield first[text], pk


def notify(waiting, today):
    """Tells of what waits, once for the newest of it. Returns how many were told."""
    newest = waiting.values_list("pk", flat=True).first()
    if newest is None:
        return 0
    count = waiting.values("first", "second").distinct().count()
    title = ngettext(
        "有%(count)s对单位可能是同一家，请核对", "有%(count)s对单位可能是同一家，请核对", count
    ) % {"count": count}
    return create_reminders([notice(keeper, newest, title, today) for keeper in users_to_notify()], today)


def users_to_notify():
    """Those who see every record and may take one back."""
    able = User.objects.active().with_permission(Permission.HAND_OVER)
    return [user for user in able if user.scope == Scope.ALL and user.may(Permission.CONFIDENTIAL)]


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
    """They are two: both stay, and nobody is asked again. The notice closes with the last pair that waits."""
    waiting = PossibleDuplicate.objects.filter(first=pair.first_id, second=pair.second_id, settled_at=None)
    waiting.update(settled_at=timezone.now(), settled_by=by)
    if not PossibleDuplicate.objects.open().exists():
        close_reminders([SUBJECT])
