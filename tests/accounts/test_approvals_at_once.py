"""Approvals and rules of approval by several users at one moment: one succeeds, and nobody waits for ever."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from accounts.approvals import chains
from accounts.approvals.models import Chain, Sheet
from accounts.exceptions import EditConflict
from tests.accounts.waiting import NOT_ASKED, YES, attempt, waiting_decision
from tests.factories.accounts import UserFactory


@pytest.mark.django_db(transaction=True)
def test_of_many_approvals_at_once_each_step_is_decided_once(at, director):
    at("2026-12-02")
    worker = UserFactory(resident=True)
    leads = [UserFactory(department_head=True, department=worker.department) for _each in range(3)]
    Chain.objects.filter(matter="decision").delete()
    Chain.objects.create(
        matter="decision", steps=[{"asks": "department", "days": None}, {"asks": "director", "days": None}]
    )
    sheet = waiting_decision(worker).sheet
    start, answers = Barrier(len(leads) * 2), []

    def run(user):
        start.wait()
        try:
            answers.append(attempt("approve", Sheet.objects.get(pk=sheet.pk), user))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[user]) for user in leads * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [NOT_ASKED] * 5 + [YES]
    assert list(sheet.steps.values_list("state", flat=True)) == ["approved", "asked"]
    assert Sheet.objects.get(pk=sheet.pk).is_open


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_the_same_rule_one_succeeds(at, director):
    at("2026-12-02")
    start, answers = Barrier(2), []

    def run():
        start.wait()
        try:
            chains.add_chain(
                "decision", steps=[("head", None)], by=director, reason="x", kind="client", seen=0
            )
            answers.append("added")
        except EditConflict:
            answers.append("conflict")
        finally:
            connection.close()

    threads = [Thread(target=run) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["added", "conflict"]
    assert Chain.objects.filter(kind="client").count() == 1
