"""The access list of a complaint: who may read it, and the log of their viewings (R153-R158).

The functions that change the list run in a transaction that has locked the complaint. Users complained about, and users
whom the complainant wants not to be informed, are never added.
"""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused
from accounts.models import User
from accounts.roles import Role
from complaints.appointments import in_charge
from complaints.clocks import notices
from complaints.models import Access, AccessRole, Accused, ExcludedPerson, State, Viewing
from reminders import raising
from reminders.models import Reminder

# States that ask for a review, with the topic of the reminder.
REVIEWED_STATES = {State.VOID: notices.VOIDED, State.NOT_PROCESSED: notices.NEW}
ACTING = (AccessRole.HEAD, AccessRole.HANDLER)


def removable(complaint):
    """The AccessRoles the head may remove; a user informed of an overdue date stays until the complaint has ended."""
    named = (AccessRole.NAMED,)
    return named if complaint.is_open else (*named, AccessRole.ESCALATED)


def roles_of(complaint, user):
    """The AccessRoles that `user` holds in `complaint` now, as a set; empty for users not on the list."""
    if not user.is_active:
        return set()
    return set(
        Access.objects.current().filter(complaint=complaint, user=user.pk).values_list("role", flat=True)
    )


def excluded_users(complaint):
    """The pks of the users who must never read the complaint: the accused, and those named as not to be informed."""
    accused = Accused.objects.filter(complaint=complaint).values_list("user", flat=True)
    not_told = ExcludedPerson.objects.filter(complaint=complaint, user__isnull=False).values_list(
        "user", flat=True
    )
    return {*accused, *not_told}


def eligible_readers(complaint):
    """The active users who may be added to the list: a queryset of User, one query including its conditions."""
    accused = Accused.objects.filter(complaint=complaint).values("user")
    not_told = ExcludedPerson.objects.filter(complaint=complaint, user__isnull=False).values("user")
    return User.objects.active().exclude(pk__in=accused).exclude(pk__in=not_told).order_by("name")


def add_person(complaint, user, role, *, by, reason=""):
    """Adds `user` to the list in `role` and returns the Access. A new head or handler replaces the former one.

    Raises ActionRefused for inactive and for excluded users.
    """
    if not user.is_active:
        raise ActionRefused(_("%s的账号已停用。") % user.name)
    if user.pk in excluded_users(complaint):
        raise ActionRefused(_("%s是被投诉的人，或反映人要求不要告知，不能知道这件事。") % user.name)
    if role in ACTING:
        for former in Access.objects.current().filter(complaint=complaint, role=role).exclude(user=user):
            remove_person(complaint, former.user, by=by, roles=[role])
    existing = Access.objects.current().filter(complaint=complaint, user=user, role=role).first()
    return existing or Access.objects.create(
        complaint=complaint, user=user, role=role, given_by=by, reason=reason.strip()[:200]
    )


def remove_person(complaint, user, *, by, roles=None):
    """Removes `user` from the list (from `roles` only, if given) with immediate effect. Returns whether a row changed.

    When no role is left, the user's reminders about the complaint are retired.
    """
    current = Access.objects.current().filter(complaint=complaint, user=user)
    if roles is not None:
        current = current.filter(role__in=roles)
    removed = current.update(taken_at=timezone.now(), taken_by=by)
    if not Access.objects.current().filter(complaint=complaint, user=user).exists():
        retire_reminders_of(complaint, user)
    return bool(removed)


def retire_reminders_of(complaint, user):
    """Retires the reminders of `user` about `complaint`, so that a user who is added again is reminded again.

    The owner of a measure still has to complete it and keeps that reminder; reminders of other measures went to the
    user as head.
    """
    measures = complaint.improvements.all()
    subjects = [f"measure:{each.pk}:check" for each in measures]
    subjects += [f"measure:{each.pk}:due" for each in measures if each.owner_id != user.pk]
    about = Q(subject__startswith=f"complaint:{complaint.pk}:") | Q(subject__in=subjects)
    raising.retire_reminders(Reminder.objects.filter(about, recipient=user))


def superior(complaint):
    """The user to whom an overdue complaint is escalated: the director, else the alternate, else a council member.

    Never an excluded user, never the head of the complaint; None when nobody else is left.
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
    """Logs that `user` viewed `complaint`; a viewing has no other effect."""
    Viewing.objects.create(complaint=complaint, user=user, what=what)


def open_review_requests(complaint, user):
    """The open reminders that ask `user` only to review `complaint`, as a queryset.

    Only a complaint that was entered in error, or registered without being processed, asks for a review (R155).
    """
    topic = REVIEWED_STATES.get(complaint.state)
    if topic is None:
        return Reminder.objects.none()
    return Reminder.objects.open().filter(subject=notices.subject_of(complaint, topic), recipient=user)


def acknowledge_review(complaint, user):
    """已看过: records that the requested reviewer has viewed the complaint. Returns whether this was the first time."""
    return bool(open_review_requests(complaint, user).update(closed_at=timezone.now()))


def people_of(complaint):
    """The current Access rows with their users, head first, as a list."""
    order = {role: place for place, role in enumerate(AccessRole.values)}
    accesses = Access.objects.current().filter(complaint=complaint).select_related("user")
    return sorted(accesses, key=lambda access: (order[access.role], access.pk))


def may_show_identity(complaint, user):
    """Whether `user` may see who raised the complaint: only head and handler, and each time is logged (R153-R154)."""
    return bool(roles_of(complaint, user) & set(ACTING))
