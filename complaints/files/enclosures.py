"""Files of a complaint: checked like every upload, kept under a random name, handed out to those on the list."""

from uuid import uuid4

from django.core.files import File

from complaints.models import Enclosure
from relations.files import virus_scan
from relations.files.attachments import KEPT, digest
from relations.files.names import clean_name


def enclose(act, files):
    """Keeps checked `files` (pairs of file and content type) with `act`, inside attachments.all_or_nothing."""
    return [keep(act, file, content_type) for file, content_type in files]


def keep(act, file, content_type):
    virus_scan.require_shown(file)
    enclosure = Enclosure(
        complaint=act.complaint,
        act=act,
        name=clean_name(file.name),
        content_type=content_type,
        size=file.size,
        sha256=digest(file),
    )
    enclosure.file.save(uuid4().hex, File(file), save=False)
    KEPT.get().append(enclosure.file)
    enclosure.save(force_insert=True)
    return enclosure
