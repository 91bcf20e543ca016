"""Who stands on the list of a complaint: put on, taken off, shown, and written down each time they look (R153-R158).

The acts here are called inside a transaction that has locked the complaint. Somebody complained about, or whom the
person wants not to be told, is never put on a list.
"""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import ParameterRefused
from accounts.models import User
from accounts.roles import Role
from complaints.appointments import in_charge
from complaints.models import Access, AccessRole, Accused, NotTold, State, Viewing
from reminders import raising
from reminders.models import Reminder

REVIEWED_STATES = {
    State.VOID: "voided",
    State.NOT_PROCESSED: "new",
}  # what asks to be looked at, in these states
ACTING = (AccessRole.HEAD, AccessRole.HANDLER)


def removable(complaint):
    """The AccessRoles that the head may strike off; whoever was told that it is overdue stays until it has ended."""
    named = (AccessRole.NAMED,)
    return named if complaint.is_open else (*named, AccessRole.ESCALATED)


def roles_of(complaint, user):
    """The AccessRoles that `user` holds in `complaint` now, as a set; empty for everybody else."""
    if not user.is_active:
        return set()
    return set(
        Access.objects.current().filter(complaint=complaint, user=user.pk).values_list("role", flat=True)
    )


def excluded_users(complaint):
    """The pks of those who must never learn of it: who is complained about, and who is not to be told."""
    accused = Accused.objects.filter(complaint=complaint).values_list("user", flat=True)
    not_told = NotTold.objects.filter(complaint=complaint, user__isnull=False).values_list("user", flat=True)
    return {*accused, *not_told}


def eligible_readers(complaint):
    """The active colleagues who may be put on the list; a queryset of User, one query with its conditions."""
    accused = Accused.objects.filter(complaint=complaint).values("user")
    not_told = NotTold.objects.filter(complaint=complaint, user__isnull=False).values("user")
    return User.objects.active().exclude(pk__in=accused).exclude(pk__in=not_told).order_by("name")


def add_person(complaint, user, role, *, by, reason=""):
    """Puts `user` on the list. Head and handler are one each: the former one goes off. Returns the Access.

    Raises Refused for somebody it is kept from.
    """
    if not user.is_active:
        raise ParameterRefused(_("%s的账号已停用。") % user.name)
    if user.pk in excluded_users(complaint):
        raise ParameterRefused(_("%s是被投诉的人，或反映人要求不要告知，不能知道这件事。") % user.name)
    if role in ACTING:
        for former in Access.objects.current().filter(complaint=complaint, role=role).exclude(user=user):
            remove_person(complaint, former.user, by=by, roles=[role])
    kept = Access.objects.current().filter(complaint=complaint, user=user, role=role).first()
    return kept or Access.objects.create(
        complaint=complaint, user=user, role=role, given_by=by, reason=reason.strip()[:200]
    )


def remove_person(complaint, user, *, by, roles=None):
    """Takes `user` off the list, from `roles` only or altogether, with the reminders about it. Works at once."""
    live = Access.objects.current().filter(complaint=complaint, user=user)
    if roles is not None:
        live = live.filter(role__in=roles)
    taken = live.update(taken_at=timezone.now(), taken_by=by)
    if not Access.objects.current().filter(complaint=complaint, user=user).exists():
        close_reminders(complaint, user)
    return bool(taken)


def close_reminders(complaint, user):
    """Retires what `user` was reminded of about `complaint`; somebody who is put on the list again is reminded again.

    Whoever owns a measure still does it; of those of others one was reminded as head.
    """
    measures = complaint.improvements.all()
    subjects = [f"measure:{each.pk}:check" for each in measures]
    subjects += [f"measure:{each.pk}:due" for each in measures if each.owner_id != user.pk]
    about = Q(subject__startswith=f"complaint:{complaint.pk}:") | Q(subject__in=subjects)
    raising.retire_reminders(Reminder.objects.filter(about, recipient=user))


def superior(complaint):
    """Who is told when a clock has run out: the director, else the alternate or a council member, never the accused.

    None when everybody is concerned or already has it.
    """
    closed_to = excluded_users(complaint) | {complaint.head_id}
    director = in_charge.first_with_role(Role.DIRECTOR, closed_to)
    if director:
        return director
    now = in_charge.current_appointment()
    if now and now.alternate.is_active and now.alternate_id not in closed_to:
        return now.alternate
    return in_charge.first_with_role(Role.COUNCIL, closed_to)


def record_viewing(complaint, user, what=Viewing.What.CASE):
    """Writes down that `user` looked; nothing else follows from a look."""
    Viewing.objects.create(complaint=complaint, user=user, what=what)


def open_review_requests(complaint, user):
    """The open reminders of `user` that ask to look at `complaint`, in which nothing else is to be done.

    It was marked as entered in error, or it is registered and not processed (R155).
    """
    asked = REVIEWED_STATES.get(complaint.state)
    if asked is None:
        return Reminder.objects.none()
    return Reminder.objects.open().filter(subject=f"complaint:{complaint.pk}:{asked}", recipient=user)


def acknowledge_review(complaint, user):
    """已看过: said by whoever was asked to look. Returns whether it was new."""
    return bool(open_review_requests(complaint, user).update(closed_at=timezone.now()))


def people_of(complaint):
    """The live list, head first: Access rows with their users."""
    order = {role: place for place, role in enumerate(AccessRole.values)}
    found = Access.objects.current().filter(complaint=complaint).select_related("user")
    return sorted(found, key=lambda access: (order[access.role], access.pk))


def may_show_identity(complaint, user):
    """Only head and handler, and each time it is written down (R153-R154)."""
    return bool(roles_of(complaint, user) & set(ACTING))
