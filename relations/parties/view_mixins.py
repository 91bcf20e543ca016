"""View mixins that find a record: 404 when it is not visible to the user, 403 when the action is not allowed."""

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from accounts.access import PermissionRequired
from accounts.roles import Permission
from relations.models import Cycle, Meeting, Stakeholder, Task
from relations.parties.own_right import may_act


class VisibleRecordMixin(PermissionRequired):
    """Finds the record first (404), then requires the permission `action_permission` (403).

    `visible_record` is the record of the pk in the URL, out of `visible_rows(user)`, a queryset that subclasses
    define.
    """

    permission = Permission.VIEW
    action_permission = None

    def allowed(self, user):
        return super().allowed(user) and self.visible_record is not None and self.may(user)

    def may(self, user):
        return self.action_permission is None or self.may_act(user, self.action_permission)

    def may_act(self, user, permission):
        """Whether `user` may do what `permission` allows with the record (relations.parties.own_right)."""
        record = self.visible_record
        return may_act(user, getattr(record, "stakeholder", record), permission)

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
    """For actions on one task; allowed to its owner and to users who may edit the record."""

    def visible_rows(self, user):
        return Task.objects.visible_to(user).select_related("stakeholder", "owner")

    def may(self, user):
        return self.visible_record.owner_id == user.pk or self.may_act(user, Permission.EDIT)

    @property
    def task(self):
        return self.visible_record
