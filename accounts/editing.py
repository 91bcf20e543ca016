"""Optimistic locking: of two users who edit one record, the second sees the difference (design §3).

`VersionedUpdate` is mixed into an UpdateView on a model with `version`. The form carries the version that was shown;
saving claims it with an UPDATE that filters by it, so that of two parallel saves exactly one succeeds on either
database. The second user gets a page with both values of each field; what they typed is kept.
"""

from dataclasses import dataclass

from django import forms
from django.db import models, transaction
from django.forms.models import construct_instance
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.action_views import RefusalMixin
from accounts.exceptions import ActionRefused, EditConflict
from accounts.values import plain_words

KEEP_PREFIX = "keep_"
RESOLVING = "resolving"
OWN_KEYS = {"csrfmiddlewaretoken", "version", RESOLVING}


@dataclass
class ConflictRow:
    """A line of the conflict page; `changed` requires a choice, otherwise the other user's value is kept."""

    name: str
    label: str
    theirs: str
    mine: str
    changed: bool


def claim_version(record, version):
    """Claims `record` for the user who was shown `version`; raises EditConflict when it has a later version.

    Call inside a transaction. The counter is raised on the table that has it, also for a model that extends another.
    """
    owner = record._meta.get_field("version").model
    unchanged = owner._base_manager.filter(pk=record.pk, version=version)
    if not unchanged.update(version=version + 1):
        raise EditConflict


def increment_version(record):
    """Raises the version of `record` for an action without a form, so that forms open elsewhere meet a conflict.

    Call inside the transaction of the action, before it writes.
    """
    owner = record._meta.get_field("version").model
    owner._base_manager.filter(pk=record.pk).update(version=models.F("version") + 1)
    record.refresh_from_db(fields=["version"])


class VersionedUpdate(RefusalMixin):
    """For an UpdateView whose model has `version`.

    A view that does more than save the form overrides `save_form(form)`. It runs inside the transaction after the
    claim and may itself raise the exceptions of accounts.exceptions. A view whose save counts the version itself
    overrides `claim` to do nothing. What a form sets on the record belongs in its fields or its `save`, because the
    record is read again before saving.
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
        except ActionRefused as refusal:
            return self.refused(form, refusal)

    def claim(self, version):
        claim_version(self.object, version)

    def rebase(self, form):
        """Reads the record again and applies the form to it.

        So columns that others wrote in the meantime (the last contact, a hand-over) are not overwritten.
        """
        self.object = form.instance = construct_instance(
            form, self.latest(), form._meta.fields, form._meta.exclude
        )

    def save_form(self, form):
        return super().form_valid(form)

    def latest(self):
        """Returns the record as it is now; Http404 when the user may not see it any longer."""
        record = self.get_queryset().filter(pk=self.object.pk).first()
        if record is None:
            raise Http404
        return record

    def conflict(self, form, version):
        """Returns the page that shows both values of each changed field (409).

        Redirects when there is nothing to choose, for example when a form was submitted twice.
        """
        self.object = latest = self.latest()
        rows = list(conflict_rows(form, latest, version_as_shown(latest, version)))
        if not any(row.changed for row in rows):
            return HttpResponseRedirect(self.get_success_url())
        context = {
            "object": latest,
            "rows": rows,
            "hidden_values": [
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
    """Returns the posted data of a bound form, with the stored values where the user chose the other user's."""
    data = form.data.copy()
    for name in [key.removeprefix(KEEP_PREFIX) for key, choice in data.items() if chose_theirs(key, choice)]:
        if name in form.fields:
            set_posted_value(data, form[name])
    return data


def is_carried_over(name):
    """Whether a posted value is carried over by the conflict page (choices and tokens are not)."""
    return name not in OWN_KEYS and not name.startswith(KEEP_PREFIX)


def chose_theirs(key, choice):
    return key.startswith(KEEP_PREFIX) and choice == "theirs"


def set_posted_value(data, bound):
    """Sets the initial value of a field in posted data, in the form in which its widget would submit it."""
    value = bound.field.prepare_value(bound.initial)
    if value is None or value is False or value == "":
        data.pop(bound.html_name, None)
    elif isinstance(value, (list, tuple)):
        data.setlist(bound.html_name, [str(item) for item in value])
    else:
        data[bound.html_name] = "on" if value is True else str(value)


def version_as_shown(record, version):
    """Returns the version of the record that the user was shown, or None when the history does not have it."""
    history = getattr(record, "history", None)
    return history.filter(version=version).order_by("-history_id").first() if history is not None else None


def last_saved_words(record, version):
    """Returns the headings of the conflict page: who saved the record last, and when."""
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
    """Yields a ConflictRow for every field whose stored value differs from the typed one."""
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
    """Returns the concrete model field of a form field, or None."""
    fields = [field for field in record._meta.concrete_fields if field.name == name]
    return fields[0] if fields else None


def comparable_value(value):
    """Returns a value normalised so that two of them can be compared."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, (list, tuple)):
        return sorted(map(str, value))
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    return value


def display_value(field, value):
    """Returns a value as display text."""
    if value in (None, "", []):
        return _("（空）")
    if isinstance(value, (list, tuple)):
        return _("、").join(display_value(field, str(item)) for item in value)
    choices = dict(getattr(field, "choices", ())) if isinstance(value, str) else {}
    return str(choices[value]) if value in choices else plain_words(value)
