"""潜在 or 显在: the stretches of days in force, joined from the terms (R29-R32)."""

from datetime import timedelta

from django.db import transaction

from relations import bulk
from relations.duties import settlement as duties
from relations.models import StandingSpan, Term
from relations.models.stakeholder import NO_END


def merge_spans(terms):
    """Joins [(first, last or None), ...] where they overlap or touch; returns the joined list, oldest first.

    A span without end ends on NO_END.
    """
    joined = []
    for first, last in sorted((first, last or NO_END) for first, last in terms):
        if joined and first <= joined[-1][1] + timedelta(days=1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


@transaction.atomic
def update_standing(stakeholders, today):
    """After terms changed: writes the spans of these stakeholders (pks) anew and derives their duties."""
    spans = {pk: [] for pk in stakeholders}
    terms = (
        Term.objects.valid().filter(stakeholder__in=spans).values_list("stakeholder", "starts_on", "last_day")
    )
    for pk, first, last in terms:
        spans[pk].append((first, last))
    StandingSpan.objects.filter(stakeholder__in=spans).delete()
    bulk.insert_without_keys(
        [
            StandingSpan(stakeholder_id=pk, starts_on=first, ends_on=last)
            for pk, found in spans.items()
            for first, last in merge_spans(found)
        ]
    )
    duties.rederive(spans, today)
