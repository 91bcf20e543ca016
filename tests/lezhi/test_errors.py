"""Error pages: the same text for absent and forbidden records, and no typed data lost when a form has expired."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile

from lezhi import errors
from tests.lezhi.pages import somebody

pytestmark = pytest.mark.urls("tests.lezhi.pages")
HERE = {"HTTP_ORIGIN": "http://testserver"}


def with_user(request, user=None):
    """Returns the request with a user."""
    request.user = user or somebody()
    return request


def text(response):
    return response.content.decode()


def test_not_found_says_the_same_whatever_the_address(rf):
    first = errors.not_found(with_user(rf.get("/employers/1/")))
    second = errors.not_found(with_user(rf.get("/employers/a-very-long-address/")))
    assert first.status_code == second.status_code == 404
    assert len(first.content) == len(second.content)
    assert "没有找到这一页，可能地址有误。" in text(first)


@pytest.mark.parametrize(("handler", "status"), [(errors.forbidden, 403), (errors.bad_request, 400)])
def test_handlers_answer_with_their_status(rf, handler, status):
    assert handler(with_user(rf.get("/"))).status_code == status


def test_server_error_needs_neither_user_nor_database(rf):
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "不是您的错" in text(response)


def test_stale_form_is_shown_again_with_every_value(rf):
    request = with_user(
        rf.post("/log/?to=5", {"words": "谈了\n续签<b>", "who": ["1", "2"], "empty": ""}, **HERE)
    )
    response = errors.csrf_failure(request)
    assert response.status_code == 403
    assert '<form class="mt4" method="post" action="/log/?to=5"' in text(response)
    assert text(response).count('<textarea name="who" hidden>') == 2
    assert '<textarea name="empty" hidden>' in text(response)
    assert "续签&lt;b&gt;" in text(response)
    assert "页面放久了" in text(response)


def test_stale_token_is_not_carried_along(rf):
    response = errors.csrf_failure(
        with_user(rf.post("/log/", {"csrfmiddlewaretoken": "old", "a": "b"}, **HERE))
    )
    assert 'name="csrfmiddlewaretoken" hidden' not in text(response)
    assert ">old<" not in text(response)


@pytest.mark.parametrize("headers", [{}, {"HTTP_ORIGIN": "http://evil.example"}, {"HTTP_ORIGIN": "null"}])
def test_form_of_another_site_is_not_offered_again(rf, headers):
    response = errors.csrf_failure(with_user(rf.post("/log/", {"words": "谈了续签"}, **headers)))
    assert "谈了续签" in text(response)
    assert 'action="/log/"' not in text(response)


def test_passwords_are_never_repeated(rf):
    response = errors.csrf_failure(
        with_user(rf.post("/login/", {"username": "me", "password": "s3cret"}, **HERE))
    )
    assert "s3cret" not in text(response)
    assert 'action="/login/"' not in text(response)


def test_button_without_fields_can_be_pressed_again(rf):
    response = errors.csrf_failure(with_user(rf.post("/logout/", **HERE)))
    assert 'action="/logout/"' in text(response)
    assert "内容还在" not in text(response)


def test_form_with_files_asks_for_them_again(rf):
    picture = SimpleUploadedFile("a.png", b"x")
    response = errors.csrf_failure(with_user(rf.post("/log/", {"words": "谈了", "file": picture}, **HERE)))
    assert "附件要回到上一页重新选" in text(response)
    assert "谈了" in text(response)


def test_expired_login_leads_back_after_logging_in(rf):
    request = with_user(rf.post("/log/?to=5", {"words": "谈了"}, **HERE), AnonymousUser())
    assert 'href="/login/?next=%2Flog%2F%3Fto%3D5"' in text(errors.csrf_failure(request))
    assert "登录已过期" in text(errors.csrf_failure(request))
