"""Where a record of any kind has its page: each kind's app names its pages alike (employers:detail, clients:detail)."""

from django.urls import NoReverseMatch, reverse


def record(stakeholder):
    """The page of `stakeholder`, or "" while its kind has no pages."""
    return first_of((f"{stakeholder.kind}s:detail", stakeholder.pk), ("relations:record", stakeholder.pk))


def paper(interaction):
    """The printable 《沟通记录表》 of a contact (R94, R98, R102), or ""."""
    return first_of((f"{interaction.stakeholder.kind}s:contact", interaction.stakeholder_id, interaction.pk))


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
