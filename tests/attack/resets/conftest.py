"""Fixtures for password resets: the smallest centre, and a reset code that is ready to be used."""

import pytest

from accounts.passwords import resets
from tests.attack.resets.helpers import EVIL
from tests.factories.accounts import UserFactory


@pytest.fixture
def centre():
    """The smallest centre: an administrator, a director and a member of the council."""
    return {
        "administrator": UserFactory(administrator=True, username="admin", name="管理员", email=EVIL),
        "director": UserFactory(director=True, username="director", name="总干事"),
        "council": UserFactory(council=True, username="council", name="理事"),
    }


@pytest.fixture
def code(centre):
    """(reset, first half, second half) of a code for the director, ready to be used."""
    reset, (first, _none) = resets.start_reset(centre["director"], by=centre["administrator"], way="slip")
    return reset, first, resets.print_second_half(reset, by=centre["council"])
