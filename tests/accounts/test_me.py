"""The user's own page, the language of the pages, and small rules of accounts."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import Role
from tests.factories.accounts import StandInFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(client):
    worker = UserFactory(name="吴浩然")
    client.force_login(worker)
    return worker


def test_own_page_asks_for_the_log_in(client):
    assert client.get("/me/").headers["Location"] == "/login/?next=/me/"


def test_own_page_changes_neither_roles_nor_name(client, worker):
    typed = {
        "language": "zh-hans",
        "version": worker.version,
        "roles": ["director"],
        "name": "总干事",
        "is_active": "",
        "department": "",
    }
    assert client.post("/me/", typed).status_code == 302
    worker.refresh_from_db()
    assert (worker.roles, worker.name, worker.is_active) == (["resident"], "吴浩然", True)
    assert worker.department is not None


def test_own_page_keeps_reminders_keys_and_language(client, worker):
    client.post("/me/", {"email": "wu@example.org", "language": "en", "version": worker.version})
    worker.refresh_from_db()
    stored = (worker.email, worker.wants_email, worker.uses_keys, worker.language)
    assert stored == ("wu@example.org", False, False, "en")


def test_own_settings_leave_the_duties_of_everybody_alone(client, worker, monkeypatch):
    """Only changes of roles, department or status make the next sweep derive all duties again."""
    derivations = []
    monkeypatch.setattr("relations.duties.receivers.opening.schedule_full_derivation", derivations.append)

    client.post("/me/", {"email": "wu@example.org", "language": "en", "version": worker.version})

    assert derivations == []


@pytest.mark.parametrize("typed", [{"email": "no-address", "language": "en"}, {"language": "fr"}])
def test_unfit_settings_are_refused(client, worker, typed):
    assert client.post("/me/", typed).status_code == 200
    worker.refresh_from_db()
    assert (worker.email, worker.language) == ("", "zh-hans")


def test_own_page_shows_roles_with_what_they_open_and_stand_ins(client, worker, at):
    at("2026-11-23")
    client.force_login(worker)
    StandInFactory(absent=worker)
    StandInFactory(stand_in=worker, cancelled_at="2026-11-20 00:00Z")
    context = client.get("/me/").context
    assert context["roles"] == [("驻点社工", "自己负责的：查看、登记、记录、推进、导出")]
    assert (len(context["away"]), len(context["standing_in"])) == (1, 0)


def test_language_is_kept_on_the_account(client, worker):
    answer = client.post("/language/", {"language": "en", "next": "/me/?a=1"})
    assert answer.headers["Location"] == "/me/?a=1"
    assert client.get("/me/").headers["Content-Language"] == "en"
    worker.refresh_from_db()
    assert worker.language == "en"


def test_language_of_a_visitor_is_kept_in_a_cookie(client):
    assert client.get("/login/").headers["Content-Language"] == "zh-hans"
    client.post("/language/", {"language": "en"})
    assert client.get("/login/").headers["Content-Language"] == "en"


def test_browser_language_alone_changes_nothing(client):
    assert client.get("/login/", HTTP_ACCEPT_LANGUAGE="en").headers["Content-Language"] == "zh-hans"


def test_language_of_the_account_wins_over_the_cookie(client, worker):
    client.cookies["django_language"] = "en"
    assert client.get("/me/").headers["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("language", ["fr", "", "../x"])
def test_unknown_language_changes_nothing(client, worker, language):
    assert client.post("/language/", {"language": language}).status_code == 302
    worker.refresh_from_db()
    assert worker.language == "zh-hans"
    assert "django_language" not in client.cookies


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_language_switch_leads_nowhere_else(client, worker, goal):
    assert client.post("/language/", {"language": "en", "next": goal}).headers["Location"] == "/"


def test_language_is_not_switched_by_a_link(client, worker):
    assert client.get("/language/?language=en").status_code == 405


def test_log_in_names_differ_by_more_than_case():
    UserFactory(username="zheng")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(username="Zheng")


def test_roles_saved_alone_take_the_tiers_along(worker):
    worker.roles = [Role.COUNCIL]
    worker.save(update_fields=["roles"])
    assert User.objects.get(pk=worker.pk).tiers == ["council"]


def test_what_the_history_does_not_keep_makes_no_version(worker):
    worker.save(update_fields=["last_login"])
    worker.save(update_fields=["password"])
    assert worker.history.count() == 1
    worker.save(update_fields=["phone"])
    assert worker.history.count() == 2


def test_language_chosen_elsewhere_is_not_undone_by_a_page_left_open(client, worker):
    old = {"email": "wu@example.org", "language": "zh-hans", "version": worker.version}
    client.post("/language/", {"language": "en"})
    answer = client.post("/me/", old)
    worker.refresh_from_db()
    assert (answer.status_code, worker.language, worker.email) == (409, "en", "")
    assert 'value="wu@example.org"' in answer.content.decode()
