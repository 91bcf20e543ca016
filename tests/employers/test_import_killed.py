"""A worker killed with -9 half-way of writing: nothing is written, and the import is taken up again."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from benchmarks import register
from employers.models import Contract, Employer
from relations.imports import life_cycle, progress, stages
from relations.models import Import, SearchToken, Stakeholder
from tests.factories.accounts import DepartmentFactory, UserFactory

ROWS = 2_200  # three portions of writing


@pytest.fixture
def by(transactional_db):
    department = DepartmentFactory()
    for name in register.WORKERS:
        UserFactory(name=name, roles=[Role.RESIDENT], department=department)
    return UserFactory(roles=[Role.DIRECTOR])


def state_of(made):
    return Import.objects.values_list("state", flat=True).get(pk=made.pk)


def is_half_written(made):
    found = progress.progress_of(made.pk)
    return found.stage == stages.WRITING and 0 < found.done < found.of


def test_worker_killed_half_way_leaves_nothing_and_another_does_it_all(
    real_worker, client, by, tmp_path, time_machine
):
    path = tmp_path / "register.xlsx"
    register.write(path, ROWS)
    client.force_login(by)
    client.post(
        reverse("employer_imports:start"), {"file": ContentFile(path.read_bytes(), name="登记表.xlsx")}
    )
    made = Import.objects.get()
    real_worker.wait_until(lambda: state_of(made) == Import.State.READ, 120)

    client.post(reverse("employer_imports:commit", args=[made.pk]))
    real_worker.wait_until(lambda: is_half_written(made), 120)
    real_worker.kill()

    assert state_of(made) == Import.State.WRITING
    for model in (Employer, Stakeholder, Contract, SearchToken, Employer.history.model):
        assert not model.objects.exists()

    time_machine.move_to(timezone.now() + 2 * progress.SILENCE_LIMIT)
    assert (
        "处理程序没有动静" in client.get(reverse("employer_imports:check", args=[made.pk])).content.decode()
    )
    assert life_cycle.resume_abandoned(date(2026, 11, 22)) == 1
    assert state_of(made) == Import.State.DONE
    assert Employer.objects.count() == ROWS
