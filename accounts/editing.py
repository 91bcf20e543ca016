"""Two people editing one record: one wins, the other is shown the difference and keeps what was typed (design §3).

`VersionedUpdate` is mixed into an UpdateView on a model with `version`. The form carries the version that was shown;
saving claims it by an UPDATE that asks for it, so that of two parallel saves exactly one goes through on either
database.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.db import models, transaction
from django.forms.models import construct_instance
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.act_views import RefusalMixin
from accounts.exceptions import EditConflict, ParameterRefused

KEEP_PREFIX = "keep_"
RESOLVING = "resolving"
OWN_KEYS = {"csrfmiddlewaretoken", "version", RESOLVING}


@dataclass
class ConflictRow:
    """One line of the conflict page; `changed` asks for a choice, otherwise the other person's value stands."""

    name: str
    label: str
    theirs: str
    mine: str
    changed: bool


def claim_version(record, version):
    """Takes the right to save `record` as the one who saw `version`; raises EditConflict when it has moved on.

    Call inside a transaction. The counter is raised on the table that has it, also for a model that extends another.
    """
    owner = record._meta.get_field("version").model
    waiting = owner._base_manager.filter(pk=record.pk, version=version)
    if not waiting.update(version=version + 1):
        raise EditConflict


def increment_version(record):
    """Raises the version of `record` for an act that writes without a form: what stands open elsewhere is overtaken.

    Call inside the transaction of the act, before it writes.
    """
    owner = record._meta.get_field("version").model
    owner._base_manager.filter(pk=record.pk).update(version=models.F("version") + 1)
    record.refresh_from_db(fields=["version"])


class VersionedUpdate(RefusalMixin):
    """For an UpdateView whose model has `version`.

    A view that does more than save the form overrides `save_form(form)`, which runs inside the transaction after
    the claim and may itself raise EditConflict or Refused; one whose save counts the version itself overrides `claim`
    to do nothing.
    What a form puts on the record belongs into its fields or its `save`, because the record is read anew before.
    """

    conflict_template_name = "accounts/conflict.html"

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput,
            initial=self.object.version,
            error_messages={"required": _("请重新打开这一页。")},
        )
        if form.is_bound and RESOLVING in form.data:
            form.data = merged_data(form)
        return form

    def form_valid(self, form):
        version = form.cleaned_data["version"]
        try:
            with transaction.atomic():
                self.claim(version)
                self.rebase(form)
                return self.save_form(form)
        except EditConflict:
            return self.conflict(form, version)
        except ParameterRefused as refusal:
            return self.refused(form, refusal)

    def claim(self, version):
        claim_version(self.object, version)

    def rebase(self, form):
        """What others wrote beside the form (the last contact, a hand-over) is not overwritten."""
        self.object = form.instance = construct_instance(
            form, self.latest(), form._meta.fields, form._meta.exclude
        )

    def save_form(self, form):
        return super().form_valid(form)

    def latest(self):
        """The record as it is now, if the person may still see it."""
        record = self.get_queryset().filter(pk=self.object.pk).first()
        if record is None:
            raise Http404
        return record

    def conflict(self, form, version):
        """The page that shows both values of each changed field (409).

        Without a difference that is the person's own, for one when a form was sent twice, there is nothing to ask.
        """
        self.object = latest = self.latest()
        found = list(conflict_rows(form, latest, version_as_shown(latest, version)))
        if not any(row.changed for row in found):
            return HttpResponseRedirect(self.get_success_url())
        context = {
            "object": latest,
            "rows": found,
            "kept": [
                (name, value)
                for name, values in form.data.lists()
                if is_carried_over(name)
                for value in values
            ],
            "version": latest.version,
            "back": self.get_success_url(),
            **last_saved_words(latest, version),
        }
        return render(self.request, self.conflict_template_name, context, status=409)


def merged_data(form):
    """The posted values of a bound form with those of the record where the other person's were chosen."""
    data = form.data.copy()
    for name in [key.removeprefix(KEEP_PREFIX) for key, choice in data.items() if chose_theirs(key, choice)]:
        if name in form.fields:
            set_posted_value(data, form[name])
    return data


def is_carried_over(name):
    """Whether a posted value travels through the conflict page (choices and tokens do not)."""
    return name not in OWN_KEYS and not name.startswith(KEEP_PREFIX)


def chose_theirs(key, choice):
    return key.startswith(KEEP_PREFIX) and choice == "theirs"


def set_posted_value(data, bound):
    """Writes the value a field began with into posted data, the way its widget would send it."""
    value = bound.field.prepare_value(bound.initial)
    if value is None or value is False or value == "":
        data.pop(bound.html_name, None)
    elif isinstance(value, (list, tuple)):
        data.setlist(bound.html_name, [str(item) for item in value])
    else:
        data[bound.html_name] = "on" if value is True else str(value)


def version_as_shown(record, version):
    """The record as the person saw it, from its history; None when no version of it was kept."""
    history = getattr(record, "history", None)
    return history.filter(version=version).order_by("-history_id").first() if history is not None else None


def last_saved_words(record, version):
    """Who saved it since, and when, in words."""
    history = getattr(record, "history", None)
    last = (
        history.select_related("history_user").order_by("-history_id").first()
        if history is not None
        else None
    )
    who = str(last.history_user) if last and last.history_user else _("有同事")
    when = timezone.localtime(last.history_date if last else None)
    clock = f"{when:%H:%M}" if when.date() == timezone.localdate() else f"{when:%m-%d %H:%M}"
    words = {"who": who, "when": clock}
    return {
        "headline": _("%(who)s在%(when)s改了这一份。") % words,
        "theirs_head": _("%(who)s %(when)s 保存的") % words,
    }


def conflict_rows(form, latest, base):
    """A Row for every field where what stands now is not what was typed."""
    for name in form.fields:
        field = model_field(latest, name)
        if field is None or name == "version":
            continue
        mine, theirs = (
            comparable_value(form.cleaned_data.get(name)),
            comparable_value(field.value_from_object(latest)),
        )
        if mine == theirs:
            continue
        untouched = base is not None and mine == comparable_value(getattr(base, field.attname))
        yield ConflictRow(
            name=name,
            label=form.fields[name].label or field.verbose_name,
            theirs=display_value(form.fields[name], getattr(latest, name)),
            mine=display_value(form.fields[name], form.cleaned_data.get(name)),
            changed=not untouched,
        )


def model_field(record, name):
    """The column behind a form field, or None."""
    found = [field for field in record._meta.concrete_fields if field.name == name]
    return found[0] if found else None


def comparable_value(value):
    """A value in the form in which two of them can be compared."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, (list, tuple)):
        return sorted(map(str, value))
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    return value


def display_value(field, value):
    """A value as a person reads it."""
    if value in (None, "", []):
        return _("（空）")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return _("、").join(display_value(field, str(item)) for item in value)
    choices = dict(getattr(field, "choices", ())) if isinstance(value, str) else {}
    return str(choices.get(value, value))
