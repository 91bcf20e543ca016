"""Somebody at the public door: what they type, and what they find."""

import re
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from complaints.models import Complaint
from complaints.portal.sessions import SessionStore
from tests.html import packed
from tests.relations import samples

FORM, RECEIPT, FOLLOW, CASE = (reverse(f"portal:{name}") for name in ("form", "receipt", "follow", "case"))
COOKIE = "portal_sessionid"
CODE = re.compile(r"<b>([0-9A-Z-]{14})</b><b>([0-9A-Z-]{19})</b>")
TOKEN = re.compile(r'name="token" value="([^"]+)"')


def typed(**more):
    """What a relative types without a name; give a value of None to leave a field out."""
    given = {
        "kind": "complaint",
        "person_class": "family",
        "subject": "conduct",
        "title": "探访没有按约定时间来",
        "statement": "说好每周六上午来，12号和19号都没来。",
    }
    return {name: value for name, value in (given | more).items() if value is not None}


def page(client, address):
    return packed(client.get(address).content.decode())


def send(client, **more):
    """Opens the form and sends it. Returns the answer."""
    token = TOKEN.search(page(client, FORM))[1]
    return client.post(FORM, typed(token=token) | more)


def code_on(client):
    """The code on the receipt."""
    return "-".join(CODE.search(page(client, RECEIPT)).groups())


def sent(**more):
    """A complaint that came through the door. Returns it with its code and the client that sent it."""
    client = Client()
    answer = send(client, **typed(**more))
    assert answer.url == RECEIPT, answer
    return Complaint.objects.order_by("-pk").first(), code_on(client), client


def following(code):
    """A client that has told the code."""
    client = Client()
    assert client.post(FOLLOW, {"code": code}).url == CASE
    return client


def held_by(client):
    """What the public door keeps for this browser; {} when nothing."""
    return dict(SessionStore(client.cookies[COOKIE].value).items()) if COOKIE in client.cookies else {}


def picture(kind="JPEG", size=(60, 40), **more):
    """A picture as bytes, its left half red."""
    held, image = BytesIO(), Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    image.save(held, format=kind, **more)
    return held.getvalue()


def from_camera(orientation=1):
    """A JPEG with a position, a device, a comment and an orientation."""
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "Phone of Chen", orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (23.0, 1.0, 30.0), 3: "E", 4: (113.0, 45.0, 6.0)})
    return picture(exif=exif, comment=b"taken by Chen")


def upload(name, content):
    return SimpleUploadedFile(name, content)


HEIC, DOCX, PDF = samples.HEIC, samples.DOCX, samples.PDF
