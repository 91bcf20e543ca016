"""Counts the relationships, duties and tasks that somebody leaves to others (accounts.offboarding)."""

from django.utils.translation import gettext as _

from accounts.offboarding import HandOverItem
from relations.models import Duty, Stakeholder, Task
from relations.models.stakeholder import kind_choices
from relations.parties import record_urls


def stakeholders_in_charge(user, by, today):
    """Returns a HandOverItem per kind: the stakeholders for which `user` is responsible and that `by` may see."""
    own = Stakeholder.objects.visible_to(by).filter(responsible=user, closed_on=None)
    return [
        HandOverItem(label, own.of_kind(kind).count(), list_of(kind, user)) for kind, label in kind_choices()
    ]


def running_duties(user, by, today):
    duties = Duty.objects.visible_to(by).owned_by(user).open().filter(period_start__lte=today)
    return [HandOverItem(_("没做完的应尽事项"), duties.count())]


def open_tasks(user, by, today):
    return [HandOverItem(_("没做完的待办"), Task.objects.visible_to(by).open().filter(owner=user).count())]


def list_of(kind, user):
    """Returns the URL of the list of that kind filtered by worker, or "" when the kind has no pages."""
    url = record_urls.list_url(kind)
    return f"{url}?worker={user.pk}" if url else ""
