"""The public texts and their versions, and the poster."""

import pytest
from django.utils import translation

from accounts.exceptions import ActionRefused
from accounts.roles import GRANTS, Permission, Role
from complaints.models import PublicText
from complaints.public_texts import texts
from tests.employers.desk import asking
from tests.factories.accounts import UserFactory
from tests.html import packed

TEXTS, TEXT, POSTER = "/complaints/texts/", "/complaints/texts/rights/", "/complaints/poster/"


@pytest.fixture
def keeper(db, today):
    """A user who may change the public texts."""
    return UserFactory(roles=[role_with(Permission.MANAGE_RULES)], name="何婉清")


def role_with(permission):
    """Returns the first role with the permission."""
    return next(role for role in Role if permission in GRANTS[role].permissions)


def role_without(permission):
    """Returns the first role without the permission."""
    return next(role for role in Role if permission not in GRANTS[role].permissions)


@pytest.mark.django_db
@pytest.mark.parametrize("address", [TEXTS, TEXT, POSTER, "/complaints/texts/nothing/"])
def test_page_redirects_anonymous_users_to_login(client, address):
    assert client.get(address).url.startswith("/login/")


def test_who_may_not_manage_rules_is_refused(db, today):
    client = asking(UserFactory(roles=[role_without(Permission.MANAGE_RULES)]))
    assert [client.get(address).status_code for address in (TEXTS, TEXT, POSTER)] == [403, 403, 200]
    assert client.post(TEXT, {"text": "x", "seen": 0, "act": "save"}).status_code == 403
    assert not PublicText.objects.exists()


def test_unknown_text_is_not_there(keeper):
    assert asking(keeper).get("/complaints/texts/nothing/").status_code == 404


def test_preview_saves_nothing(keeper):
    answer = asking(keeper).post(TEXT, {"text": "第一条\n\n 第二条", "seen": 0, "act": "preview"})
    text = packed(answer.content.decode())
    assert "<li>第一条</li><li>第二条</li>" in text
    assert not PublicText.objects.exists()


def test_new_version_is_public_at_once_and_the_former_stays(keeper, client):
    """R123."""
    asking(keeper).post(TEXT, {"text": "第一版", "seen": 0, "act": "save"})
    first = PublicText.objects.get()
    asking(keeper).post(TEXT, {"text": "<b>第二版</b>", "seen": first.pk, "act": "save"})
    public = client.get("/portal/").content.decode()
    assert ("第一版" in public, "&lt;b&gt;第二版" in public) == (False, True)
    page = asking(keeper).get(TEXT).content.decode()
    assert [words for words in ("第一版", "第二版", "何婉清", "原来的内容") if words not in page] == []


def test_second_editor_is_told_and_keeps_what_was_typed(keeper):
    texts.save_version("rights", "先写的", by=keeper, seen=0)
    answer = asking(keeper).post(TEXT, {"text": "后写的", "seen": 0, "act": "save"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert [words for words in ("刚才有人先改了", "后写的", "先写的") if words not in text] == []
    assert texts.newest_texts()["rights"].text == "先写的"
    with pytest.raises(ActionRefused):
        texts.save_version("rights", "后写的", by=keeper, seen=0)


def test_same_text_makes_no_version(keeper):
    first = texts.save_version("phone", "0769-80000123", by=keeper, seen=0)
    assert texts.save_version("phone", "0769-80000123", by=keeper, seen=first.pk) == first
    assert PublicText.objects.count() == 1


def test_empty_text_hides_the_chapter_and_the_way(keeper, client, today):
    """R131-R134."""
    for key in ("rights", "phone"):
        texts.save_version(key, "", by=keeper, seen=0)
    assert [chapter.key for chapter in texts.chapters(today)] == ["ways", "actions"]
    assert texts.contact_ways() == []


def test_default_tells_the_numbers_of_the_day(keeper, today):
    """R124: the default text shows the parameters of the day."""
    with translation.override("zh-hans"):  # an earlier test may have left another language active
        assert "7个工作日内回应" in texts.default_text("actions", today)
        assert texts.default_text("phone", today) == ""


def test_poster_shows_the_address_and_the_ways(keeper, settings):
    settings.SITE_URL = "https://example.org"
    texts.save_version("phone", "0769-80000123", by=keeper, seen=0)
    text = asking(keeper).get(POSTER).content.decode()
    assert [
        words for words in ("https://example.org/portal/", "<svg", "0769-80000123") if words not in text
    ] == []


@pytest.mark.parametrize("address", [TEXTS, TEXT, POSTER])
def test_pages_are_there_in_english(keeper, address):
    keeper.language = "en"
    keeper.save()
    assert 'lang="en"' in asking(keeper).get(address).content.decode()
