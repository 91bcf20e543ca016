"""The form of every step, built from the fields that the step (complaints.workflow.lifecycle) requires or allows."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_layout import CrispyFormMixin
from accounts.models import User
from accounts.widgets import DayInput
from complaints.access import access_list
from complaints.acts import wording as act_words
from complaints.appointments import in_charge
from complaints.clocks import deadlines as clocks
from complaints.models import Channel, Complaint, ComplaintKind, Finding, ReplyForm, Subject
from complaints.workflow import guards
from complaints.workflow.lifecycle import ActInput, Step
from relations.cycle.forms import textarea
from relations.files.fields import FilesField, UploadFormMixin
from relations.meetings.forms import CheckedMultipleChoiceField

MAX_TEXT_LENGTH = 4000  # characters of one act
EXTRA_FIELDS = {  # optional fields of a step, in addition to those it needs
    "appoint": ("text",),
    "tell": ("due_on", "files"),
    "note": ("files",),
    "reply": ("files",),
    "satisfied": ("text", "files"),
    "unsatisfied": ("files",),
    "plan": ("words", "files"),
    "pass_on": ("files",),
    "answer": ("files",),
    "sign": ("finding",),
    "reclass": ("is_personnel",),
    "mark": ("is_strict", "users", "words"),
    "accuse": (),
    "file": ("text",),
}
FIELD_ORDER = (
    "kind",
    "subject",
    "is_personnel",
    "is_strict",
    "users",
    "user",
    "form_of_reply",
    "clock",
    "finding",
    "words",
    "on",
    "text",
    "due_on",
    "files",
)
DATE_REASON_FIELDS = {"plan": "words", "extend": "text"}  # the field with the reason for a different date
USUAL_REPLY_FORM = {  # of later replies, by the channel of the complaint; else PHONE
    Channel.EMAIL: ReplyForm.EMAIL,
    Channel.POST: ReplyForm.WRITING,
    Channel.WECHAT: ReplyForm.WECHAT,
}


@dataclass(frozen=True)
class FieldContext:
    """One form field of a step, with the values that the functions below need to build it."""

    name: str
    step: Step
    case: Complaint
    by: User
    today: date

    @property
    def common(self):
        """Arguments of every form field: label, help text, `required`, and the message when it is left empty."""
        options = {"label": act_words.field_label(self.step.name, self.name), "required": self.is_needed}
        if self.name in guards.MISSING:
            options["error_messages"] = {"required": guards.MISSING[self.name]}
        return options | {"help_text": act_words.HINTS.get((self.step.name, self.name), "")}

    @property
    def is_needed(self):
        if self.name == "finding":
            return self.case.kind == ComplaintKind.COMPLAINT
        return self.name in self.step.needs


def text_field(asked):
    return forms.CharField(max_length=MAX_TEXT_LENGTH, widget=textarea(4), **asked.common)


def words_field(asked):
    return forms.CharField(max_length=100, **asked.common)


def date_field(asked):
    return forms.DateField(widget=DayInput, initial=asked.today, **asked.common)


def due_date_field(asked):
    first = {"tell": asked.case.response_due_on, "plan": asked.case.result_due_on}.get(asked.step.name)
    return forms.DateField(widget=DayInput, initial=first, **asked.common)


def reply_form_field(asked):
    """The ways of replying that are possible here.

    The receipt code only where the complaint has one; a public notice only for anonymous complainants without contact
    details.
    """
    case, closed = asked.case, set()
    if not case.code_hash:
        closed.add(ReplyForm.CODE)
    if case.contact or not case.is_anonymous:
        closed.add(ReplyForm.NOTICE)
    choices = [choice for choice in ReplyForm.choices if choice[0] not in closed]
    usual = ReplyForm.CODE if case.code_hash else USUAL_REPLY_FORM.get(case.channel, ReplyForm.PHONE)
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, initial=usual, **asked.common)


def clock_field(asked):
    names = {clocks.RESPONSE: _("初步回应"), clocks.RESULT: _("处理结果")}
    running = [(each, names[each]) for each in clocks.CLOCKS if not getattr(asked.case, f"{each}_met_on")]
    return forms.ChoiceField(choices=running, widget=forms.RadioSelect, **asked.common)


def finding_field(asked):
    return forms.ChoiceField(
        choices=Finding.choices,
        widget=forms.RadioSelect,
        initial=asked.case.finding or None,
        **asked.common | {"error_messages": {"required": _("请选是否属实。")}},
    )


def kind_field(asked):
    choices = ComplaintKind.choices
    return forms.ChoiceField(
        choices=choices, widget=forms.RadioSelect, initial=asked.case.kind, **asked.common
    )


def subject_field(asked):
    choices = Subject.choices
    return forms.ChoiceField(
        choices=choices, widget=forms.RadioSelect, initial=asked.case.subject, **asked.common
    )


def personnel_field(asked):
    return forms.BooleanField(initial=asked.case.is_personnel, **asked.common)


def strictness_field(asked):
    return forms.BooleanField(initial=asked.case.is_strictly_confidential, **asked.common)


def user_field(asked):
    return forms.ModelChoiceField(selectable_people(asked), empty_label=_("请选择"), **asked.common)


def selectable_people(asked):
    """The users whom a step may name: neither excluded from the complaint nor on its list already.

    `delist` is the exception: it names the users who can be removed.
    """
    case, current = asked.case, asked.case.accesses.current()
    if asked.step.name == "delist":
        removable = current.filter(role__in=access_list.removable(case))
        return User.objects.filter(pk__in=removable.values("user")).order_by("name")
    open_to = access_list.eligible_readers(case)
    if asked.step.name == "list":
        return open_to.exclude(pk__in=current.values("user"))
    if asked.step.name == "pass_headship":
        return open_to.filter(pk__in=in_charge.eligible().values("pk")).exclude(pk=case.head_id)
    return open_to.exclude(pk=case.handler_id) if case.handler_id else open_to


def users_field(asked):
    """Several users: the accused, or those not to be informed; users recorded already are left out."""
    rest = User.objects.active().exclude(pk__in=asked.case.accused.values("user")).order_by("name")
    if asked.step.name == "mark":
        rest = rest.exclude(pk__in=asked.case.not_told.filter(user__isnull=False).values("user"))
        rest = rest.exclude(pk=asked.by.pk)
    return CheckedMultipleChoiceField(
        queryset=rest, widget=forms.SelectMultiple(attrs={"size": 6}), **asked.common
    )


def files_field(asked):
    field = FilesField(**asked.common)
    field.day = asked.today
    return field


FIELDS = {
    "text": text_field,
    "words": words_field,
    "on": date_field,
    "due_on": due_date_field,
    "form_of_reply": reply_form_field,
    "clock": clock_field,
    "finding": finding_field,
    "kind": kind_field,
    "subject": subject_field,
    "is_personnel": personnel_field,
    "is_strict": strictness_field,
    "user": user_field,
    "users": users_field,
    "files": files_field,
}


class ActForm(UploadFormMixin, CrispyFormMixin, forms.Form):
    """The form of one step. `version` is that of the complaint as shown to the user.

    Never has `data-draft`: a text about a complaint is stored on the server only, not on the device.
    """

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=2**31 - 1,
        error_messages={"required": _("请重新打开这一页。")},
    )

    def __init__(self, *args, case, step, by, today, **kwargs):
        kwargs.setdefault("auto_id", f"id_{step.name}_%s")
        super().__init__(*args, **kwargs)
        self.step = step
        self.initial.setdefault("version", case.version)
        for name in fields_of(step, case):
            self.fields[name] = FIELDS[name](FieldContext(name, step, case, by, today))

    def act_input(self):
        """The cleaned form as an ActInput, as complaints.workflow.lifecycle takes it."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        lists = {name: tuple(values[name]) for name in ("users", "files") if name in values}
        return ActInput(**values | lists)


def fields_of(step, case):
    """The names of the fields of `step`, in the order of the form."""
    named = {*step.needs, *EXTRA_FIELDS.get(step.name, ())}
    if case.kind != ComplaintKind.COMPLAINT:
        named.discard("finding")
    order = [name for name in FIELD_ORDER if name in named]
    if reason := DATE_REASON_FIELDS.get(step.name):
        order.remove(reason)
        order.insert(order.index("due_on") + 1, reason)
    return order
