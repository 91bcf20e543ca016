"""How a page with a form answers when its act is refused, or when somebody else was quicker (design §3).

Whatever happens, what was typed comes back. A refusal is said on the form (200). After a conflict the page is shown
again with what stands now (409), and sent once more it holds.
"""

from accounts.exceptions import EditConflict, ParameterRefused


class RefusalMixin:
    """For a view with a form: `refused` shows the form again with the sentence of a refusal.

    `refused_field` is the name of the field beside which the sentence stands, where the form has it.
    """

    refused_field = None

    def refused(self, form, refusal):
        beside = self.refused_field if self.refused_field in form.fields else None
        form.add_error(beside, str(refusal))
        return self.form_invalid(form)


class ActMixin(RefusalMixin):
    """For a FormView whose form carries out an act: `perform(form)` does it and returns the answer.

    A view whose act may meet a conflict says in `renew` what makes the form a new one.
    """

    def form_valid(self, form):
        try:
            return self.perform(form)
        except EditConflict as conflict:
            return self.conflict(form, conflict)
        except ParameterRefused as refusal:
            return self.refused(form, refusal)

    def conflict(self, form, conflict):
        self.renew(form, conflict)
        return self.render_form(form, is_overtaken=True, status=409)

    def renew(self, form, conflict):
        """Puts into `form` the stamp or version of what stands now, and the sentence of `conflict`."""
        raise NotImplementedError

    def render_form(self, form, *, status=200, **context):
        return self.render_to_response(self.get_context_data(form=form, **context), status=status)


class VersionedActMixin(ActMixin):
    """The same for a form with `version`, which belongs to `newest()`, a row read anew."""

    def renew(self, form, conflict):
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = self.newest().version
        form.add_error(None, str(conflict))
