"""Holidays and make-up days: the year, a pasted notice, one day, and the deadline calculator (R139-R140)."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.days import parse_day
from accounts.roles import Permission
from accounts.stamps import add_conflict_error, status_of
from reminders import clock
from reminders.calendar.actions import save_notice
from reminders.calendar.day_strip import day_text, explanation, strip_days
from reminders.calendar.festivals import FIRST_YEAR, LAST_YEAR
from reminders.calendar.forms import DayForm, DeadlineForm, NoticeForm
from reminders.calendar.models import HolidayNotice, HolidayOverride
from reminders.calendar.preview import preview_of
from reminders.calendar.workdays import Calendar
from reminders.calendar.year import arrangements_in, months_of
from reminders.models import Parameter
from reminders.parameters import PARAMETERS


class YearView(PermissionRequired, TemplateView):
    """A year by months, with its holidays, make-up days and notices; for every logged-in user."""

    template_name = "reminders/calendar_year.html"

    def get_context_data(self, year=None):
        today = clock.today()
        year = year or today.year
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Http404
        calendar = Calendar.load()
        months = months_of(calendar, year, today)
        arrangements = arrangements_in(calendar, year)
        sources = list(dict.fromkeys(source for each in arrangements for source in each.sources))
        return super().get_context_data(
            year=year,
            this_year=today.year,
            earlier=year - 1 if year > FIRST_YEAR else None,
            later=year + 1 if year < LAST_YEAR else None,
            months=months,
            working_days=sum(month.working_days for month in months),
            arrangements=arrangements,
            common_source=sources[0] if len(sources) == 1 else "",
            provisional=not calendar.is_announced(year),
            notices=HolidayNotice.objects.filter(year=year),
            can_manage=self.request.user.may(Permission.MANAGE_CALENDAR),
        )


class PasteView(PermissionRequired, View):
    """Accepts a pasted notice, shows a preview of its days and changes, then saves exactly what was previewed."""

    permission = Permission.MANAGE_CALENDAR

    def get(self, request):
        return self.show(NoticeForm())

    def post(self, request):
        form = NoticeForm(request.POST)
        with transaction.atomic():
            if form.is_valid() and request.POST.get("act") == "save" and self.may_save(form):
                return self.save(form)
        return self.show(form, status_of(form))

    def may_save(self, form):
        """Whether the notice is as previewed, and without problems or confirmed by the user; locks the stored days."""
        if form.has_conflict():
            now = _("日历里的这些日子改过了，下面重新对照了一遍。")
            add_conflict_error(form, form.fingerprint, now)
            return False
        if not form.is_unchanged_since_shown:
            form.add_error(None, _("内容改过了，请把读到的日期再核对一遍，然后保存。"))
            return False
        if form.notice.is_blocked:
            return False
        if form.notice.problems and not form.cleaned_data["is_checked"]:
            form.add_error("is_checked", _("有几处对不上。请对照原文核对，确认无误就勾选后再保存。"))
            return False
        return True

    def save(self, form):
        notice = form.notice
        saved = save_notice(
            by=self.request.user, notice=notice, text=form.cleaned_data["text"], at=clock.now()
        )
        values = {"year": notice.year, "added": saved.added, "changed": saved.changed}
        if saved.added or saved.changed:
            text = _(
                "已保存%(year)d年的放假安排：新登记%(added)d天，更正%(changed)d天。没办完的期限已重新计算。"
            )
        else:
            text = _("这份通知以前已经保存过，没有变化。")
        messages.success(self.request, text % values)
        return redirect("holidays_year", year=notice.year)

    def show(self, form, status=200):
        context = {"form": form, "notice": form.notice, "holidays": []}
        if form.notice and form.notice.days:
            form.accept_shown_version()
            days = form.notice.days
            context["holidays"] = preview_of(form.notice, Calendar.load())
            context["off_count"] = sum(not day.is_working for day in days)
            context["make_up_count"] = sum(day.is_working for day in days)
            context["change_count"] = sum(holiday.change_count for holiday in context["holidays"])
        return render(self.request, "reminders/calendar_paste.html", context, status=status)


class DayView(PermissionRequired, View):
    """Adds one day to the table, or corrects the stored one."""

    permission = Permission.MANAGE_CALENDAR

    def get(self, request):
        day = parse_covered_day(request.GET.get("date"))
        row = self.row_of(day)
        rule = Calendar.load().rule(day) if day else None
        if rule and not row.pk:
            row.is_working, row.name = rule.is_working, str(rule.name)
        return self.show(DayForm(instance=row), rule_words(rule) if rule else "")

    def post(self, request):
        day = parse_covered_day(request.POST.get("date"))
        with transaction.atomic():
            form = DayForm(
                request.POST, instance=self.row_of(day, HolidayOverride.objects.select_for_update())
            )
            if form.is_valid() and self.save(form):
                return redirect("holidays_year", year=form.instance.date.year)
        if form.has_error("seen", "changed"):
            form.show_newest()
            return self.show(form, status=409)
        return self.show(form)

    def row_of(self, day, rows=HolidayOverride.objects):
        """The row of `day` in `rows` (a queryset or manager), or a new one."""
        row = rows.filter(date=day).first() if day else None
        return row or HolidayOverride(date=day, is_working=False, created_by=self.request.user)

    def save(self, form):
        """Saves the row; returns False when another user has just stored the same day."""
        if form.instance.pk and not form.has_newer_row:
            messages.success(self.request, _("没有变化。"))
            return True
        try:
            with transaction.atomic():
                row = form.save()
        except IntegrityError:
            form.add_error("date", _("这一天刚刚有人登记了，请打开核对后再改。"))
            return False
        what = _("上班") if row.is_working else _("放假")
        values = {"day": day_text(row.date), "what": what}
        messages.success(self.request, _("已登记%(day)s%(what)s。没办完的期限已重新计算。") % values)
        return True

    def show(self, form, now_words="", status=200):
        context = {"form": form, "now_words": now_words}
        return render(self.request, "reminders/calendar_day.html", context, status=status)


def usual_days(today):
    """Returns the numbers of working days that the calculator offers (R423, R424); a list."""
    numbers = Parameter.objects.values_on(today)
    return [numbers[key] for key, declared in PARAMETERS.items() if declared.in_calculator]


class DeadlineView(PermissionRequired, View):
    """The deadline calculator: working days from a date, day by day; for every logged-in user (R423-R424, R440)."""

    def get(self, request):
        today = clock.today()
        data = request.GET if "start" in request.GET or "days" in request.GET else None
        usual = usual_days(today)
        form = DeadlineForm(data or {"start": today.isoformat(), "days": usual[0] if usual else ""})
        context = {"form": form, "today": today, "usual": usual, "start": form["start"].value()}
        if form.is_valid():
            context |= self.answer(form.cleaned_data["start"], form.cleaned_data["days"], today)
        return render(request, "reminders/calendar_deadline.html", context)

    def answer(self, start, days, today):
        calendar = Calendar.load()
        due = calendar.add_working_days(start, days)
        notes = calendar.explain(start, days)
        return {
            "due": due,
            "days": days,
            "backwards": -days,
            "left": calendar.working_days_between(today, due),
            "provisional": calendar.is_provisional(due),
            "strip": strip_days(notes, due={due}),
            "explanation": explanation(notes),
            "sources": list(dict.fromkeys(note.source for note in notes if note.source)),
        }


def parse_covered_day(text):
    """The date in a query string or form if the calendar covers it, else None; the form shows the error."""
    day = parse_day(text)
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


def rule_words(rule):
    """A sentence such as 10月10日周六现在按上班算（国庆节，国务院办公厅2026年节假日安排）。"""
    what = _("上班") if rule.is_working else _("休息")
    ground = _("，").join(str(part) for part in (rule.name, rule.source) if part)
    values = {"day": day_text(rule.day), "what": what, "ground": ground}
    return (
        _("%(day)s现在按%(what)s算（%(ground)s）。") % values
        if ground
        else _("%(day)s现在按%(what)s算。") % values
    )
