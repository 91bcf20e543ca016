"""Models of the centre's table of holidays and make-up days, and of the notices from which it was filled (R140)."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import ExtractYear
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.fields import LongTextField
from reminders.calendar.signals import announce_change


class HolidayNotice(models.Model):
    """A notice of the State Council as pasted. A notice about all seven holidays makes its year announced."""

    number = models.CharField(
        _("文号"), max_length=60, unique=True, help_text=_("例如：国办发明电〔2025〕7号")
    )
    year = models.PositiveSmallIntegerField(_("安排的年份"))
    covers_year = models.BooleanField(
        _("是全年安排"), default=True, help_text=_("是的话，这一年不再是暂定。")
    )
    text = LongTextField(_("通知原文"), blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("登记人"),
    )
    saved_at = models.DateTimeField(_("登记时间"), auto_now=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("放假通知")
        verbose_name_plural = _("放假通知")
        ordering = ["-year", "number"]
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="holidaynotice_has_number"),
            models.CheckConstraint(
                condition=Q(year__gte=2004, year__lte=2199), name="holidaynotice_year_within_reason"
            ),
        ]

    def __str__(self):
        return self.number


class HolidayOverrideQuerySet(models.QuerySet):
    def calendar_rows(self):
        """(date, is_working, name, notice, whether the notice announces the whole year of the date), in one query."""
        whole = HolidayNotice.objects.filter(
            number=OuterRef("notice"), covers_year=True, year=ExtractYear(OuterRef("date"))
        )
        return self.order_by().values_list("date", "is_working", "name", "notice", Exists(whole))


class HolidayOverride(models.Model):
    """A day off or a make-up day 调休 stored by the centre; it overrides all other sources."""

    date = models.DateField(_("日期"))
    is_working = models.BooleanField(_("上班"), help_text=_("勾选：这天上班（调休）；不勾：这天放假。"))
    name = models.CharField(_("节日"), max_length=40, help_text=_("例如：春节"))
    notice = models.CharField(_("依据文号"), max_length=60, help_text=_("例如：国办发明电〔2025〕7号"))
    note = models.CharField(_("备注"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("登记人"),
    )
    created_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    updated_at = models.DateTimeField(_("修改时间"), auto_now=True)
    history = HistoricalRecords()

    objects = HolidayOverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("放假或调休日")
        verbose_name_plural = _("放假与调休日")
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(
                fields=["date"],
                name="holidayoverride_one_per_date",
                violation_error_message=_("这一天已经登记过，请直接更正那一条。"),
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(notice=""), name="holidayoverride_says_why"),
        ]

    def __str__(self):
        return f"{self.date:%Y-%m-%d} {self.name}"


@receiver([post_save, post_delete], sender=HolidayOverride)
def announce_day(instance, **kwargs):
    announce_change([instance.date])


@receiver([post_save, post_delete], sender=HolidayNotice)
def announce_notice(instance, **kwargs):
    """Announces a change without days: the year may have become announced or provisional (暂定)."""
    announce_change([])
