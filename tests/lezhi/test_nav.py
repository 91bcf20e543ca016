"""The navigation shows the pages that exist and that the role may open; it requests counts only when it is rendered."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import NoReverseMatch

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

    monkeypatch.setattr(nav, "counts_of", count)
    return users


def request_of(rf, user, path="/"):
    """Returns a request of `user`."""
    request = rf.get(path)
    request.user = user
    return request


def addresses(navigation):
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
    assert addresses(built) == ["/", "/complaints/list/", "/complaints/measures/"]
    assert built.log is None
    assert built.search is None


def test_navigation_has_the_lists_and_imports_of_the_kinds_among_the_other_pages(rf, counted):
    built = nav.build(request_of(rf, somebody()))
    assert addresses(built) == [
        "/",
        "/approvals/",
        "/employers/",
        "/interactions/",
        "/relations/emergency/",
        "/complaints/list/",
        "/complaints/measures/",
        "/dashboard/",
        "/employers/import/",
        "/rules/",
        "/accounts/list/",
    ]


@pytest.mark.urls("lezhi.urls")
def test_every_entry_of_the_navigation_is_a_page_of_the_site():
    entries = [*nav.entries(), *nav.TABS, *nav.PERSONAL, nav.NOTICES, nav.SEARCH]
    assert all(nav.address(entry.url_name).startswith("/") for entry in entries)


def test_entry_without_a_page_is_an_error(rf, counted):
    misspelt = nav.Entry("用人单位", "employers:lst", "building")
    with pytest.raises(NoReverseMatch):
        nav.items([misspelt], somebody(), {}, "/")


def test_list_and_import_of_a_kind_are_for_those_who_see_its_records(rf, counted):
    built = nav.build(request_of(rf, somebody(sees_records_of=lambda kind: False)))
    assert [each for each in addresses(built) if each.startswith("/employers/")] == []
    assert [item.href for item in built.tabs] == ["/", "/log/", "/complaints/list/"]
    seen = nav.build(request_of(rf, somebody()))
    assert [item.href for item in seen.tabs] == ["/", "/employers/", "/log/", "/complaints/list/"]


def test_entries_with_the_same_label_stay_in_their_groups(rf, counted):
    entries = [
        nav.Entry("名册", "employers:list", "x", group="one"),
        nav.Entry("名册", "rules", "x", group="two"),
    ]
    groups = nav.grouped(entries, somebody(), {}, "/")
    assert [(heading, [item.href for item in items]) for heading, items in groups] == [
        ("one", ["/employers/"]),
        ("two", ["/rules/"]),
    ]


def test_navigation_drops_a_heading_without_entries(rf, counted):
    built = nav.build(request_of(rf, only(Permission.DASHBOARD)))
    assert [str(heading) for heading, _items in built.groups] == ["", "意见与投诉", "评估与改善", "管理"]


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
