"""待我审批: the inbox, the page of one request, and its decisions."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.approvals import engine, inbox
from accounts.approvals.forms import OpinionForm
from accounts.approvals.matters import matter_of, title_of
from accounts.approvals.people import people_of
from accounts.approvals.registers import MATTERS
from accounts.keys import parse_key

LAST_PAGE = 10_000


class Inbox(PermissionRequired, TemplateView):
    """The inbox: requests of all matters that wait for the user, the user's own, and recently decided ones."""

    template_name = "accounts/approvals.html"

    def get_context_data(self, **kwargs):
        user, query = self.request.user, self.request.GET
        matter = query.get("matter", "")
        matter = matter if matter in MATTERS else ""
        number = min(max(parse_key(query.get("page", "")) or 1, 1), LAST_PAGE)
        return super().get_context_data(
            found=inbox.inbox_page(user, matter=matter, number=number),
            matters=inbox.waiting_by_matter(user),
            matter=matter,
            number=number,
            **kwargs,
        )


def add_sheet_message(request, sheet):
    """Adds a message for the requester: what waits, and for whom; nothing when `sheet` is None."""
    if sheet is None:
        return
    if not sheet.is_open:
        words = {"title": title_of(sheet), "why": sheet.exception}
        messages.info(request, _("%(title)s：%(why)s") % words)
        return
    people = _("、").join(person.name for person in engine.who_decides(sheet)[0])
    words = {"title": title_of(sheet), "people": people or _("有权限的同事"), "sheet": sheet}
    messages.info(request, _("%(title)s：要等%(people)s确认后才生效（%(sheet)s）。") % words)


class VisibleSheetMixin(PermissionRequired):
    """Finds the request in the URL among those visible to the user."""

    @cached_property
    def sheet(self):
        rows = engine.visible_sheets(self.request.user).select_related(*inbox.related_paths())
        sheet = rows.filter(pk=self.kwargs["pk"]).first()
        if sheet is None:
            raise Http404
        return sheet


class SheetPage(VisibleSheetMixin, TemplateView):
    """The page of a request: who requests what for whom, the changes, and the decision.

    Some matters have their own page instead.
    """

    template_name = "accounts/sheet.html"

    def get(self, request, *args, **kwargs):
        own = self.sheet.get_absolute_url()
        return super().get(request, *args, **kwargs) if own == self.sheet.get_plain_url() else redirect(own)

    def get_context_data(self, **kwargs):
        sheet, user = self.sheet, self.request.user
        matter = matter_of(sheet)
        people, exception, can_answer = (
            engine.who_decides_and_whether(user, sheet) if sheet.is_open else ((), "", False)
        )
        return super().get_context_data(
            **{"form": OpinionForm(), "extra": matter.extra_form(sheet, user) if can_answer else None}
            | kwargs,
            sheet=sheet,
            steps=steps_of(sheet),
            matter=matter,
            title=title_of(sheet),
            lines=matter.lines(sheet),
            people=people,
            concerned=people_of(sheet),
            exception=sheet.exception or exception,
            can_answer=can_answer,
            can_withdraw=sheet.is_open and sheet.asked_by_id == user.pk,
            can_note=not sheet.is_open and engine.has_open_notice(sheet, user),
            later=matter.follow_up_actions(sheet, user),
            links=matter.record_links(sheet, user),
        )


def steps_of(sheet):
    """Returns the steps shown on the page of a request; none for a request with one step, unless a stand-in decided."""
    steps = list(sheet.steps.select_related("decided_by", "decided_for"))
    return steps if len(steps) > 1 or any(step.decided_for_id for step in steps) else []


class SheetActionView(VisibleSheetMixin, View):
    """A decision, by POST; a refusal is shown on the page of the request, and typed text stays there.

    A user who is not asked gets 403, which is recorded among the refused attempts.
    """

    http_method_names = ["post", "options"]

    def post(self, request, pk):
        form = OpinionForm(request.POST)
        extra = matter_of(self.sheet).extra_form(self.sheet, request.user, request.POST)
        try:
            if form.is_valid() and (extra is None or extra.is_valid()):
                self.act(form.cleaned_data["opinion"], extra.cleaned_data if extra else {})
                return redirect(self.sheet.get_absolute_url())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        return self.page_with(form, extra)

    def page_with(self, form, extra):
        page = SheetPage()
        page.setup(self.request, **self.kwargs)
        return page.render_to_response(page.get_context_data(form=form, extra=extra))


class Confirm(SheetActionView):
    def act(self, opinion, extra):
        if not engine.approve(self.sheet, by=self.request.user, opinion=opinion, extra=extra):
            raise engine.SheetIsVoid(_("提出以后情况有变化，这张单已经失效，什么都没有改。"))
        self.sheet.refresh_from_db()
        if self.sheet.is_open:
            messages.success(self.request, _("已记下，接着由下一步的同事审批。"))
        else:
            messages.success(self.request, _("已确认，马上生效。"))


class Refuse(SheetActionView):
    def act(self, opinion, extra):
        engine.send_back(self.sheet, by=self.request.user, opinion=opinion)
        messages.success(self.request, _("已记下：没有同意。"))


class Withdraw(SheetActionView):
    def act(self, opinion, extra):
        engine.withdraw(self.sheet, by=self.request.user)
        messages.success(self.request, _("已撤回。"))


class AcknowledgeView(SheetActionView):
    """知道了: closes the notices of the user about the request."""

    def act(self, opinion, extra):
        engine.dismiss_notices(self.sheet, self.request.user)
        messages.success(self.request, _("已记下您看过了。"))
