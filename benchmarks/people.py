"""The accounts of the benchmarks, each with a session (director, head of a department, worker), and the records."""

from dataclasses import dataclass
from importlib import import_module
from random import Random

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.models import User
from relations.models import Interaction, Stakeholder

CSRF = "c" * 32
RECORDS = 400


@dataclass(frozen=True)
class Asker:
    """A user with the key of a session in the database; `cookies` is the Cookie header of a request."""

    user: object
    key: str

    @property
    def cookies(self):
        return f"{settings.SESSION_COOKIE_NAME}={self.key}; {settings.CSRF_COOKIE_NAME}={CSRF}"


def asker_for(username):
    """Creates the session that the login page would create for `username`. Returns an Asker."""
    user = User.objects.get(username=username)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.RoleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return Asker(user, session.session_key)


@dataclass(frozen=True)
class City:
    """The accounts that send the requests, and the records they request."""

    director: Asker
    manager: Asker
    head: Asker
    worker: Asker
    employers: tuple
    own: tuple
    deep: str


def city():
    """The City: the accounts, a sample of employers, those of the worker, and a cursor in the middle of the log."""
    worker = asker_for("city0040")
    employers = list(Stakeholder.objects.filter(kind="employer").order_by("pk").values_list("pk", flat=True))
    own = Stakeholder.objects.filter(kind="employer", responsible=worker.user).values_list("pk", flat=True)
    return City(
        director=asker_for("director"),
        manager=asker_for("admin"),
        head=asker_for("city0001"),
        worker=worker,
        employers=tuple(Random(1).sample(employers, RECORDS)),
        own=tuple(own),
        deep=cursor_half_way(),
    )


def cursor_half_way():
    """The keyset cursor of the contact in the middle of the log, as in the query string of the list."""
    days = Interaction.objects.order_by("-contact_on").values_list("contact_on", flat=True)
    day = days[Interaction.objects.count() // 2]
    pks = Interaction.objects.filter(contact_on=day).order_by("-pk").values_list("pk", flat=True)
    return f"{day.isoformat()}~{pks[len(pks) // 3]}"
