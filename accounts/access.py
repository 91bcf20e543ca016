"""Asking whether somebody may: for views, and for records of a department or a worker."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.models import Department, StandIn, User
from accounts.roles import Permission, Scope


class PermissionRequired(LoginRequiredMixin):
    """For class-based views: log in first, then hold `permission`, or 403. None asks for the log-in only."""

    permission = None

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not self.allowed(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def allowed(self, user):
        return self.permission is None or user.may(self.permission)


def within_scope(user, worker="responsible", department="department", confidential=None):
    """The condition under which a record belongs to those `user` may see (one rule for every kind of record).

    `worker`, `department` and `confidential` are lookup paths from the record to the responsible user, the
    department and the mark of confidentiality. A stand-in sees what the absent colleague is responsible for.
    """
    if not user.may(Permission.VIEW) or user.scope == Scope.NONE:
        return Q(pk__in=[])
    closed = confidential and not user.may(Permission.CONFIDENTIAL)
    if user.scope == Scope.ALL and not closed:
        return Q()
    open_to_all = Q(**{confidential: False}) if closed else Q()
    own = Q(**{worker: user.pk})
    if StandIn.objects.may_be_held_by(user):
        own |= stood_in_for(user, worker, department, open_to_all)
    if user.scope == Scope.ALL:
        return own | open_to_all
    if user.scope == Scope.DEPARTMENT and user.department_id:
        return own | (Q(**{department: user.department_id}) & open_to_all)
    return own


def stood_in_for(user, worker, department, open_to_all):
    """What falls to `user` while standing in: the absent colleague's records, and the department they lead.

    Somebody leads a department as its head, or as a member who approves there (R271). Of that department's other
    records the confidential ones stay closed, unless `open_to_all` lets them pass.
    """
    absent = StandIn.objects.absent_for(user)
    leaders = User.objects.able(Permission.APPROVE).filter(pk__in=absent).values("pk")
    led = Department.objects.filter(Q(head__in=absent) | Q(members__in=leaders)).values("pk")
    return Q(**{f"{worker}__in": absent}) | (Q(**{f"{department}__in": led}) & open_to_all)
