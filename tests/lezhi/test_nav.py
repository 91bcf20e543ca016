"""The navigation shows the pages that exist and that the role may open; it requests counts only when it is rendered."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.roles import Permission
from lezhi import nav
from tests.lezhi.pages import somebody

pytestmark = pytest.mark.urls("tests.lezhi.pages")


@pytest.fixture
def counted(monkeypatch):
    """Registers a count; returns the list of users it was requested for."""
    users = []

    def count(user):
        users.append(user)
        return {"owed": 8, "unread": 5}

    monkeypatch.setattr(nav, "COUNTS", {"test": count})
    return users


def request_of(rf, user, path="/"):
    """Returns a request of `user`."""
    request = rf.get(path)
    request.user = user
    return request


def labels(navigation):
    """Returns the URLs of all entries."""
    return [item.href for _heading, items in navigation.groups for item in items]


def only(*permissions):
    """Returns a user with these permissions alone."""
    return somebody(may=lambda permission: permission in permissions)


def test_navigation_of_a_stranger_is_empty_and_counts_nothing(rf, counted):
    built = nav.build(request_of(rf, AnonymousUser()))
    assert (built.groups, built.tabs, built.log, built.notices) == ([], [], None, None)
    assert counted == []


def test_navigation_without_a_user_is_empty(rf):
    assert nav.build(rf.get("/")).groups == []


def test_navigation_leaves_out_what_the_role_may_not_open(rf, counted):
    built = nav.build(request_of(rf, only()))
    assert labels(built) == ["/"]
    assert built.log is None
    assert built.search is None


def test_navigation_leaves_out_pages_that_do_not_exist(rf, counted):
    built = nav.build(request_of(rf, somebody()))
    assert labels(built) == [
        "/",
        "/approvals/",
        "/employers/",
        "/interactions/",
        "/dashboard/",
        "/employers/import/",
        "/rules/",
    ]


def test_navigation_drops_a_heading_without_entries(rf, counted):
    built = nav.build(request_of(rf, only(Permission.DASHBOARD)))
    assert [str(heading) for heading, _items in built.groups] == ["", "管理"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", "/"),
        ("/employers/", "/employers/"),
        ("/employers/5/", "/employers/"),
        ("/employers/import/", "/employers/import/"),
        ("/nowhere/", None),
    ],
)
def test_navigation_marks_the_closest_entry(rf, counted, path, current):
    built = nav.build(request_of(rf, somebody(), path))
    marked = [item.href for _heading, items in built.groups for item in items if item.current]
    assert marked == ([current] if current else [])


def test_navigation_shows_counts_and_asks_once(rf, counted):
    built = nav.build(request_of(rf, somebody()))
    assert built.groups[0][1][0].count == 8
    assert built.notices.count == 5
    assert len(counted) == 1


def test_context_processor_asks_nothing_until_drawn(rf, counted):
    shown = nav.navigation(request_of(rf, somebody()))["nav"]
    assert counted == []
    assert shown.log.href == "/log/"


@pytest.mark.parametrize("permission", nav.ADMINISTRATION)
def test_administration_opens_to_any_of_its_permissions(permission):
    entry = nav.Entry("管理后台", "admin:index", "gear", nav.ADMINISTRATION)
    assert entry.open_to(only(permission))
    assert not entry.open_to(only(Permission.VIEW))
