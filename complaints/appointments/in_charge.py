"""Who is in charge of opinions and complaints, and who replaces that user in complaints about them (R145, R450)."""

from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused
from accounts.models import User
from accounts.people.names import all_names_of
from accounts.roles import Role
from complaints.models import Appointment

ELIGIBLE = (Role.HEAD, Role.DIRECTOR, Role.DEPUTY, Role.COUNCIL)
# Tried in this order when neither head nor alternate can receive a complaint.
FALLBACK_ROLES = (Role.COUNCIL, Role.DIRECTOR, Role.DEPUTY)


class NobodyInCharge(ActionRefused):
    """All users who could receive the complaint are excluded or inactive; the text is a sentence for the user."""


def current_appointment():
    """The newest Appointment; else an unsaved one made of the first head and the first council member, or None."""
    newest = Appointment.objects.select_related("head", "alternate").first()
    if newest:
        return newest
    head = first_with_role(Role.HEAD) or first_with_role(Role.DIRECTOR)
    alternate = first_with_role(Role.COUNCIL)
    return Appointment(head=head, alternate=alternate) if head and alternate and head != alternate else None


def first_with_role(role, without=()):
    return User.objects.active().with_role(role).exclude(pk__in=without).order_by("pk").first()


def head_for(closed_to):
    """The user who receives a complaint closed to `closed_to` (a set of pks): head, alternate, then FALLBACK_ROLES.

    Raises NobodyInCharge.
    """
    now = current_appointment()
    for user in (now.head, now.alternate) if now else ():
        if user.is_active and user.pk not in closed_to:
            return user
    for role in FALLBACK_ROLES:
        if found := first_with_role(role, closed_to):
            return found
    raise NobodyInCharge(_("还没有可以受理的负责人，请先在“意见与投诉负责人”里指定。"))


def successor_for(closed_to):
    """The successor of a departed head for a complaint closed to `closed_to` (pks): the named alternate first.

    The present head comes last, because open complaints go to a new head only after confirmation
    (complaints.appointments.matter). Raises NobodyInCharge.
    """
    now = current_appointment()
    if now and now.alternate.is_active and now.alternate_id not in closed_to:
        return now.alternate
    new = {now.head_id} if now else set()
    for role in FALLBACK_ROLES:
        if found := first_with_role(role, closed_to | new):
            return found
    return head_for(closed_to)


def eligible():
    """The users who may be appointed head or alternate, as a queryset."""
    pks = {user.pk for role in ELIGIBLE for user in User.objects.active().with_role(role)}
    return User.objects.filter(pk__in=pks).order_by("name")


def people_named_in(words):
    """The eligible users whose present or former name occurs in the text `words`.

    Complainants name the people who must not be informed (R158), and may know only a former name.
    """
    people = eligible()
    named = {pk for pk, name in all_names_of(people) if len(name) > 1 and name in words}
    return [user for user in people if user.pk in named]
