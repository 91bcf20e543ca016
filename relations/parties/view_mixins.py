"""View mixins that find a record: 404 when it is not visible to the user, 403 when the action is not allowed."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from accounts.access import PermissionRequired
from accounts.roles import Permission
from relations.models import Cycle, Meeting, Stakeholder, Task
from relations.parties.kinds import has_cycle
from relations.parties.own_right import is_about, may_act


class VisibleRecordMixin(PermissionRequired):
    """Finds the record first (404), then requires the permission `action_permission` (403).

    `visible_record` is the record of the pk in the URL, out of `visible_rows(user)`, a queryset that subclasses
    define.
    """

    permission = Permission.VIEW
    action_permission = None

    def allowed(self, user):
        if not (super().allowed(user) and self.visible_record is not None):
            return False
        return self.may(user) and not (self.is_act and self.is_about(user))

    @property
    def is_act(self):
        """Whether the view changes the record, or shows a form for it."""
        return self.action_permission is not None or self.request.method not in ("GET", "HEAD", "OPTIONS")

    def is_about(self, user):
        """Whether the record is the own record of `user`, a colleague: they read it, and others write it."""
        return is_about(user, self.stakeholder)

    def may(self, user):
        return self.action_permission is None or self.may_act(user, self.action_permission)

    def may_act(self, user, permission):
        """Whether `user` may do what `permission` allows with the record (relations.parties.own_right)."""
        return may_act(user, self.stakeholder, permission)

    @property
    def stakeholder(self):
        """The stakeholder to which the record belongs, or which it is."""
        return self.visible_record.stakeholder

    @cached_property
    def visible_record(self):
        return self.find(self.request.user, self.kwargs["pk"])

    def find(self, user, pk):
        """Returns the record `pk` if it is visible to `user`. Raises Http404."""
        return get_object_or_404(self.visible_rows(user), pk=pk)

    def get_queryset(self):
        return self.visible_rows(self.request.user)


class VisibleStakeholderMixin(VisibleRecordMixin):
    """For views about one stakeholder."""

    def visible_rows(self, user):
        return Stakeholder.objects.visible_to(user).select_related("responsible", "department")

    @property
    def stakeholder(self):
        return self.visible_record


class StakeholderWithCycleMixin(VisibleStakeholderMixin):
    """The same, for kinds that have a cycle; 404 for a record of any other."""

    def find(self, user, pk):
        stakeholder = super().find(user, pk)
        if not has_cycle(stakeholder.kind):
            raise Http404
        return stakeholder


class VisibleCycleMixin(VisibleRecordMixin):
    """For views about one cycle."""

    def visible_rows(self, user):
        return Cycle.objects.visible_to(user).select_related("stakeholder")

    @property
    def cycle(self):
        return self.visible_record


class VisibleMeetingMixin(VisibleRecordMixin):
    """For views about one meeting."""

    def visible_rows(self, user):
        return Meeting.objects.visible_to(user).select_related(
            "stakeholder", "stakeholder__responsible", "cycle", "lead", "interaction"
        )

    @property
    def meeting(self):
        return self.visible_record


class VisibleTaskMixin(VisibleRecordMixin):
    """For actions on one task; allowed to its owner and to users who may edit the record.

    The owner may do so on their own record as well: the task was given to them.
    """

    def visible_rows(self, user):
        return Task.objects.visible_to(user).select_related("stakeholder", "owner")

    def may(self, user):
        return self.visible_record.owner_id == user.pk or self.may_act(user, Permission.EDIT)

    def is_about(self, user):
        return super().is_about(user) and self.visible_record.owner_id != user.pk

    @property
    def task(self):
        return self.visible_record
