"""What somebody who leaves would leave undone in relationships; told before the account is closed."""

from django.dispatch import receiver
from django.utils.translation import gettext as _

from accounts.offboarding import Owed, leaving
from relations.models import Duty, Kind, Stakeholder, Task
from relations.parties import record_urls


@receiver(leaving)
def relationships(sender, user, by, today, **kwargs):
    """Of those `by` may see: the stakeholders in one's charge by kind, the duties begun and the tasks that are open."""
    own = Stakeholder.objects.visible_to(by).filter(responsible=user, closed_on=None)
    kinds = [(kind, own.of_kind(kind).count()) for kind in Kind]
    duties = Duty.objects.visible_to(by).of(user).open().filter(period_start__lte=today).count()
    tasks = Task.objects.visible_to(by).open().filter(owner=user).count()
    return [
        *(Owed(kind.label, count, list_of(kind, user)) for kind, count in kinds),
        Owed(_("没做完的应尽事项"), duties),
        Owed(_("没做完的待办"), tasks),
    ]


def list_of(kind, user):
    """The list of that kind filtered by its worker, or nothing when the kind has no pages yet."""
    found = record_urls.list_of(kind)
    return f"{found}?worker={user.pk}" if found else ""
