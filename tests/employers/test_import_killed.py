"""A worker is killed (SIGKILL) while it writes an import: nothing stays written, and the import is resumed."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from benchmarks import register
from employers.models import Contract, Employer
from relations.imports import life_cycle, progress, stages
from relations.models import Import, SearchToken, Stakeholder
from tests.employers.imports import TODAY, director_of_the_register, state_of

ROWS = 2_200  # written in three portions


@pytest.fixture
def by(transactional_db):
    return director_of_the_register()


def is_half_written(upload):
    """Returns whether some but not all rows of the import have been written."""
    now = progress.progress_of(upload.pk)
    return now.stage == stages.WRITING and 0 < now.done < now.of


def test_worker_killed_half_way_leaves_nothing_and_another_does_it_all(
    real_worker, client, by, tmp_path, time_machine
):
    path = tmp_path / "register.xlsx"
    register.write(path, ROWS)
    client.force_login(by)
    client.post(
        reverse("employer_imports:start"), {"file": ContentFile(path.read_bytes(), name="登记表.xlsx")}
    )
    upload = Import.objects.get()
    real_worker.wait_until(lambda: state_of(upload) == Import.State.READ, 120)

    client.post(reverse("employer_imports:commit", args=[upload.pk]))
    real_worker.wait_until(lambda: is_half_written(upload), 120)
    real_worker.kill()

    assert state_of(upload) == Import.State.WRITING
    for model in (Employer, Stakeholder, Contract, SearchToken, Employer.history.model):
        assert not model.objects.exists()

    time_machine.move_to(timezone.now() + 2 * progress.SILENCE_LIMIT)
    assert (
        "处理程序没有动静" in client.get(reverse("employer_imports:check", args=[upload.pk])).content.decode()
    )
    assert life_cycle.resume_abandoned(TODAY) == 1
    assert state_of(upload) == Import.State.DONE
    assert Employer.objects.count() == ROWS
