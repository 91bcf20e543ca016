"""Requests to the public portal: what a person types, and what the pages return."""

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
    """Returns the form data of an anonymous relative; a value of None leaves a field out."""
    fields = {
        "kind": "complaint",
        "person_class": "family",
        "subject": "conduct",
        "title": "探访没有按约定时间来",
        "statement": "说好每周六上午来，12号和19号都没来。",
    }
    return {name: value for name, value in (fields | more).items() if value is not None}


def page(client, address):
    """Requests a page. Returns its HTML."""
    return packed(client.get(address).content.decode())


def send(client, **more):
    """Opens the form and submits it. Returns the response."""
    token = TOKEN.search(page(client, FORM))[1]
    return client.post(FORM, typed(token=token) | more)


def code_on(client):
    """Returns the receipt code on the page of the receipt."""
    return "-".join(CODE.search(page(client, RECEIPT)).groups())


def sent(**more):
    """Submits a complaint. Returns (complaint, receipt code, client)."""
    client = Client()
    answer = send(client, **typed(**more))
    assert answer.url == RECEIPT, answer
    return Complaint.objects.order_by("-pk").first(), code_on(client), client


def following(code):
    """Returns a client that has entered the receipt code."""
    client = Client()
    assert client.post(FOLLOW, {"code": code}).url == CASE
    return client


def held_by(client):
    """Returns the session data of this browser in the portal; {} when there are none."""
    return dict(SessionStore(client.cookies[COOKIE].value).items()) if COOKIE in client.cookies else {}


def picture(kind="JPEG", size=(60, 40), **more):
    """Returns the bytes of a picture whose left half is red and whose right half is blue."""
    buffer, image = BytesIO(), Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    image.save(buffer, format=kind, **more)
    return buffer.getvalue()


def from_camera(orientation=1):
    """Returns the bytes of a JPEG with GPS position, device, comment and orientation."""
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "Phone of Chen", orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (23.0, 1.0, 30.0), 3: "E", 4: (113.0, 45.0, 6.0)})
    return picture(exif=exif, comment=b"taken by Chen")


def upload(name, content):
    """Returns a file of a form."""
    return SimpleUploadedFile(name, content)


HEIC, DOCX, PDF = samples.HEIC, samples.DOCX, samples.PDF
