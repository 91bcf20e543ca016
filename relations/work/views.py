"""我的工作台, the first page after login."""

from django.http import Http404
from django.utils.functional import SimpleLazyObject
from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from accounts.keys import parse_key
from accounts.roles import Permission
from relations.duties import settlement as duties
from relations.duties.periods import week_of
from relations.log.promises import find_promise
from relations.models import Interaction, Outcome, Purpose
from relations.parties import panels
from relations.work import workbench as work
from reminders import clock
from reminders.calendar import workdays


class MyWork(PermissionRequired, TemplateView):
    """The user's duties and tasks: overdue, this week, later, and done this month; with pending approvals."""

    template_name = "relations/work.html"

    def get_context_data(self, **kwargs):
        user, today, calendar = self.request.user, clock.today(), workdays.current_calendar()
        stand_ins = work.stand_ins_of(user, today)
        show = self.choice("show", (*work.GROUPS, "done"))
        by = self.choice("by", work.HEADINGS) or "unit"
        desk = work.WorkQuery(user, today, calendar, self.owners(user, stand_ins), show, by)
        overview = work.work_overview(desk)
        context = {
            "today": today,
            "week": week_of(today),
            "left_in_month": calendar.working_days_between(today, work.month_of(today)[1]),
            "work": overview,
            "show": show,
            "segments": self.segments(by),
            "doors": {name: self.address(show=name) for name in (*work.GROUPS, "done", "")},
            "of": self.request.GET.get("of", ""),
            "stand_ins": stand_ins,
            "shown": self.display_context(overview, desk),
            "can_log": user.may(Permission.LOG),
            "can_see_contacts": user.may(Permission.VIEW),
            "manages_accounts": user.may(Permission.MANAGE_ACCOUNTS),
            "can_see_dashboard": user.may(Permission.DASHBOARD),
            "aside": self.sidebar_context(user, overview) if not show else None,
            "panels": panels.work_panels(user, today) if not show else [],
        }
        return super().get_context_data(**kwargs) | context

    def owners(self, user, stand_ins):
        """Returns whose work is listed, {pk: name}: the user and absent colleagues, or one of these (`of`)."""
        absent = {stand_in.absent_id: stand_in.absent.name for stand_in in stand_ins}
        only = self.request.GET.get("of", "")
        if not only:
            return {user.pk: ""} | absent
        if (key := parse_key(only)) not in absent:
            raise Http404
        return {key: absent[key]}

    def choice(self, name, allowed):
        value = self.request.GET.get(name, "")
        return value if value in allowed else ""

    def segments(self, by):
        """The switch 按对象, 按事项, 按日期."""
        return [{"name": name, "href": self.address(by=name), "on": name == by} for name in work.HEADINGS]

    def address(self, **changed):
        """Returns the URL of this page with some of its choices changed."""
        query = self.request.GET.copy()
        query.pop("done", None)
        for name, value in changed.items():
            query[name] = value
        return f"?{query.urlencode()}"

    def display_context(self, found, desk):
        if desk.show == "done":
            return [work.done_group(desk)]
        return [group for name, group in found.groups.items() if group.total and desk.show in ("", name)]

    def sidebar_context(self, user, found):
        recent = work.recent_contacts(user)
        done = self.just_saved(user)
        rows = {row.pk: row for row in (*recent, *([done] if done else []))}
        completed = duties.completed_by(rows.values())
        for row in rows.values():
            row.completed = completed.get(row.pk, [])
        return {
            "recent": [row for row in recent if row != done],
            "approvals": SimpleLazyObject(lambda: work.approvals_of(user, clock.today())),
            "done": rows.get(done.pk) if done else None,
            "offers": self.suggestions(done, found) if done else None,
        }

    def just_saved(self, user):
        """Returns the contact that was just saved (`done` in the query string), or None."""
        pk = parse_key(self.request.GET.get("done"))
        if pk is None:
            return None
        mine = Interaction.objects.visible_to(user).filter(entered_by=user, pk=pk)
        return mine.select_related("stakeholder").prefetch_related("their_people__person").first()

    def suggestions(self, done, found):
        """Returns the next actions to offer: sheet check of the same stakeholder, a promise, the next duty or task."""
        lines = [line for line in found.lines if line.due_on]
        of_unit = [line for line in lines if line.stakeholder.pk == done.stakeholder_id]
        others = [line for line in lines if line.stakeholder.pk != done.stakeholder_id]
        return {
            "sheet": next((line for line in of_unit if line.is_sheet), None) if is_contact(done) else None,
            "promise": find_promise(done.content, clock.today()) if not done.follow_up else None,
            "next": others[:1],
        }


def is_contact(interaction):
    return interaction.outcome == Outcome.REACHED and interaction.purpose != Purpose.SHEET_CHECK
