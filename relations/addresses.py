"""Where a record of any kind has its page: each kind's app names its pages alike (employers:detail, clients:detail)."""

from django.urls import NoReverseMatch, reverse

from relations.models import Kind

ROOMS = {Kind.EMPLOYER: "employers", Kind.CLIENT: "clients", Kind.PARTNER: "partners", Kind.STAFF: "staff"}


def record(stakeholder):
    """The page of `stakeholder`: that of its kind, or the plain one while its kind has no room of its own."""
    return own_page(stakeholder) or first_of(("relations:record", stakeholder.pk))


def own_page(stakeholder):
    """The page in the room of its kind, or ""."""
    return first_of((f"{ROOMS[stakeholder.kind]}:detail", stakeholder.pk))


def list_of(kind):
    """The list of all of one kind, or ""."""
    return first_of((f"{ROOMS[kind]}:list",))


def paper(interaction):
    """The printable 《沟通记录表》 of a contact (R94, R98, R102), or ""."""
    return first_of(
        (f"{ROOMS[interaction.stakeholder.kind]}:contact", interaction.stakeholder_id, interaction.pk)
    )


def month_paper(stakeholder, month):
    """The printable 《沟通记录表》 of a month (YYYY-MM) of a stakeholder (R101), or ""."""
    return first_of((f"{ROOMS[stakeholder.kind]}:month", stakeholder.pk, month))


def decision(found):
    """The page on which a proposed decision is answered."""
    return first_of(("relations:decision", found.pk))


def first_of(*candidates):
    for name, *args in candidates:
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    return ""
