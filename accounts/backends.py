"""Authentication backend: loads the user of a session in one query.

The query includes the department, whether the user stands in for a colleague, and the access sources that open
anything.
"""

from django.contrib.auth.backends import ModelBackend
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.access import ACCESS_SOURCES, access_source_conditions
from accounts.models import StandIn, User
from accounts.query_cache import PreparedRows


def behind_session(_asker, pk, today):
    running = StandIn.objects.active_on(today).filter(stand_in=OuterRef("pk"))
    conditions = access_source_conditions(today)
    sources = {f"{ACCESS_SOURCE_PREFIX}{name}": opens for name, opens in conditions.items()}
    known = User.objects.select_related("department").annotate(stands_in=Exists(running), **sources)
    return known.filter(pk=pk)


BEHIND_SESSION, NOBODY = PreparedRows(behind_session), User(pk=0)
NOBODY.stands_in = False
ACCESS_SOURCE_PREFIX = "access_source_"


class RoleBackend(ModelBackend):
    """Checks the password; what the user may do follows from the roles, not from stored permissions."""

    def get_user(self, user_id):
        users = BEHIND_SESSION(NOBODY, pk=int(user_id), today=timezone.localdate())
        if not users or not self.user_can_authenticate(users[0]):
            return None
        users[0].access_sources = frozenset(
            name for name in ACCESS_SOURCES if getattr(users[0], f"{ACCESS_SOURCE_PREFIX}{name}")
        )
        return users[0]

    def has_perm(self, user_obj, perm, obj=None):
        return user_obj.has_perm(perm, obj)
