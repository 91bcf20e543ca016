"""The users of a small centre: head, council member, director, handler, and a registrar who is on no list."""

import pytest

from accounts.roles import Role
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory


@pytest.fixture
def today(at):
    """Monday, 28 September 2026: before the national holiday and its make-up Saturday."""
    return at("2026-09-28")


@pytest.fixture
def council(db):
    return UserFactory(roles=[Role.COUNCIL], name="何理事")


@pytest.fixture
def director(db):
    return UserFactory(roles=[Role.DIRECTOR], name="林总干事")


@pytest.fixture
def head(today, council, director):
    return UserFactory(roles=[Role.HEAD], name="周主任")


@pytest.fixture
def head_client(client, head):
    """A client logged in as the head."""
    client.force_login(head)
    return client


@pytest.fixture
def handler(db):
    return UserFactory(roles=[Role.DEPUTY], name="高副总")


@pytest.fixture
def registrar(db):
    return UserFactory(name="苏社工")


@pytest.fixture
def case(head, registrar):
    """A complaint by telephone that has just been handed over to the head."""
    return ComplaintFactory(by=registrar)
