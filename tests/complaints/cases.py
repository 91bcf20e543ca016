"""The addresses of a complaint, a file sent with it, and to whom it is escalated."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints.models import Access, AccessRole

PDF = b"%PDF-1.4 proof"


def address(name, case, *more):
    """Returns the URL of a page of the complaint."""
    return reverse(f"complaints:{name}", args=[case.number, *more])


def scan(name="签到表.pdf"):
    """Returns a file for take_step: (file, content type)."""
    return (SimpleUploadedFile(name, PDF), "application/pdf")


def escalated_users(case):
    """Returns the users to whom the complaint is escalated at present."""
    rows = Access.objects.current().filter(complaint=case, role=AccessRole.ESCALATED)
    return {access.user for access in rows}
