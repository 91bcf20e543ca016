"""Bypasses of a permission: an import instead of a hand-over, a form field instead of a page, a crash after a file."""

from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from accounts.roles import GRANTS, Permission, Role
from employers.importing.spec import EMPLOYERS
from relations.cycle.plan_forms import GoalFormSet
from relations.imports.reading import read_workbook
from relations.models import Attachment, Interaction, Stakeholder
from relations.shares.sight_sql import users_who_see
from tests.attack.answers import asking
from tests.attack.filling import filled, forms_of
from tests.attack.world import FAR, HIDDEN, OWN, PNG
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
IMPORTERS = [role for role, grant in GRANTS.items() if Permission.IMPORT in grant.permissions]


def register(world, worker, tmp_path):
    """Returns the path of a register with one row: the employer of the family `own`, assigned to `worker`."""
    book = Workbook()
    book.active.append([EMPLOYERS.by_field[name].label for name in ("name", "town", "contacts", "worker")])
    book.active.append([world.families[OWN].employer.name, None, None, worker and worker.name])
    book.save(tmp_path / "登记表.xlsx")
    return tmp_path / "登记表.xlsx"


@pytest.mark.parametrize("role", IMPORTERS)
def test_import_hands_over_only_with_permission(world, role, tmp_path):
    world.belongs_to(world.colleague)
    taker = UserFactory(name="接手的社工")
    reading = read_workbook(EMPLOYERS, register(world, taker, tmp_path), by=world.people[role])
    refused = [fault.problem for fault in reading.faults]
    if Permission.HAND_OVER in GRANTS[role].permissions:
        assert refused == []
    else:
        assert refused == [
            "现在由同组同事负责，改成接手的社工要由督导或管理层转交。请改回同组同事，或把这一格留空。"
        ]


@pytest.mark.parametrize("named", ["the same", "nobody"])
def test_register_that_keeps_the_worker_is_open_to_all_who_import(world, named, tmp_path):
    world.belongs_to(world.colleague)
    worker = world.colleague if named == "the same" else None
    reading = read_workbook(EMPLOYERS, register(world, worker, tmp_path), by=world.people[Role.ADMINISTRATOR])
    assert (reading.faults, reading.plans[0].result) == ([], "same")


def test_those_who_see_a_record_are_found_as_by_the_rule_of_sight(world):
    world.belongs_to(world.colleague)
    people = [user for user in world.people.values() if user.is_active] + [world.colleague, world.worker]
    for kin in (OWN, FAR, HIDDEN):
        record = world.families[kin].employer
        seen = {user.pk for user in people if Stakeholder.objects.visible_to(user).filter(pk=record.pk)}
        assert (
            set(
                users_who_see(record).filter(pk__in=[user.pk for user in people]).values_list("pk", flat=True)
            )
            == seen
        )


@pytest.mark.parametrize(
    ("name", "field", "data"),
    [
        ("relations:add_task", "owner", {"title": "问一下", "due_on": "2026-10-20"}),
        ("relations:plan_meeting", "lead", {"planned_on": "2026-10-20", "form": "face", "purpose": "谈"}),
    ],
)
def test_work_is_given_only_to_who_sees_the_record(world, name, field, data):
    world.belongs_to(world.people[Role.RESIDENT])
    client = asking(world.sessions[Role.RESIDENT])
    url = reverse(name, args=[world.families[OWN].employer.pk])
    offered = set(client.get(url).context["form"].fields[field].queryset)
    assert world.people[Role.RESIDENT] in offered
    assert world.people[Role.DIRECTOR] in offered
    assert not offered & {world.worker, world.colleague, world.people[Role.VOLUNTEER], world.people["left"]}
    refused = client.post(url, data | {field: world.worker.pk})
    assert field in refused.context["form"].errors


def kept_on_disk(settings):
    """Returns the paths of all stored uploads."""
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def contact_with_files(count=2):
    """Returns the data of the form for a contact with `count` files."""
    files = [SimpleUploadedFile(f"{number}.png", PNG) for number in range(count)]
    return {"channel": "phone", "purpose": "ordinary", "content": "谈了", "day": "today", "files": files}


def test_files_of_a_contact_that_was_not_saved_are_not_kept(world, settings, monkeypatch):
    """The second file cannot be written: the contact is rolled back, and the first file is removed with it."""
    world.belongs_to(world.people[Role.RESIDENT])
    before, contacts = kept_on_disk(settings), Interaction.objects.count()
    save, calls = FileSystemStorage._save, []

    def until_it_is_full(storage, name, content):
        calls.append(name)
        if len(calls) == 2:
            raise OSError("no space left on device")
        return save(storage, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", until_it_is_full)
    url = reverse("quick_log_for", args=[world.families[OWN].employer.pk])
    answer = asking(world.sessions[Role.RESIDENT]).post(url, contact_with_files())
    assert (answer.status_code, len(calls)) == (500, 2)
    assert Interaction.objects.count() == contacts
    assert kept_on_disk(settings) == before


def test_files_of_a_saved_contact_are_kept(world, settings):
    """Control: without the error, contact and files are stored."""
    world.belongs_to(world.people[Role.RESIDENT])
    before, attachments = kept_on_disk(settings), Attachment.objects.count()
    url = reverse("quick_log_for", args=[world.families[OWN].employer.pk])
    assert asking(world.sessions[Role.RESIDENT]).post(url, contact_with_files()).status_code == 302
    assert Attachment.objects.count() == attachments + 2
    assert len(kept_on_disk(settings) - before) == 2


def test_form_that_claims_a_million_lines_builds_only_a_few(world):
    lines = GoalFormSet(
        {"goals-TOTAL_FORMS": 10**6, "goals-INITIAL_FORMS": 0},
        instance=world.families[OWN].rows["cycle"],
        prefix="goals",
    )
    assert not lines.is_valid()
    assert len(lines.forms) == lines.absolute_max == 31


@pytest.mark.parametrize(
    ("day", "is_taken"), [("0001-01-01", False), ("1999-12-31", False), ("2000-01-01", True)]
)
def test_watched_from_cannot_be_far_in_the_past(world, day, is_taken):
    """A correction for which two thousand years of duties would be calculated is refused."""
    employer = world.families[OWN].employer
    client = asking(world.sessions[Role.ADMINISTRATOR])
    url = reverse("admin:employers_employer_change", args=[employer.pk])
    form = next(one for one in forms_of(client.get(url).context) if "watched_from" in one.fields)
    answer = client.post(url, filled(form, "字") | {"watched_from": day})
    assert answer.status_code == (302 if is_taken else 200)
    assert (str(Stakeholder.objects.get(pk=employer.pk).watched_from) == day) is is_taken
