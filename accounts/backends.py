"""Who is behind a session: one query, with the department."""

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class RoleBackend(ModelBackend):
    """Checks the password; what the person may do is asked of the roles, not of stored permissions."""

    def get_user(self, user_id):
        user = User.objects.select_related("department").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj, perm, obj=None):
        return user_obj.has_perm(perm, obj)
