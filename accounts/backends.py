"""Who is behind a session: one query, with the department and whether they stand in for somebody today."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import StandIn, User


class RoleBackend(ModelBackend):
    """Checks the password; what the person may do is asked of the roles, not of stored permissions."""

    def get_user(self, user_id):
        running = StandIn.objects.active_on(timezone.localdate()).filter(stand_in=OuterRef("pk"))
        known = User.objects.select_related("department").annotate(stands_in=Exists(running))
        user = known.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj, perm, obj=None):
        return user_obj.has_perm(perm, obj)
