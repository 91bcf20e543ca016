"""What kind of answer came: the matrix compares these, not pages."""

from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.test import Client

BACKEND = "accounts.backends.RoleBackend"
DOORS = ("/login/", "/admin/login/")


class Answer(StrEnum):
    OPEN = "open"  # a page, a file, a redirect within, a form that complains: the view has let the person in
    LOGIN = "log in first"
    FORBIDDEN = "403"
    ABSENT = "404"
    NO_METHOD = "405"
    CRASH = "500"


BY_STATUS = {403: Answer.FORBIDDEN, 404: Answer.ABSENT, 405: Answer.NO_METHOD}


def kind_of(response):
    """The Answer that a response is."""
    if response.status_code >= 500:
        return Answer.CRASH
    if response.status_code == 302 and urlsplit(response["Location"]).path in DOORS:
        return Answer.LOGIN
    return BY_STATUS.get(response.status_code, Answer.OPEN)


def session_for(user):
    """The key of a session in which `user` is logged in, made without a request."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


def asking(session=None, **options):
    """A client with this session (None: nobody); a crash is an answer, not an exception."""
    client = Client(raise_request_exception=False, **options)
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


@contextmanager
def undone():
    """Whatever the request inside writes is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(session, method, url, data=None, **headers):
    """The response to one request of its own client; a file is read to its end. Its writes are undone."""
    with undone():
        response = getattr(asking(session), method.lower())(url, data or {}, **headers)
        if response.streaming:
            response.whole = b"".join(response.streaming_content)
        return response
