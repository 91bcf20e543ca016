"""The public portal and the staff site share nothing: a logged-in colleague can complain without leaving a trace.

The search for a link between account and complaint reads every table and every log line. Its control is the stock
configuration of Django, with one session for both.
"""

import json
import logging
import re
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings as site_settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, get_script_prefix, resolve, set_script_prefix

from accounts.models import User
from accounts.roles import Role
from accounts.tasks import clear_sessions
from complaints.models import Complaint, PortalSession, ShownReceipt
from complaints.portal import codes, sessions, short_tokens
from complaints.tasks import clear_portal_sessions
from lezhi.middleware.portal import is_portal, portal_cookies
from tests.attack.answers import session_for
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.complaints.portal import door
from tests.complaints.portal.door import CASE, FOLLOW, FORM, RECEIPT
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
MARK = "星标投诉内容"
NAME, LOGIN = "郑雅婷甲", "zheng-yating-7"
STOCK = {
    "lezhi.middleware.portal.PortalCookies": None,
    "lezhi.middleware.portal.Sessions": "django.contrib.sessions.middleware.SessionMiddleware",
    "lezhi.middleware.portal.Authentication": "django.contrib.auth.middleware.AuthenticationMiddleware",
}
PORTAL = [name for name, line in EXPECTED.items() if name.startswith("portal:") and line.get != NOBODY]


@pytest.fixture(autouse=True)
def centre(at):
    """The head and the users above, on a working morning at 10:03 (Shanghai)."""
    at("2026-09-28", 10, 3)
    return [UserFactory(roles=[role]) for role in (Role.DIRECTOR, Role.COUNCIL, Role.HEAD)]


@pytest.fixture
def colleague():
    """The colleague who complains; the name and login name do not occur by chance."""
    return UserFactory(username=LOGIN, name=NAME, email="zheng-yating@example.org")


@pytest.fixture
def one_session_for_both(settings):
    """The stock middlewares of Django instead of ours: one session for portal and staff site."""
    settings.MIDDLEWARE = [each for each in (STOCK.get(name, name) for name in settings.MIDDLEWARE) if each]


def speaks_up(colleague):
    """Complains as a logged-in colleague, reads the receipt and follows the case. Returns (client, complaint)."""
    client = Client()
    client.force_login(colleague, backend="accounts.backends.RoleBackend")
    client.get("/")
    token = codes.new_token()
    data = door.typed(token=token, title=MARK, statement=f"{MARK}：周三下午")
    assert client.post(FORM, data | {"files": door.upload("a.jpg", door.picture())}).url == RECEIPT
    code = door.code_on(client)
    assert client.post(FOLLOW, {"code": code}).url == CASE
    assert client.post(CASE, {"text": f"{MARK}，再补充一句"}).url == CASE
    assert MARK in door.page(client, CASE)
    client.get("/me/")
    case = Complaint.objects.get()
    client.seed = codes.seed_of(token)
    return client, case


def words_of(colleague, case, client):
    """Returns (texts that identify the account, texts that identify the complaint)."""
    account = [LOGIN, NAME, colleague.email, client.cookies["sessionid"].value]
    return account, [MARK, case.number, case.code_hash, case.intake_key, client.seed]


def rows():
    """Yields (model, {column: value}) for every row of every table; sessions are decoded."""
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.using("default").values():
            yield model, row | ({"held": session_data(row)} if model is Session else {})


def session_data(row):
    """Returns the content of a session row."""
    return import_module(site_settings.SESSION_ENGINE).SessionStore().decode(row["session_data"])


def points_at(model, row, instance):
    """Returns whether a foreign key of the row refers to `instance`, or the row is that instance."""
    keys = [
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(instance, (field.related_model,) if field.related_model else ())
    ]
    own = isinstance(instance, model) and row.get(model._meta.pk.attname) == instance.pk
    return own or any(row[key] == instance.pk for key in keys)


def joined_rows(colleague, case, client):
    """Returns the models of the rows that identify both the account and the complaint."""
    account, matter = words_of(colleague, case, client)
    found = []
    for model, row in rows():
        text, held = json.dumps(row, default=str, ensure_ascii=False), row.get("held", {})
        is_account = points_at(model, row, colleague) or any(word in text for word in account)
        is_account |= held.get(SESSION_KEY) == str(colleague.pk)
        is_case = points_at(model, row, case) or any(word in text for word in matter)
        is_case |= held.get(short_tokens.CASE, [None])[0] == case.pk
        if is_account and is_case:
            found.append(model._meta.label)
    return found


def joined_lines(caplog, colleague, case, client):
    """Returns the log lines that identify both the account and the complaint."""
    account, matter = words_of(colleague, case, client)
    lines = [record.getMessage() + str(record.__dict__) for record in caplog.records]
    return [
        line[:200]
        for line in lines
        if any(word in line for word in account) and any(word in line for word in matter)
    ]


def test_no_row_and_no_log_line_holds_account_and_case(colleague, caplog):
    for name in (None, "django", "axes", "celery"):
        caplog.set_level(logging.DEBUG, logger=name)
    with CaptureQueriesContext(connection):
        client, case = speaks_up(colleague)
    assert joined_rows(colleague, case, client) == []
    assert len(caplog.records) > 20
    assert joined_lines(caplog, colleague, case, client) == []


def test_search_finds_the_join_of_one_session_for_both(one_session_for_both, colleague):
    """The control."""
    client, case = speaks_up(colleague)
    assert joined_rows(colleague, case, client) == ["sessions.Session"]


def test_search_finds_a_joined_line(colleague, caplog):
    client, case = speaks_up(colleague)
    logging.getLogger("lezhi").error("%s wrote %s", LOGIN, case.number)
    assert len(joined_lines(caplog, colleague, case, client)) == 1


def test_public_door_asks_and_writes_nothing_of_the_staff_session(colleague, at):
    client = Client()
    client.force_login(colleague, backend="accounts.backends.RoleBackend")
    before = list(Session.objects.values())
    at("2026-09-28", 15, 3)
    with CaptureQueriesContext(connection) as queries:
        door.send(client)
        client.get(RECEIPT)
        for name in PORTAL:
            client.get(by_name()[name].url({}))
        client.post("/portal/leave/")
    assert [query["sql"] for query in queries if "django_session" in query["sql"]] == []
    assert list(Session.objects.values()) == before
    assert client.get("/me/").status_code == 200


def test_pages_are_those_of_nobody(colleague):
    """No name, no number, no language of the account: byte for byte the page of a visitor without an account."""
    User.objects.filter(pk=colleague.pk).update(language="en", must_change_password=True)
    client = Client()
    client.force_login(colleague, backend="accounts.backends.RoleBackend")
    client.cookies["messages"] = "x"
    client.cookies["django_language"] = "en"
    for path in [*(by_name()[name].url({}) for name in PORTAL), "/portal/nowhere/"]:
        assert answer_of(client, path) == answer_of(Client(), path)


SECRETS = re.compile(rb'name="(?:csrf\w+|csrf-token|token)" (?:value|content)="[^"]+"')


def answer_of(client, path):
    """Returns status, redirect and text of a response, without tokens."""
    answer = client.get(path)
    content = answer.getvalue() if path.endswith("word/") else answer.content
    text = b"" if path.endswith("word/") else SECRETS.sub(b"", content)
    return answer.status_code, answer.headers.get("Location"), text


def test_pages_differ_with_one_session_for_both(one_session_for_both, colleague):
    """Control: the language of the account and its temporary password have an effect."""
    User.objects.filter(pk=colleague.pk).update(must_change_password=True)
    client = Client()
    client.force_login(colleague, backend="accounts.backends.RoleBackend")
    assert answer_of(client, FORM) != answer_of(Client(), FORM)


# Which requests belong to the public portal.

PATHS = [
    "/portal/",
    "/portal",
    "/portal/form/",
    "/PORTAL/form/",
    "/Portal/",
    "//portal/form/",
    "/portal//form/",
    "/./portal/form/",
    "/portal/../form/",
    "/portal/../employers/",
    "/portal/../me/",
    "/employers/../portal/form/",
    "/portal/./case/",
    "/portal\\case/",
    "/portal;x/case/",
    "/portal/case/;x",
    "/%70ortal/case/",
    "/portal%2Fcase/",
    "/portal/%2e%2e/me/",
    "/portal\u2215case/",
    "/ｐortal/case/",
    "/portal/case/?next=/me/",
    "/complaints/",
    "/me/",
    "/portalx/",
    "/",
]


def chosen(path, prefix):
    """Returns (whether the session is that of the portal, whether the view is; None where there is no page)."""
    request = RequestFactory().get(path, SCRIPT_NAME=prefix)
    try:
        is_view = resolve(request.path_info).namespace == "portal"
    except Resolver404:
        is_view = None
    return is_portal(request), is_view


@pytest.mark.parametrize("prefix", ["", "/centre"], ids=["root", "prefix"])
def test_session_is_chosen_as_the_view_is(prefix, script_prefix):
    """A request that reaches a page of the portal has no account; a request that reaches another page has."""
    script_prefix(prefix)
    found = {path: chosen(path, prefix) for path in PATHS}
    assert {path: pair for path, pair in found.items() if pair[1] not in (pair[0], None)} == {}
    assert [path for path, pair in found.items() if pair == (True, True)] == [
        "/portal/",
        "/portal/form/",
        "/%70ortal/case/",
        "/portal%2Fcase/",
        "/portal/case/?next=/me/",
    ]


@pytest.fixture
def script_prefix():
    """Sets the script prefix of Django until the end of the test."""
    before = get_script_prefix()
    yield lambda prefix: set_script_prefix(f"{prefix}/")
    set_script_prefix(before)


@pytest.mark.parametrize("path", ["/portal/../me/", "/portal/%2e%2e/me/", "/PORTAL/case/", "//portal/case/"])
def test_path_that_plays_tricks_opens_neither_side(colleague, path):
    client, _case = speaks_up(colleague)
    answer = client.get(path)
    text = answer.content.decode()
    assert (answer.status_code, MARK in text, NAME in text) == (404, False, False)


# The cookies.

THEIRS = (
    "sessionid=staff; csrftoken=theirs; messages=m; django_language=en; portal_sessionid=ours; portal_x=1"
)


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        (THEIRS, "sessionid=ours; x=1"),
        ("sessionid=staff", ""),
        ("", ""),
        ("portal_sessionid", "sessionid"),
        (" portal_sessionid=a=b ;sessionid=c", "sessionid=a=b"),
        ("xportal_sessionid=a; sessionid=portal_sessionid=b", ""),
        ('sessionid="x; portal_sessionid=y"', 'sessionid=y"'),
    ],
)
def test_cookies_of_the_staff_site_are_taken_out(sent, left):
    assert portal_cookies(sent) == left


@pytest.mark.parametrize("prefix", ["", "/centre"], ids=["root", "prefix"])
def test_cookie_of_the_public_door_has_a_name_and_a_path_of_its_own(prefix, script_prefix):
    script_prefix(prefix)
    answer = Client(SCRIPT_NAME=prefix, HTTP_COOKIE=THEIRS).get("/portal/form/")
    cookies = {name: cookie.OutputString() for name, cookie in answer.cookies.items()}
    assert set(cookies) == {
        "portal_csrftoken",
        "portal_sessionid",
    }  # the latter is deleted: no session has the key "ours"
    assert [f"Path={prefix}/portal/" in cookie for cookie in cookies.values()] == [True, True]
    assert answer.wsgi_request.META["HTTP_COOKIE"] == "sessionid=ours; x=1"


def test_both_cookies_are_out_of_reach_of_scripts_and_other_sites(settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    door.send(client)
    cookies = {name: cookie for name, cookie in client.cookies.items() if cookie.value}
    flags = {
        name: (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"], cookie["max-age"])
        for name, cookie in cookies.items()
    }
    assert flags["portal_sessionid"] == (True, "Lax", True, "/portal/", "")
    assert flags["portal_csrftoken"][:4] == (True, "Lax", True, "/portal/")
    assert set(flags) == {"portal_sessionid", "portal_csrftoken"}


def test_staff_site_has_its_own_names_and_paths(colleague):
    client = Client()
    client.force_login(colleague, backend="accounts.backends.RoleBackend")
    client.get("/me/")
    assert {name: cookie["path"] for name, cookie in client.cookies.items()} == {
        "sessionid": "/",
        "csrftoken": "/",
    }


def test_token_of_one_side_sends_no_form_of_the_other(colleague):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(colleague, backend="accounts.backends.RoleBackend")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', door.page(strict, "/me/"))[1]
    data = door.typed(token=codes.new_token(), csrfmiddlewaretoken=token)
    assert strict.post(FORM, data).status_code == 403
    own = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', door.page(strict, FORM))[1]
    assert strict.post(FORM, data | {"csrfmiddlewaretoken": own}).url == RECEIPT


def test_key_of_one_side_opens_nothing_at_the_other(colleague):
    _case, _code, sender = door.sent()
    swapped = Client()
    swapped.cookies["sessionid"] = sender.cookies[door.COOKIE].value
    assert swapped.get("/me/").status_code == 302
    swapped.cookies[door.COOKIE] = session_for(colleague)
    assert swapped.get(RECEIPT).url == FOLLOW


def test_session_of_the_public_door_takes_no_account(colleague):
    store = sessions.SessionStore()
    store[SESSION_KEY] = str(colleague.pk)
    with pytest.raises(ValueError, match="Nobody is logged in"):
        store.save()


def test_language_is_chosen_apart(colleague):
    client = Client()
    client.force_login(colleague, backend="accounts.backends.RoleBackend")
    answer = client.post("/portal/language/", {"language": "en", "next": FORM})
    assert (answer.url, set(answer.cookies)) == (FORM, {"portal_django_language"})
    assert tuple('<html lang="en"' in door.page(client, path) for path in (FORM, "/me/")) == (True, False)
    colleague.refresh_from_db()
    assert colleague.language == "zh-hans"


@pytest.mark.parametrize("goal", ["/me/", "https://evil.example/portal/", "//evil.example/portal/", ""])
def test_language_leads_back_to_the_public_door_only(goal):
    assert Client().post("/portal/language/", {"language": "en", "next": goal}).url == "/portal/"


# The table of portal sessions.


def test_table_says_neither_who_nor_which_case_nor_when(colleague):
    client, case = speaks_up(colleague)
    (row,) = PortalSession.objects.values()
    assert row["until"].isoformat() == "2026-09-28T02:30:00+00:00"  # 10:30, though it ends at 10:23
    key = client.cookies[door.COOKIE].value
    assert key not in str(row)
    assert (
        sessions.unseal(row["sealed"], key).count(":") == 2
    )  # the signed form of Django: readable with the cookie,
    assert sessions.SessionStore().decode(sessions.unseal(row["sealed"], key + "x")) == {}  # and only with it
    assert dict(sessions.SessionStore(key).items())[short_tokens.CASE][0] == case.pk


def test_same_content_is_never_sealed_alike():
    assert sessions.seal(MARK, "key") != sessions.seal(MARK, "key")
    assert sessions.unseal(sessions.seal(MARK, "key"), "key") == MARK


def test_row_laid_under_another_key_is_not_read(colleague):
    """Write access to the table does not give a visitor the complaint of another."""
    client, _case = speaks_up(colleague)
    (row,) = PortalSession.objects.all()
    PortalSession.objects.create(key_hash=sessions.key_hash("k" * 32), sealed=row.sealed, until=row.until)
    other = Client()
    other.cookies[door.COOKIE] = "k" * 32
    assert other.get(CASE).url == FOLLOW
    assert client.get(CASE).status_code == 200


def test_leaving_removes_row_and_cookie(colleague):
    client, _case = speaks_up(colleague)
    copied = client.cookies[door.COOKIE].value
    client.post("/portal/leave/")
    assert PortalSession.objects.count() == 0
    assert client.cookies[door.COOKIE].value == ""
    thief = Client()
    thief.cookies[door.COOKIE] = copied
    assert thief.get(CASE).url == FOLLOW
    assert joined_rows(colleague, Complaint.objects.get(), client) == []


def test_request_that_was_on_its_way_brings_nothing_back(colleague):
    client, case = speaks_up(colleague)
    key = client.cookies[door.COOKIE].value
    slow = sessions.SessionStore(key)
    assert slow[short_tokens.CASE][0] == case.pk
    client.post("/portal/leave/")
    with pytest.raises(sessions.UpdateError):
        slow.save()
    assert PortalSession.objects.count() == 0


def test_session_that_has_run_out_is_gone_at_the_next_request(colleague, at):
    client, _case = speaks_up(colleague)
    at("2026-09-28", 10, 22)
    assert client.get("/portal/case/").status_code == 200
    at("2026-09-28", 10, 42)
    assert client.get("/portal/case/").url == FOLLOW
    assert PortalSession.objects.count() == 0


def test_beat_clears_what_has_run_out_and_keeps_what_lives(colleague, at):
    speaks_up(colleague)
    at("2026-09-28", 10, 25)
    _case, code, _sender = door.sent()
    follower = door.following(code)
    at("2026-09-28", 10, 31)
    clear_portal_sessions()
    assert PortalSession.objects.count() == 2  # the last sender, and the follower
    assert follower.get(CASE).status_code == 200
    at("2026-09-28", 11, 30)
    clear_portal_sessions()
    assert (PortalSession.objects.count(), ShownReceipt.objects.count()) == (0, 2)
    at("2026-09-29", 10, 44)
    clear_portal_sessions()
    assert ShownReceipt.objects.count() == 1
    at("2026-09-29", 10, 46)
    clear_portal_sessions()
    assert ShownReceipt.objects.count() == 0


def test_beat_clears_expired_staff_sessions_and_keeps_live_ones(colleague, at):
    old = session_for(colleague)
    at("2026-09-28", 20, 0)
    live = session_for(colleague)
    at("2026-09-28", 22, 4)
    clear_sessions()
    assert set(Session.objects.values_list("pk", flat=True)) == {live}
    assert old != live


def test_sessions_of_before_that_name_both_are_removed_on_upgrading(colleague):
    """No other sessions: all other users stay logged in."""
    store = import_module(site_settings.SESSION_ENGINE).SessionStore
    plain = session_for(colleague)
    for name in ("portal_case", "portal_receipt", "portal_shown"):
        both = store(session_for(colleague))
        both[name] = [1, 2]
        both.save()
    migration = import_module("complaints.migrations.0003_portal_sessions")
    migration.remove_joined_sessions(apps, None)
    assert list(Session.objects.values_list("pk", flat=True)) == [plain]


def test_error_report_of_the_public_door_holds_no_cookie_of_the_staff_site(colleague, monkeypatch, settings):
    """The report that a debugger or an error mail would show."""

    def fails(*args, **kwargs):
        raise RuntimeError(MARK)

    settings.DEBUG = True
    monkeypatch.setattr(short_tokens, "case_of", fails)
    client = Client(raise_request_exception=False)
    client.force_login(colleague, backend="accounts.backends.RoleBackend")
    report = client.get(CASE).content.decode()
    assert MARK in report
    key = client.cookies["sessionid"].value
    assert [word for word in (key, NAME, LOGIN) if word in report] == []
