"""Every page of the admin site for every role: only what roles.ADMIN_MODELS opens, and nothing is ever deleted."""

import pytest
from django.contrib import admin

from accounts.roles import GRANTS, Permission, Role
from tests.attack.answers import Answer, ask, kind_of
from tests.attack.declared import ADMIN_ADDS, ADMIN_SEES_ONLY, admin_permissions
from tests.attack.resolver import by_name
from tests.attack.world import CAUTION, HIDDEN, MARKS, OWN

pytestmark = pytest.mark.django_db
SITE = {name: address for name, address in by_name().items() if name.startswith("admin:")}
MODELS = {f"{model._meta.app_label}.{model._meta.model_name}": model for model in admin.site._registry}
PAGES = ("changelist", "add", "history", "delete", "change")
ENTRANCE = {
    Permission.MANAGE_ACCOUNTS,
    Permission.MANAGE_CALENDAR,
    Permission.MANAGE_RULES,
    Permission.CORRECT,
}
# Pages that belong to no model, by name; True if every role with access to the admin site may open them.
OTHERS = {
    "admin:index": True,
    "admin:app_list": None,  # open with the models of the app
    "admin:autocomplete": None,  # needs a model in the query string
    "admin:jsi18n": True,
    "admin:view_on_site": None,
    "admin:login": None,
    "admin:logout": None,
    "admin:password_change": None,
    "admin:password_change_done": None,
}
OUTSIDE = {Answer.LOGIN, Answer.NO_METHOD}


def name_of(label, page):
    """Returns the URL name of an admin page of the model `label`."""
    return f"admin:{label.replace('.', '_')}_{page}"


def test_every_admin_address_is_declared():
    pages = {name_of(label, page) for label in MODELS for page in PAGES}
    nameless = {name for name in SITE if "(" in name}
    assert sorted(set(SITE) - pages - set(OTHERS) - nameless) == []


def has_entrance(role):
    """Returns whether `role` may enter the admin site."""
    return bool(ENTRANCE & GRANTS[role].permissions)


def expected(role, label, page, method):
    """Returns the acceptable Answers for `role` on one page of the model `label`."""
    if not has_entrance(role):
        return {Answer.LOGIN}
    if page == "delete" or not admin_permissions(label) & GRANTS[role].permissions:
        return {Answer.FORBIDDEN}
    if page == "add" and label not in ADMIN_ADDS:
        return {Answer.FORBIDDEN}
    if page == "change" and method == "post" and label in ADMIN_SEES_ONLY:
        return {Answer.FORBIDDEN}
    return {Answer.OPEN}


def not_told_apart(label):
    """Returns one role of each class of those with the same permissions here: to enter, and for the model `label`."""
    classes = {}
    for role in Role:
        here = GRANTS[role].permissions & (ENTRANCE | admin_permissions(label))
        classes.setdefault(here, role)
    return set(classes.values())


def row_of(world, label):
    """Returns the key of some row of a model, for the URL of its change page; None when it has no row."""
    model, rows = MODELS[label], world.families[OWN].rows
    mine = [row for row in rows.values() if isinstance(row, model)]
    row = mine[0] if mine else model._base_manager.order_by("pk").first()
    return row and row.pk


def test_administrator_reads_no_secret(world):
    """Permission to correct shows no confidential record and no note of caution, on no page and in no history (R38)."""
    world.belongs_to(world.colleague)
    session, found = world.sessions[Role.ADMINISTRATOR], []
    for label, model in MODELS.items():
        keys = [
            row.pk for kin in world.families.values() for row in kin.rows.values() if isinstance(row, model)
        ]
        keys = dict.fromkeys(keys or [row_of(world, label)])
        urls = [SITE[name_of(label, "changelist")].url({}) + query for query in ("", f"?q={MARKS[HIDDEN]}")]
        urls += [
            SITE[name_of(label, page)].url({"object_id": key})
            for page in ("change", "history")
            for key in keys
            if key
        ]
        for url in urls:
            text = ask(session, "get", url).content.decode()
            found += [
                f"{url}: {mark}"
                for mark in (f"{MARKS[HIDDEN]}镇", f"{MARKS[HIDDEN]}密谈", CAUTION)
                if mark in text
            ]
    assert found == []


def url_of(world, label, page):
    """Returns the URL of an admin page, of some row where the page needs one."""
    address = SITE[name_of(label, page)]
    return address.url({"object_id": row_of(world, label)})


@pytest.mark.usefixtures("without_drawing")
@pytest.mark.parametrize("label", sorted(MODELS))
def test_admin_opens_what_the_roles_say(world, label, is_deep):
    found, askers = [], set(Role) if is_deep else not_told_apart(label)
    pages = PAGES if row_of(world, label) else ("changelist", "add")
    for page in pages:
        url = url_of(world, label, page)
        for method in ("get", "post"):
            answers = {who: kind_of(ask(world.sessions[who], method, url)) for who in (None, "left")}
            found += [f"{method} {page} as {who}" for who, answer in answers.items() if answer not in OUTSIDE]
            for role in sorted(askers):
                world.belongs_to(world.people[role])
                answer = kind_of(ask(world.sessions[role], method, url))
                if answer not in expected(role, label, page, method):
                    found.append(f"{method} {page} as {role}: {answer}")
    assert found == []


@pytest.mark.parametrize("name", [name for name, everybody in OTHERS.items() if everybody])
def test_admin_index_requires_an_admin_permission(world, name):
    url = SITE[name].url({})
    for role in Role:
        answer = kind_of(ask(world.sessions[role], "get", url))
        assert answer == (Answer.OPEN if has_entrance(role) else Answer.LOGIN), role


@pytest.mark.parametrize("label", sorted(MODELS))
def test_autocomplete_shows_only_models_that_are_open(world, label):
    app, model = label.split(".")
    url = (
        SITE["admin:autocomplete"].url({})
        + f"?app_label={app}&model_name={model}&field_name=department&term=a"
    )
    for role in Role:
        if not admin_permissions(label) & GRANTS[role].permissions:
            assert kind_of(ask(world.sessions[role], "get", url)) in (Answer.LOGIN, Answer.FORBIDDEN), role


def test_view_on_site_reveals_nothing(world):
    """Django's redirect from a content type checks no permission; here it leads to pages that do."""
    from django.contrib.contenttypes.models import ContentType

    row = world.families[OWN].employer
    kind = ContentType.objects.get_for_model(row)
    url = SITE["admin:view_on_site"].url({"content_type_id": kind.pk, "object_id": row.pk})
    for role in Role:
        answer = kind_of(ask(world.sessions[role], "get", url))
        assert has_entrance(role) or answer == Answer.LOGIN, role
