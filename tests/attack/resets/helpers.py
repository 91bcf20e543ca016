"""Setting passwords by code, as tests do it."""

import re

from django.test import Client

from accounts.models import User

NEW = "another-river-77"
HALF = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){2}\b")
EVIL = "administrator@evil.example"


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def enter(username, password):
    """A client that has tried to log in, and whether it is in."""
    client = Client()
    client.post("/login/", {"username": username, "password": password})
    return "_auth_user_id" in client.session


def activate(first, second, password=NEW, client=None, **more):
    typed = {"first": first, "second": second, "new_password1": password, "new_password2": password}
    return (client or Client()).post("/activate/", typed | more)


def confirmed(person, address="own@example.org"):
    User.objects.filter(pk=person.pk).update(email=address, confirmed_email=address)
    return User.objects.get(pk=person.pk)


class AwayBackend:
    """A mail server that is away."""

    def __init__(self, *args, **kwargs):
        pass

    tries = 0

    def send_messages(self, letters):
        AwayBackend.tries += 1
        raise ConnectionRefusedError("away")
