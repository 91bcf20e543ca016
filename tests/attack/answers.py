"""The kinds of response that the permission matrix compares, and the requests that get them."""

from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from unittest.mock import patch
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.signals import setting_changed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpResponse
from django.shortcuts import render
from django.test import Client
from django.test.client import ClientHandler

BACKEND = "accounts.backends.RoleBackend"
DOORS = ("/login/", "/admin/login/")
HANDLER = ClientHandler(
    enforce_csrf_checks=False
)  # of all clients, as a web process has one for all requests


@receiver(setting_changed)
def load_middleware_again(**changed):
    """Middleware reads some settings when it is loaded."""
    HANDLER._middleware_chain = None


class Answer(StrEnum):
    OPEN = "open"  # a page, a file, an internal redirect or a form with errors: the view let the user in
    LOGIN = "log in first"
    FORBIDDEN = "403"
    ABSENT = "404"
    NO_METHOD = "405"
    CRASH = "500"


BY_STATUS = {403: Answer.FORBIDDEN, 404: Answer.ABSENT, 405: Answer.NO_METHOD}


def kind_of(response):
    """Returns the Answer for a response."""
    if response.status_code >= 500:
        return Answer.CRASH
    if response.status_code == 302 and urlsplit(response["Location"]).path in DOORS:
        return Answer.LOGIN
    return BY_STATUS.get(response.status_code, Answer.OPEN)


def session_for(user):
    """Returns the key of a new session in which `user` is logged in; no login request is made."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


def asking(session=None, **options):
    """Returns a client with this session (None: not logged in). A crash becomes a 500 response, not an exception."""
    client = Client(raise_request_exception=False, **options)
    if not client.handler.enforce_csrf_checks:
        client.handler = HANDLER
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


@contextmanager
def errors_drawn_once():
    """Draws each error page once for each user: its text is that of the template, the navigation and one sentence.

    It is the same page for all URLs (lezhi/errors.py); drawing it takes longer than the refusal.
    """
    known = {}

    def once(request, template, context=None, status=None):
        key = (getattr(getattr(request, "user", None), "pk", None), template, repr(context))
        if key not in known:
            known[key] = render(request, template, context, status=status).content
        return HttpResponse(known[key], status=status)

    with patch("lezhi.errors.render", once):
        yield


@contextmanager
def undone():
    """Rolls back everything written inside the block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(session, method, url, data=None, **headers):
    """Returns the response to one request of a new client and rolls back its writes.

    A streamed response is read to its end; its content is in `response.whole`.
    """
    with undone():
        response = getattr(asking(session), method.lower())(url, data or {}, **headers)
        if response.streaming:
            response.whole = b"".join(response.streaming_content)
        return response
