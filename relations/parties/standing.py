"""潜在 or 显在: the spans of days in force, merged from the terms (R29-R32)."""

from datetime import timedelta

from django.db import transaction

from relations import bulk
from relations.duties import settlement as duties
from relations.models import StandingSpan, Term
from relations.models.stakeholder import NO_END


def merge_spans(terms):
    """Merges [(first, last or None), ...] where they overlap or adjoin; returns the merged list, oldest first.

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
    """Rebuilds the spans of these stakeholders (pks) after their terms changed, and derives their duties again."""
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
            for pk, days in spans.items()
            for first, last in merge_spans(days)
        ]
    )
    duties.rederive(spans, today)
