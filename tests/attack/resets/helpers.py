"""Steps of a password reset that several tests take."""

import re

from django.test import Client

from accounts.models import User

NEW = "another-river-77"
HALF = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){2}\b")
EVIL = "administrator@evil.example"


def logged_in(user):
    """Returns a client in which `user` is logged in."""
    client = Client()
    client.force_login(user)
    return client


def enter(username, password):
    """Returns whether this username and password log in."""
    client = Client()
    client.post("/login/", {"username": username, "password": password})
    return "_auth_user_id" in client.session


def activate(first, second, password=NEW, client=None, **more):
    """Submits both halves of a code with a new password; returns the response."""
    typed = {"first": first, "second": second, "new_password1": password, "new_password2": password}
    return (client or Client()).post("/activate/", typed | more)


def confirmed(person, address="own@example.org"):
    """Gives `person` a confirmed e-mail address; returns the reloaded user."""
    User.objects.filter(pk=person.pk).update(email=address, confirmed_email=address)
    return User.objects.get(pk=person.pk)


class AwayBackend:
    """An e-mail backend whose server is not reachable; counts the attempts."""

    def __init__(self, *args, **kwargs):
        pass

    tries = 0

    def send_messages(self, letters):
        AwayBackend.tries += 1
        raise ConnectionRefusedError("away")
