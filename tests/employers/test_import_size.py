"""A register of a whole city: read as a stream, checked as a whole, written with a fixed number of queries."""

from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.editing import claim_version
from accounts.exceptions import EditConflict
from accounts.models import User
from accounts.roles import Role
from benchmarks import register
from employers.importing.spec import EMPLOYERS
from employers.models import Contract, Employer
from relations.duties import settlement as duties
from relations.imports import life_cycle, progress, stages, uploads
from relations.imports.reading import commit, read_workbook
from relations.models import (
    ContactPerson,
    Cycle,
    HandOver,
    Import,
    Kind,
    SearchName,
    SearchToken,
    StageChange,
    Term,
)
from relations.search import index as search
from reminders.models import Reminder
from tests.employers.imports import TODAY, director_of_the_register, imported
from tests.factories.accounts import UserFactory
from tests.queries import queries_of

ROWS = 1_200  # too many to be read within the request; written in two portions


@pytest.fixture
def by(at, db):
    at(TODAY)
    return director_of_the_register()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A function that returns the path of a large register; each file is written once for all tests."""

    @cache
    def write(count=ROWS, edition=1):
        path = tmp_path_factory.mktemp("registers") / "register.xlsx"
        register.write(path, count, edition=edition)
        return path

    return write


def uploaded(path, by):
    """Stores the file at `path` as an upload. Returns the Import."""
    return uploads.store(ContentFile(Path(path).read_bytes(), name="登记表.xlsx"), kind=Kind.EMPLOYER, by=by)


def nothing_is_written():
    """Returns whether there are no employers, contracts, search tokens and history rows."""
    return not (
        Employer.objects.exists()
        or Contract.objects.exists()
        or SearchToken.objects.exists()
        or Employer.history.exists()
    )


# Faults


def test_faults_in_the_first_the_middle_and_the_last_row_are_all_named_and_nothing_is_written(
    by, tmp_path, capsys
):
    path = tmp_path / "faulty.xlsx"
    faults = register.write(path, ROWS, faults=True)

    with pytest.raises(CommandError, match="有3处要改，什么都没有写入"):
        call_command("import_employers", str(path), "--commit", "--by", "director")

    messages = capsys.readouterr().err.splitlines()
    assert [line.split("（")[0] for line in messages] == [
        f"工作表“{sheet}”第{row}行，“{column}”" for sheet, row, column in faults
    ]
    assert len(faults) == 3
    assert nothing_is_written()


def test_page_names_the_faults_of_a_large_register_and_gives_it_back_marked(client, by, tmp_path):
    path = tmp_path / "faulty.xlsx"
    faults = register.write(path, ROWS, faults=True)
    upload = uploaded(path, by)
    assert not uploads.is_small(upload)
    life_cycle.check_import(upload.pk, TODAY)

    client.force_login(by)
    text = client.get(reverse("employer_imports:check", args=[upload.pk])).content.decode()
    assert all(f"工作表“{sheet}”第{row}行，“{column}”" in text for sheet, row, column in faults)
    assert client.get(reverse("employer_imports:annotated_copy", args=[upload.pk])).content.startswith(b"PK")
    assert Reminder.objects.get(recipient=by).link == reverse("employer_imports:check", args=[upload.pk])
    assert nothing_is_written()


def test_link_of_a_fault_leads_to_the_page_that_shows_its_row(client, by, tmp_path):
    path = tmp_path / "faulty.xlsx"
    register.write(path, 300, faults=True)
    upload = uploaded(path, by)
    life_cycle.check_import(upload.pk, TODAY)
    client.force_login(by)
    url = reverse("employer_imports:check", args=[upload.pk])
    for fault in client.get(url).context["page"].faults:
        place, anchor = fault["link"].split("#")
        assert f'id="{anchor}"' in client.get(url + place).content.decode()


def test_page_of_a_large_register_opens_each_row_once(client, by, large):
    upload = uploaded(large(1_010), by)
    life_cycle.check_import(upload.pk, TODAY)
    client.force_login(by)
    places = []
    for number in range(1, 22):
        page = client.get(reverse("employer_imports:check", args=[upload.pk]), {"page": number}).context[
            "page"
        ]
        places += [(row["sheet"], row["row"]) for row in page.rows]
    assert len(places) == len(set(places)) == 1_010


# Writing


def test_clean_register_is_written_to_the_row_and_changes_nothing_the_second_time(by, large):
    path = large()
    imported(path, by)

    rows = [register.record(place) for place in range(ROWS)]
    assert Employer.objects.count() == Cycle.objects.count() == StageChange.objects.count() == ROWS
    assert Contract.objects.count() == sum(bool(row["contract_number"]) for row in rows)
    assert ContactPerson.objects.count() == sum(1 + row["contacts"].count("、") for row in rows)
    assert Employer.history.count() == ROWS
    assert duties.differences(TODAY) == 0

    again = read_workbook(EMPLOYERS, path, by=by)
    assert again.counts == {"new": 0, "changed": 0, "same": ROWS, "faulty": 0, "read": ROWS}
    commit(again, by=by, today=TODAY)
    assert Employer.history.count() == ROWS


def state_of_search():
    """Returns what search has stored: (tokens, names), as sets."""
    names = SearchName.objects.values_list(
        "stakeholder", "person", "plain", "pinyin", "initials", "pairs", "numbers"
    )
    return set(SearchToken.objects.values_list("stakeholder", "token")), set(names)


def test_what_bulk_writes_for_the_search_is_what_saving_writes(by, large):
    imported(large(30), by)
    imported(large(30, edition=2), by)
    written = state_of_search()
    search.index(list(Employer.objects.all()))
    assert state_of_search() == written


def test_history_of_a_bulk_change_is_the_row_as_it_stands(by, large):
    imported(large(20), by)
    imported(large(20, edition=2), by)
    for model in (Employer, ContactPerson):
        changed = model.objects.filter(version=2)
        assert len(changed) == 20
        for row in changed:
            last = row.history.first()
            assert (last.history_type, last.history_user, last.version) == ("~", by, row.version)
            assert [getattr(last, f.attname) for f in model.history.model.tracked_fields] == [
                getattr(row, f.attname) for f in model.history.model.tracked_fields
            ]
            assert row.history.count() == 2


def test_number_of_statements_is_the_same_for_20_and_400_rows(by, large):
    def reading_and_writing(path):
        return queries_of(lambda: imported(path, by))

    few, many = [large(20), large(20, edition=2)], [large(400), large(400, edition=2)]
    new = [reading_and_writing(few[0]), 0]
    changed = [reading_and_writing(few[1]), 0]
    Employer.objects.update(name="")  # so that all 400 rows are new as well
    Contract.objects.update(void_reason="作废")
    Term.objects.update(voided_at=timezone.now())
    new[1], changed[1] = reading_and_writing(many[0]), reading_and_writing(many[1])
    assert (new[0], changed[0]) == (new[1], changed[1])


def test_number_of_statements_of_hand_overs_does_not_grow_with_the_rows(by, large):
    path = large(400)
    imported(path, by)
    giver = UserFactory(roles=[Role.RESIDENT])

    def give_back(count):
        pks = Employer.objects.values_list("pk", flat=True)[:count]
        Employer.objects.filter(pk__in=list(pks)).update(responsible=giver)
        return queries_of(lambda: imported(path, by))

    assert give_back(20) == give_back(400)
    assert HandOver.objects.count() == 420


def test_special_characters_are_stored_unchanged(by, tmp_path):
    note = "a\\N\\tb\"c'd%s{e}\U00020000"
    path = tmp_path / "signs.xlsx"
    book = register.Workbook()
    book.active.append(list(register.HEADINGS.values()))
    book.active.append([{**register.record(0), "note": note}[field] for field in register.HEADINGS])
    book.save(path)
    imported(path, by)
    assert Employer.objects.get().note == note


# Concurrent changes


def read_and_changed(by, large):
    """Imports a register. Returns the reading of its second edition, which is not written yet."""
    imported(large(20), by)
    return read_workbook(EMPLOYERS, large(20, edition=2), by=by)


def test_what_somebody_saved_meanwhile_is_not_overwritten(by, large):
    reading = read_and_changed(by, large)
    other = Employer.objects.order_by("pk")[10]
    claim_version(other, other.version)
    with pytest.raises(EditConflict):
        commit(reading, by=by, today=TODAY)
    assert not Employer.objects.exclude(note="").exists()


def test_person_somebody_saved_meanwhile_is_not_overwritten(by, large):
    reading = read_and_changed(by, large)
    person = ContactPerson.objects.order_by("pk")[10]
    claim_version(person, person.version)
    with pytest.raises(EditConflict):
        commit(reading, by=by, today=TODAY)
    assert Employer.history.filter(history_type="~").count() == 0


def test_employer_registered_meanwhile_is_not_registered_twice(by, large):
    path = large(20)
    reading = read_workbook(EMPLOYERS, path, by=by)
    imported(path, by)
    with pytest.raises(EditConflict):
        commit(reading, by=by, today=TODAY)
    assert Employer.objects.count() == 20


def test_register_that_means_something_else_by_now_is_shown_again_before_it_is_written(client, by, large):
    path = large(20)
    first, second = uploaded(path, by), uploaded(path, by)
    for upload in (first, second):
        life_cycle.check_import(upload.pk, TODAY)
        upload.refresh_from_db()
        life_cycle.begin_writing(upload)
    for upload in (first, second):
        life_cycle.write_import(upload.pk, TODAY)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (Import.State.DONE, Import.State.READ)
    assert second.report["counts"]["same"] == 20
    client.force_login(by)
    page = client.get(reverse("employer_imports:check", args=[second.pk])).content.decode()
    assert "系统里的内容有了变化" in page
    assert Employer.objects.count() == 20


# Progress, cancelling, resuming


def test_progress_moves_through_reading_comparing_and_writing(by, large):
    reports = []
    path = large()
    reading = read_workbook(EMPLOYERS, path, by=by, on_progress=lambda *now: reports.append(now))
    commit(reading, by=by, today=TODAY, on_progress=lambda *now: reports.append(now))
    for stage in (stages.READING, stages.COMPARING, stages.WRITING):
        done = [now[1] for now in reports if now[0] == stage]
        assert len(done) > 1
        assert all(before < after for before, after in pairwise(done))
    assert all(now[1] <= now[2] for now in reports)


@pytest.fixture
def waiting(by, large):
    """An uploaded large register that has not been read yet."""
    return uploaded(large(), by)


def test_page_of_progress_shows_where_the_worker_is(client, by, waiting):
    client.force_login(by)
    address = reverse("employer_imports:progress", args=[waiting.pk])
    assert "正在排队" in client.get(address).content.decode()
    with progress.reporting(waiting.pk, progress.CHECK) as tell:
        tell(stages.READING, 1_000, 2_000)
        text = client.get(address).content.decode()
        assert "正在读取：1000行，共2000行" in text
        assert 'value="37"' in text


def test_page_says_so_when_the_worker_is_silent(client, by, at, waiting):
    client.force_login(by)
    with progress.reporting(waiting.pk, progress.CHECK):
        pass
    at(TODAY, 10, 2)
    text = client.get(reverse("employer_imports:progress", args=[waiting.pk])).content.decode()
    assert "处理程序没有动静" in text


def test_import_that_waits_is_cancelled_at_once(client, by, waiting):
    client.force_login(by)
    client.post(reverse("employer_imports:cancel", args=[waiting.pk]))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.report["problem"]) == ("failed", "您取消了这次导入，什么都没有写入。")
    life_cycle.check_import(waiting.pk, TODAY)
    assert nothing_is_written()


def test_import_is_cancelled_when_nothing_is_known_of_its_progress(client, by, waiting):
    caches["progress"].clear()
    client.force_login(by)
    client.post(reverse("employer_imports:cancel", args=[waiting.pk]))
    waiting.refresh_from_db()
    assert waiting.state == Import.State.FAILED


def test_import_that_is_worked_on_stops_at_the_next_portion_and_takes_everything_back(by, waiting):
    life_cycle.check_import(waiting.pk, TODAY)
    waiting.refresh_from_db()
    life_cycle.begin_writing(waiting)
    waiting.refresh_from_db()
    reading = life_cycle.read(waiting)

    with progress.reporting(waiting.pk, progress.WRITE) as tell:
        tell(stages.WRITING, 1, ROWS)
        life_cycle.cancel(waiting, TODAY)
        with pytest.raises(progress.Cancelled):
            life_cycle.commit(waiting, reading, TODAY, tell)

    waiting.refresh_from_db()
    assert waiting.state == Import.State.WRITING
    assert nothing_is_written()


def test_import_nobody_works_on_is_taken_up_and_one_that_is_worked_on_is_left_alone(by, at, waiting):
    assert life_cycle.resume_abandoned(TODAY) == 0
    at(TODAY, 10, 2)
    with progress.reporting(waiting.pk, progress.CHECK):
        assert life_cycle.resume_abandoned(TODAY) == 0
    at(TODAY, 10, 4)
    assert life_cycle.resume_abandoned(TODAY) == 1
    waiting.refresh_from_db()
    assert waiting.state == Import.State.READ


def test_import_that_ends_every_worker_is_given_up_with_a_clear_word(by, at, waiting):
    for minute in range(0, 6, 2):
        at(TODAY, 10, minute)
        with progress.reporting(waiting.pk, progress.CHECK):
            pass
    at(TODAY, 10, 8)
    life_cycle.resume_abandoned(TODAY)
    waiting.refresh_from_db()
    assert waiting.state == Import.State.FAILED
    assert "程序几次中断，什么都没有写入" in waiting.report["problem"]


def test_person_is_told_when_a_large_import_is_done_and_finds_it_again(client, by, waiting):
    life_cycle.check_import(waiting.pk, TODAY)
    waiting.refresh_from_db()
    life_cycle.begin_writing(waiting)
    life_cycle.write_import(waiting.pk, TODAY)
    notices = [(notice.title, notice.closed_at is None) for notice in Reminder.objects.order_by("pk")]
    assert notices == [
        ("登记表“登记表.xlsx”已读完，请核对后导入", False),
        ("登记表“登记表.xlsx”已全部导入", True),
    ]
    client.force_login(by)
    listed = client.get(reverse("employer_imports:start")).content.decode()
    assert reverse("employer_imports:check", args=[waiting.pk]) in listed
    assert User.objects.get(pk=by.pk).imports.get().state == Import.State.DONE


# Imports stored before reports were compressed


@pytest.mark.parametrize("state", ["read", "faulty", "writing"])
def test_import_checked_before_the_report_was_packed_is_asked_for_again(client, by, waiting, state):
    fault = {"sheet": "表", "row": 3, "column": "单位名称", "value": "", "problem": "没有单位名称"}
    old = {"counts": {"read": 1, "new": 0, "changed": 0, "same": 0, "faulty": 1}, "sheets": [], "rows": []}
    Import.objects.update(state=state, report=old | {"faults": [fault], "fault_count": 1})
    other = uploaded(waiting.file.path, by)
    life_cycle.check_import(other.pk, TODAY)

    migration = import_module("employers.migrations.0003_close_imports_of_the_old_form")
    migration.close_old(SimpleNamespace(get_model=lambda app, model: Import), None)

    client.force_login(by)
    assert "请重新上传" in client.get(reverse("employer_imports:check", args=[waiting.pk])).content.decode()
    other.refresh_from_db()
    assert other.state == Import.State.READ
