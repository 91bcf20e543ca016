"""Who asks: one director, one head of a department, one worker of the city, each with a session; and about whom."""

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
    """An account with a session in the database, as cookies of a request and as a name for the tables."""

    user: object
    key: str

    @property
    def cookies(self):
        return f"{settings.SESSION_COOKIE_NAME}={self.key}; {settings.CSRF_COOKIE_NAME}={CSRF}"


def asker_for(username):
    """Logs `username` in without a password: the session that the log-in page would make."""
    user = User.objects.get(username=username)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.RoleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return Asker(user, session.session_key)


@dataclass(frozen=True)
class City:
    """The people who ask and the records they ask for."""

    director: Asker
    manager: Asker
    head: Asker
    worker: Asker
    employers: tuple
    own: tuple
    deep: str


def city():
    """The City: a sample of employers, those of the one worker, and a cursor half-way down the log."""
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
    """The place of the contact in the middle of the log, as the list writes it into an address."""
    days = Interaction.objects.order_by("-contact_on").values_list("contact_on", flat=True)
    day = days[Interaction.objects.count() // 2]
    pks = Interaction.objects.filter(contact_on=day).order_by("-pk").values_list("pk", flat=True)
    return f"{day.isoformat()}~{pks[len(pks) // 3]}"
