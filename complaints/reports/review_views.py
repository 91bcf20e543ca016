"""半年检讨: the review as a page to print."""

from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from complaints.models import Channel, ComplaintKind, Finding, PersonClass
from complaints.reports import review
from relations.duties.periods import period_label, period_of
from relations.models import Period
from reminders import clock
from reminders.calendar import workdays


def half_year_words(span):
    """The half-year as text: 2026年上半年."""
    words = {"year": span.starts_on.year, "half": period_label(Period.HALF, span.starts_on)}
    return _("%(year)s年%(half)s") % words


def choice_counts(choices, counter):
    """(label, number) in the order of `choices`."""
    return [(words, counter[value]) for value, words in choices]


class Review(PermissionRequired, TemplateView):
    """One half-year, to print; the last completed one unless the query string names another."""

    template_name = "complaints/review.html"

    def get_context_data(self, **kwargs):
        today = clock.today()
        span = review.parse_half_year(self.request.GET.get("half"), today)
        report = review.report(self.request.user, span, today, workdays.current_calendar())
        now = period_of(Period.HALF, today)
        offered = [
            now,
            review.previous_half_year(now),
            review.previous_half_year(review.previous_half_year(now)),
        ]
        return super().get_context_data(
            **kwargs,
            report=report,
            words=half_year_words(span),
            halves=[
                {"words": half_year_words(one), "value": review.half_year_text(one), "on": one == span}
                for one in offered
            ],
            rows=review.rows_by_subject(report),
            heads=[_("合计"), *ComplaintKind.labels, *Finding.labels],
            channels=choice_counts(Channel.choices, report.by["channel"]),
            people=choice_counts(PersonClass.choices, report.by["person_class"]),
            satisfied=report.by["is_satisfied"][True],
            unsatisfied=report.by["is_satisfied"][False],
            response_taken=report.taken[0],
            result_taken=report.taken[1],
            is_running=span.ends_on >= today,
            printed_at=clock.now(),
        )
