"""Files of a complaint: checked like every upload, stored under a random name, served to users on the access list."""

from uuid import uuid4

from django.core.files import File

from complaints.models import Enclosure
from relations.files import virus_scan
from relations.files.attachments import STORED_FILES, sha256_of
from relations.files.names import clean_name


def attach_files(act, files):
    """Stores checked `files` (pairs of file and content type) with `act`, inside attachments.atomic_with_files."""
    return [store_file(act, file, content_type) for file, content_type in files]


def store_file(act, file, content_type):
    virus_scan.require_scanned(file)
    enclosure = Enclosure(
        complaint=act.complaint,
        act=act,
        name=clean_name(file.name),
        content_type=content_type,
        size=file.size,
        sha256=sha256_of(file),
    )
    enclosure.file.save(uuid4().hex, File(file), save=False)
    STORED_FILES.get().append(enclosure.file)
    enclosure.save(force_insert=True)
    return enclosure
