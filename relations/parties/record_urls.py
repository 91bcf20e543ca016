"""URLs of the pages of a record of any kind; all kinds use the same URL names (<namespace>:detail)."""

from functools import cache

from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

from relations.parties.kinds import KINDS


def record_url(stakeholder):
    """Returns the URL of the page of `stakeholder`: that of its kind, or the plain one when the kind has no app."""
    return kind_page_url(stakeholder) or page_url("relations:record", stakeholder.pk)


def kind_page_url(stakeholder):
    """Returns the URL of the page in the app of its kind, or ""."""
    return page_url(url_name_of(stakeholder.kind, "detail"), stakeholder.pk)


def url_name_of(kind, page):
    """Returns the URL name of `page` of that kind, or "" when the kind has no app."""
    return KINDS[kind].url_name(page) if kind in KINDS else ""


def page_url(name, pk):
    """Returns the URL of the page `name` of the row `pk`, or "" when there is no such page."""
    before, behind = around_pk(name, get_urlconf(), get_script_prefix())
    return f"{before}{pk}{behind}" if before else ""


@cache
def around_pk(name, urlconf, prefix):
    """Returns the parts of the URL of a page before and after the pk; ("", "") when there is no such page.

    Cached, because lists need it for every row, and a failing `reverse` is far slower than a successful one.
    """
    before, _zero, behind = first_existing_url((name, 0)).rpartition("0")
    return before, behind


def list_url(kind):
    """Returns the URL of the list of one kind, or ""."""
    return first_existing_url((url_name_of(kind, "list"),))


def contact_paper_url(interaction):
    """Returns the URL of the printable 《沟通记录表》 of a contact (R94, R98, R102), or ""."""
    name = url_name_of(interaction.stakeholder.kind, "contact")
    return first_existing_url((name, interaction.stakeholder_id, interaction.pk))


def month_paper_url(stakeholder, month):
    """Returns the URL of the printable 《沟通记录表》 of a month (YYYY-MM) of a stakeholder (R101), or ""."""
    return first_existing_url((url_name_of(stakeholder.kind, "month"), stakeholder.pk, month))


def first_existing_url(*candidates):
    for name, *args in candidates:
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    return ""
