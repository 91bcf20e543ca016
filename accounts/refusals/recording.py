"""被拒绝的访问: records refused requests of logged-in users, for those who oversee.

Written in one place, after the response is made and outside the transaction of the action. A 404 is recorded too,
whether the object exists or not, so the row reveals no more than the response. Nothing of the public portal is
recorded.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, time

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, models, transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import RefusedAttempt
from accounts.registry import Registry
from accounts.roles import Permission

logger = logging.getLogger(__name__)
STATUS = {PermissionDenied: 403, Http404: 404}


@dataclass(frozen=True)
class Place:
    """What is recorded of refusals under one URL namespace; the page shows it as `label`.

    If secret, neither the key nor whether the object exists is stored, and the row is shown only to users who appoint
    the head of complaints.
    """

    label: str = ""
    is_kept: bool = True
    is_secret: bool = False


# {URL namespace: Place}. Refusals elsewhere are recorded openly.
PLACES = Registry("places of refused attempts")
ELSEWHERE = Place()


class RefusedAttempts:
    """Middleware: records what a view refuses to a logged-in user; never changes the response."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        status = getattr(request, "refused_with", None)
        if status is not None and request.user.is_authenticated:
            record_refusal(request.user, request.method, request.resolver_match, status)
        return response

    def process_exception(self, request, exception):
        for kind, status in STATUS.items():
            if isinstance(exception, kind):
                request.refused_with = status


def record_refusal(user, method, match, status):
    """Records one refusal, or counts it with those of the same minute. A failure is logged and has no other effect."""
    namespace = match.namespace.partition(":")[0]
    place = PLACES.get(namespace, ELSEWHERE)
    if not place.is_kept:
        return
    is_secret = place.is_secret
    key = str(next(iter(match.kwargs.values()), ""))  # the first argument of a URL names the record
    now = timezone.now()
    same = {
        "user_id": user.pk,
        "method": method[:8],
        "route": match.view_name[:100],
        "status": 404 if is_secret else status,
        "minute": now.replace(second=0, microsecond=0),
    }
    try:
        with transaction.atomic():
            count_refusal(same, now, "" if is_secret else key[:40], is_secret)
    except DatabaseError:
        logger.exception("A refused attempt could not be recorded")


def count_refusal(same, now, key, is_secret):
    """Stores at most one row for each user, URL and minute, however often it is attempted."""
    rows = RefusedAttempt.objects.filter(**same)
    again = {"times": models.F("times") + 1, "last_at": now}
    if rows.update(**again):
        return
    try:
        with transaction.atomic():
            RefusedAttempt.objects.create(**same, last_at=now, key=key, is_secret=is_secret)
    except IntegrityError:  # a parallel request of the same user was faster
        rows.update(**again)


def may_view_refusals(user):
    """Whether `user` may view refusals: users who appoint the head see all, administrators all but secret ones."""
    return user.may(Permission.APPOINT_HEAD) or user.may(Permission.MANAGE_ACCOUNTS)


def visible_to(user):
    """Returns the refusals visible to `user`, newest first."""
    rows = RefusedAttempt.objects.select_related("user")
    if user.may(Permission.APPOINT_HEAD):
        return rows
    return rows.filter(is_secret=False) if may_view_refusals(user) else rows.none()


def delete_before(day):
    """Deletes rows older than `day`. Returns how many were deleted.

    Compares with a datetime, not a date, so that the index is used.
    """
    begins = timezone.make_aware(datetime.combine(day, time.min))
    return RefusedAttempt.objects.filter(minute__lt=begins).delete()[0]
