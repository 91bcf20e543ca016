"""Schools and the agreements with them."""

from django.db import models
from simple_history.models import HistoricalRecords

from relations.models.kind import Agreement, Record


class School(Record):
    KIND = "school"

    town = models.CharField("所属镇街", max_length=40, blank=True)
    pupils = models.PositiveIntegerField("学生人数", null=True, blank=True)

    history = HistoricalRecords()


class SchoolAgreement(Agreement):
    number = models.CharField("协议编号", max_length=60)

    history = HistoricalRecords()

    def __str__(self):
        return self.number
