"""Where a record of any kind has its page: each kind names its pages alike (<namespace>:detail)."""

from functools import cache

from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

from relations.parties.kinds import KINDS


def record_url(stakeholder):
    """The page of `stakeholder`: that of its kind, or the plain one while its kind has no room of its own."""
    return kind_page_url(stakeholder) or page_url("relations:record", stakeholder.pk)


def kind_page_url(stakeholder):
    """The page in the room of its kind, or ""."""
    return page_url(url_name_of(stakeholder.kind, "detail"), stakeholder.pk)


def url_name_of(kind, page):
    """The name of `page` of that kind, or "" while its app does not exist."""
    return KINDS[kind].url_name(page) if kind in KINDS else ""


def page_url(name, pk):
    """The page `name` of the row `pk`, or "" while there is no such page."""
    before, behind = around_pk(name, get_urlconf(), get_script_prefix())
    return f"{before}{pk}{behind}" if before else ""


@cache
def around_pk(name, urlconf, prefix):
    """What stands before and behind the pk in the address of a page, twice "" while there is no such page.

    Asked once: lists ask for every row, and to find that there is no page costs far more than to find one.
    """
    before, _zero, behind = first_existing_url((name, 0)).rpartition("0")
    return before, behind


def list_url(kind):
    """The list of all of one kind, or ""."""
    return first_existing_url((url_name_of(kind, "list"),))


def contact_paper_url(interaction):
    """The printable 《沟通记录表》 of a contact (R94, R98, R102), or ""."""
    name = url_name_of(interaction.stakeholder.kind, "contact")
    return first_existing_url((name, interaction.stakeholder_id, interaction.pk))


def month_paper_url(stakeholder, month):
    """The printable 《沟通记录表》 of a month (YYYY-MM) of a stakeholder (R101), or ""."""
    return first_existing_url((url_name_of(stakeholder.kind, "month"), stakeholder.pk, month))


def first_existing_url(*candidates):
    for name, *args in candidates:
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    return ""
