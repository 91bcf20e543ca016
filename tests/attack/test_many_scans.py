"""Small pictures that are expensive: a JPEG with very many scans, and many forms from one address at once."""

import random
from io import BytesIO

import pytest
from PIL import Image

from accounts.roles import Role
from complaints.models import Attempt, Complaint
from complaints.portal import codes, limits, picture_sizes
from tests.attack.test_dear_pictures import held, processes  # noqa: F401  the second is a fixture
from tests.complaints.portal import door
from tests.complaints.portal.door import FORM, typed, upload
from tests.factories.accounts import UserFactory


@pytest.fixture
def head(db, at):
    """The head, who is in charge of complaints, on a working day."""
    at("2026-09-28")
    for role in (Role.COUNCIL, Role.DIRECTOR):
        UserFactory(roles=[role])
    return UserFactory(roles=[Role.HEAD])


def repeated(times, side=100, between=b"", **way):
    """Returns a progressive JPEG whose last scan is repeated `times` times, each after the bytes `between`."""
    written = BytesIO()
    Image.new("L", (side, side), 100).save(written, "JPEG", progressive=True, **way)
    content = written.getvalue()
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + (between + last) * times + b"\xff\xd9"


def comment(content):
    """Returns a JPEG comment segment."""
    return b"\xff\xfe" + (len(content) + 2).to_bytes(2) + content


def send(client, content, **more):
    """Submits the portal form with this picture; returns the response."""
    files = {"files": [upload("a.jpg", content)]}
    return client.post(FORM, typed(token=codes.new_token()) | files, **more)


TOO_MANY = {
    "that of the attack": repeated(18_000, side=1000),
    "just too many": repeated(picture_sizes.MAX_SCANS),
    "comments between": repeated(60, between=comment(b"x")),
    "marks that fill between": repeated(60, between=b"\xff" * 9),
    "other bytes between": repeated(60, between=bytes(9)),
    "a marker without a length that hides the next": repeated(60, between=b"\xff\x02\xff\xff"),
}


@pytest.mark.parametrize("name", sorted(TOO_MANY))
def test_many_scans_decode_nothing(name, client, head, processes):  # noqa: F811
    answer = send(client, TOO_MANY[name])
    assert "处理不了" in answer.content.decode()
    assert (processes(), Complaint.objects.count()) == ([], 0)


def test_no_end_of_segments_is_broken(client, head, processes):  # noqa: F811
    answer = send(client, repeated(1, between=comment(b"") * picture_sizes.MAX_SEGMENTS))
    assert "打不开" in answer.content.decode()
    assert processes() == []


USUAL = {
    "progressive": repeated(0),
    "progressive with some more": repeated(20),
    "scans spoken of in a comment": repeated(1, between=comment(b"\xff\xda" * 600)),
    "a second picture behind the end": repeated(0) + repeated(60),
}


@pytest.mark.parametrize("name", sorted(USUAL))
def test_usual_pictures_are_taken(name, client, head):
    assert send(client, USUAL[name]).url == door.RECEIPT


@pytest.mark.parametrize("progressive", [False, True])
def test_scans_of_noise_are_found_across_every_chunk(progressive, monkeypatch):
    noise = Image.frombytes("RGB", (64, 64), random.Random(1).randbytes(64 * 64 * 3))
    written = BytesIO()
    noise.save(written, "JPEG", quality=95, progressive=progressive)
    for chunk in (2, 3, 7, 1 << 16):
        monkeypatch.setattr(picture_sizes, "CHUNK", chunk)
        found = list(picture_sizes.markers(written)).count(picture_sizes.SCAN)
        assert found == (10 if progressive else 1)


def test_form_whose_picture_was_refused_is_counted_each_time(client, head, processes):  # noqa: F811
    token, whole = codes.new_token(), door.picture("PNG", size=(300, 300))
    for times in (1, 2, 3):
        files = {"files": [upload("a.png", whole[: len(whole) // 2])]}
        assert "打不开" in client.post(FORM, typed(token=token) | files).content.decode()
        assert [sum(Attempt.objects.values_list("pixels", flat=True)), len(processes())] == [
            times * 90_000,
            times,
        ]


def test_one_form_of_an_address_at_a_time(client, head, rf, at, processes):  # noqa: F811
    today = at("2026-09-28")
    name = limits.work_name(rf.get("/", REMOTE_ADDR="203.0.113.5"), today)
    with held(f"{name}-0"):
        answer = send(client, repeated(0), REMOTE_ADDR="203.0.113.5")
        assert "现在很忙" in answer.content.decode()
        assert processes() == []
        assert not Attempt.objects.filter(pixels__gt=0).exists()  # nothing was to be decoded
        assert send(client, repeated(0), REMOTE_ADDR="203.0.113.77").url == door.RECEIPT
    assert send(client, repeated(0), REMOTE_ADDR="203.0.113.5").url == door.RECEIPT
