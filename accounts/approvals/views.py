"""待我确认: the sheets that wait for a second name, one sheet, and the answers to it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.approvals import sheets
from accounts.approvals.forms import OpinionForm
from accounts.approvals.models import Sheet

LATELY = 30
SHOWN = 200  # of those that wait, for me the oldest and for others the newest


class SheetList(PermissionRequired, TemplateView):
    """What waits for me, what I have asked for, and what was decided lately among what I may see."""

    template_name = "accounts/sheets.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        seen = sheets.visible_to(user).select_related("asked_by", "about", "decided_by")
        waiting = sheets.waiting_for(user)
        others = newest_of_others(seen, waiting)
        lately = seen.exclude(state=Sheet.State.OPEN).order_by("-decided_at", "-pk")[:LATELY]
        return super().get_context_data(
            waiting=with_titles(waiting[:SHOWN]),
            others=with_titles(others),
            lately=with_titles(lately),
            **kwargs,
        )


def newest_of_others(seen, waiting):
    """The newest of the open sheets that wait for somebody else, the oldest of them first."""
    own = {sheet.pk for sheet in waiting}
    others = seen.open().order_by("-pk")[: SHOWN + len(own)]
    return [sheet for sheet in others if sheet.pk not in own][:SHOWN][::-1]


def with_titles(rows):
    return [(sheet, sheets.title_of(sheet)) for sheet in sheets.gather(rows)]


def tell_of_sheet(request, sheet):
    """Says to the asker that something waits, and for whom; nothing when `sheet` is None."""
    if sheet is None:
        return
    if not sheet.is_open:
        words = {"title": sheets.title_of(sheet), "why": sheet.exception}
        messages.info(request, _("%(title)s：%(why)s") % words)
        return
    people = _("、").join(person.name for person in sheets.who_confirms(sheet)[0])
    words = {"title": sheets.title_of(sheet), "people": people or _("有权限的同事"), "sheet": sheet}
    messages.info(request, _("%(title)s：要等%(people)s确认后才生效（%(sheet)s）。") % words)


class OneSheet(PermissionRequired):
    """Finds the sheet of the address among those the person may see."""

    @cached_property
    def sheet(self):
        rows = sheets.visible_to(self.request.user).select_related("asked_by", "about", "decided_by")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class SheetPage(OneSheet, TemplateView):
    """Who asks what for whom, how it is and how it would be, and the answer."""

    template_name = "accounts/sheet.html"

    def get_context_data(self, **kwargs):
        sheet, user = self.sheet, self.request.user
        matter = sheets.matter_of(sheet)
        people, exception = sheets.who_confirms(sheet) if sheet.is_open else ((), "")
        can_answer = sheet.is_open and user in people
        return super().get_context_data(
            **{"form": OpinionForm(), "extra": matter.extra_form(sheet, user) if can_answer else None}
            | kwargs,
            sheet=sheet,
            matter=matter,
            title=sheets.title_of(sheet),
            lines=matter.lines(sheet),
            people=people,
            concerned=sheets.people_of(sheet),
            exception=sheet.exception or exception,
            can_answer=can_answer,
            can_withdraw=sheet.is_open and sheet.asked_by_id == user.pk,
            can_note=not sheet.is_open and sheets.has_news(sheet, user),
            later=matter.later_acts(sheet, user),
        )


class SheetAct(OneSheet, View):
    """One answer, by POST; a refusal is said on the page of the sheet, and what was typed stays there."""

    http_method_names = ["post", "options"]

    def post(self, request, pk):
        form = OpinionForm(request.POST)
        extra = sheets.matter_of(self.sheet).extra_form(self.sheet, request.user, request.POST)
        try:
            if form.is_valid() and (extra is None or extra.is_valid()):
                self.act(form.cleaned_data["opinion"], extra.cleaned_data if extra else {})
                return redirect("sheet", pk=pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        return self.page_with(form, extra)

    def page_with(self, form, extra):
        page = SheetPage()
        page.setup(self.request, **self.kwargs)
        return page.render_to_response(page.get_context_data(form=form, extra=extra))


class Confirm(SheetAct):
    def act(self, opinion, extra):
        if sheets.confirm(self.sheet, by=self.request.user, opinion=opinion, extra=extra):
            messages.success(self.request, _("已确认，马上生效。"))
        else:
            messages.warning(self.request, _("提出以后情况有变化，这张确认单已经失效，什么都没有改。"))


class Refuse(SheetAct):
    def act(self, opinion, extra):
        sheets.refuse(self.sheet, by=self.request.user, opinion=opinion)
        messages.success(self.request, _("已记下：没有同意。"))


class Withdraw(SheetAct):
    def act(self, opinion, extra):
        sheets.withdraw(self.sheet, by=self.request.user)
        messages.success(self.request, _("已撤回。"))


class Noted(SheetAct):
    """知道了: closes what the person was told about it."""

    def act(self, opinion, extra):
        sheets.noted.send(sender=Sheet, sheet=self.sheet, user=self.request.user)
        messages.success(self.request, _("已记下您看过了。"))
