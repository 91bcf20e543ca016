"""意见／投诉档案夹: the forms of all complaints received in a period, behind an index (R152)."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.form_layout import CrispyFormMixin
from accounts.masks import masked_name
from accounts.widgets import DayInput
from complaints.access.masks import masker_for
from complaints.models import Complaint, Viewing
from complaints.paper import content as papers
from complaints.paper.wording import (
    ANONYMOUS,
    FILE_TITLE,
    INDEX,
    LABELS,
    full_day_words,
)

MAX_FORMS = 300  # forms per file: one page to print, one Word file
YEARS = range(2000, 2200)


class FileForm(CrispyFormMixin, forms.Form):
    """The first and last day of receipt; after validation, `found` holds the complaints that `user` may print."""

    first = forms.DateField(label=gettext_lazy("从哪天"), widget=DayInput)
    last = forms.DateField(label=gettext_lazy("到哪天"), widget=DayInput)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.found = []

    def get_layout(self):
        return Layout(Div("first", "last", css_class="two"))

    def clean_first(self):
        return validate_year(self.cleaned_data["first"])

    def clean_last(self):
        return validate_year(self.cleaned_data["last"])

    def clean(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if not first or not last:
            return
        if last < first:
            self.add_error("last", _("比开始的日期早，请检查日期。"))
            return
        self.found = list(complaints_between(self.user, first, last)[: MAX_FORMS + 1])
        if not self.found:
            raise ValidationError(_("这段时间没有收到您能打印的意见／投诉。"))
        if len(self.found) > MAX_FORMS:
            raise ValidationError(_("这段时间超过%d件，请把时间选短一些，分几次打印。") % MAX_FORMS)


def validate_year(day):
    if day.year not in YEARS:
        raise ValidationError(_("请检查年份。"))
    return day


def complaints_between(user, first, last):
    """Complaints visible to `user`, received from `first` to `last`; strictly confidential ones only for their head."""
    open_to_file = Q(is_strictly_confidential=False) | Q(head=user)
    received = Complaint.objects.visible_to(user).received_in(first, last).filter(open_to_file)
    return papers.with_paper_fields(received).order_by("received_on", "pk")


def record_printing(complaints, user):
    """Logs that `user` printed each of `complaints`."""
    rows = [Viewing(complaint=each, user=user, what=Viewing.What.PAPER) for each in complaints]
    Viewing.objects.bulk_create(rows)


def index_of(complaints, *, by, first, last):
    """The context of the index, the first page of the file."""
    with translation.override("zh-hans"):
        rows = [[str(place), *index_row(each)] for place, each in enumerate(complaints, 1)]
    return {
        "title": FILE_TITLE,
        "span": f"{full_day_words(first)} — {full_day_words(last)}　共{len(rows)}件",
        "head": list(INDEX),
        "rows": rows,
        "foot": papers.printed_by(by),
        "is_strict": any(each.is_strictly_confidential for each in complaints),
        "label": LABELS,
    }


def index_row(complaint):
    say = masker_for(complaint)
    return [
        complaint.number,
        complaint.received_on.isoformat(),
        complaint.get_kind_display(),
        say(complaint.title),
        ANONYMOUS if complaint.is_anonymous else masked_name(complaint.name),
        complaint.handler.name if complaint.handler else "",
        complaint.get_state_display(),
    ]
