"""Small files of every type to upload, valid and invalid."""

import zipfile
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\x00" * 64
GIF = b"GIF89a" + b"\x00" * 64
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 64
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600
MACHO = b"MZ" + b"\x00" * 200
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def package(*parts, **contents):
    """The bytes of a zip with these parts, like an Office file; `contents` gives their text."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part in parts:
            archive.writestr(part, contents.get(part, "<x/>"))
    return buffer.getvalue()


DOCX = package("[Content_Types].xml", "word/document.xml")
XLSX = package("[Content_Types].xml", "xl/workbook.xml")
PPTX = package("[Content_Types].xml", "ppt/presentation.xml")


def upload(name, content):
    """An uploaded file; the browser does not say of which type it is."""
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")
