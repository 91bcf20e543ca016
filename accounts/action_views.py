"""Responses of a form page when its action is refused or meets an edit conflict (design §3).

The typed values are always kept. A refusal is shown on the form (200). After a conflict the page shows the present
values (409), and submitting it again saves.
"""

from accounts.exceptions import ActionRefused, EditConflict


class RefusalMixin:
    """For a view with a form: `refused` shows the form again with the message of a refusal.

    `refused_field` is the name of the field next to which the message is shown, if the form has it.
    """

    refused_field = None

    def refused(self, form, refusal):
        field = self.refused_field if self.refused_field in form.fields else None
        form.add_error(field, str(refusal))
        return self.form_invalid(form)


class ActionMixin(RefusalMixin):
    """For a FormView that carries out an action: `perform(form)` does it and returns the response.

    A view whose action may raise EditConflict implements `renew`.
    """

    def form_valid(self, form):
        try:
            return self.perform(form)
        except EditConflict as conflict:
            return self.conflict(form, conflict)
        except ActionRefused as refusal:
            return self.refused(form, refusal)

    def conflict(self, form, conflict):
        self.renew(form, conflict)
        return self.render_form(form, is_overtaken=True, status=409)

    def renew(self, form, conflict):
        """Sets the present stamp or version in `form`, and adds the message of `conflict`."""
        raise NotImplementedError

    def render_form(self, form, *, status=200, **context):
        return self.render_to_response(self.get_context_data(form=form, **context), status=status)


class VersionedActionMixin(ActionMixin):
    """ActionMixin for a form with `version`; `newest()` returns the row, read again, that has the present version."""

    def renew(self, form, conflict):
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = self.newest().version
        form.add_error(None, str(conflict))
