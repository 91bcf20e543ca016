"""Imports and concurrent writers: an import waits for its turn, can be cancelled while it waits, and is retried."""

import sqlite3

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError, connection, transaction

from accounts.editing import claim_version
from accounts.exceptions import EditConflict
from benchmarks import register
from employers.models import Employer
from relations.imports import life_cycle, progress, stages, uploads, write_lock
from relations.models import Import, Kind
from tests.concurrency import another_connection
from tests.employers.imports import TODAY, director_of_the_register, state_of
from tests.factories.employers import EmployerFactory

ROWS = 20
on_both = pytest.mark.django_db


def on_postgres(test):
    """Marks a test of real transactions that runs on PostgreSQL only."""
    return pytest.mark.postgres(pytest.mark.django_db(transaction=True)(test))


@pytest.fixture
def by(at):
    at(TODAY)
    return director_of_the_register()


@pytest.fixture
def begun(by, tmp_path):
    """A function that uploads a register, has it checked and confirms the writing; returns the Import."""

    def begin(**how):
        path = tmp_path / "register.xlsx"
        register.write(path, ROWS, **how)
        upload = uploads.store(ContentFile(path.read_bytes(), name="登记表.xlsx"), kind=Kind.EMPLOYER, by=by)
        life_cycle.check_import(upload.pk, TODAY)
        assert life_cycle.begin_writing(upload)
        upload.refresh_from_db()
        return upload

    return begin


# Failures


@on_both
def test_error_that_nobody_else_caused_is_told_and_logged(begun, caplog):
    other = EmployerFactory()
    Employer.objects.filter(pk=other.pk).update(number=f"YR-{other.pk + 1:04d}")
    upload = begun()
    life_cycle.write_import(upload.pk, TODAY)
    upload.refresh_from_db()
    assert upload.state == Import.State.FAILED
    assert "读取或导入时出了错" in upload.report["problem"]
    assert "IntegrityError" in caplog.text
    assert Employer.objects.count() == 1


@on_both
@pytest.mark.parametrize(("times", "state"), [(1, "done"), (life_cycle.MAX_TRIES, "read")])
def test_import_whose_rows_somebody_saved_is_read_again_and_written(by, begun, caplog, times, state):
    life_cycle.write_import(begun().pk, TODAY)
    upload, saved = begun(edition=2), []

    def tell(stage, done, of):
        if stage == stages.COMPARING and len(saved) < times:
            other = Employer.objects.earliest("pk")
            claim_version(other, other.version)
            saved.append(other)

    life_cycle.read_and_write(upload, TODAY, tell)
    assert (state_of(upload), caplog.text.count("was rolled back")) == (state, times)


def test_lock_held_too_long_on_sqlite_passes(tmp_path):
    with (
        sqlite3.connect(tmp_path / "db", timeout=0) as one,
        sqlite3.connect(tmp_path / "db", timeout=0) as other,
    ):
        one.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as busy:
            other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as broken:
            other.execute("SELECT nothing")
    one.close()
    other.close()
    assert write_lock.is_retryable(raised_from(busy.value))
    assert not write_lock.is_retryable(raised_from(broken.value))
    assert write_lock.is_retryable(EditConflict())
    assert not write_lock.is_retryable(ValueError())


def raised_from(cause):
    """Returns an OperationalError of Django caused by `cause`."""
    problem = OperationalError(str(cause))
    problem.__cause__ = cause
    return problem


# Concurrent writers, on PostgreSQL; SQLite has only one


def writer_of(upload):
    """Returns a function for another_connection: writes the import, and pauses after the first portion of rows."""
    reading = life_cycle.read(upload)

    def acts(wait):
        with progress.reporting(upload.pk, progress.WRITE) as report:

            def tell(*now):
                wait()
                report(*now)

            life_cycle.commit(upload, reading, TODAY, tell)

    return acts


@on_postgres
def test_waiting_import_is_cancelled_while_another_is_written(begun):
    first, second = begun(), begun()
    with another_connection(writer_of(first)):
        life_cycle.cancel(second, TODAY)
        assert (state_of(first), state_of(second)) == (Import.State.WRITING, Import.State.FAILED)
    assert state_of(first) == Import.State.DONE


@on_postgres
def test_cancelling_what_is_written_does_not_wait_even_when_its_progress_is_unknown(begun):
    upload = begun()
    with another_connection(writer_of(upload), progress.Cancelled) as (problems, _go_on):
        progress.delete_progress(upload.pk)
        life_cycle.cancel(upload, TODAY)
        assert state_of(upload) == Import.State.WRITING
        assert progress.is_asked_to_stop(upload.pk)
    assert [type(problem) for problem in problems] == [progress.Cancelled]
    assert not Employer.objects.exists()


@on_postgres
def test_waiting_import_can_be_cancelled(begun):
    upload = begun()
    reading = life_cycle.read(upload)

    def turn(wait):
        write_lock.acquire(0)
        wait()

    with another_connection(turn):
        progress.ask_to_stop(upload.pk)
        with pytest.raises(progress.Cancelled):
            life_cycle.commit(upload, reading, TODAY, stages.no_progress)
    progress.delete_progress(upload.pk)
    life_cycle.commit(upload, reading, TODAY, stages.no_progress)
    assert state_of(upload) == Import.State.DONE


@on_postgres
def test_deadlock_passes(by):
    def lock(key):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])

    def two_then_one(wait):
        lock(2)
        wait()
        lock(1)

    with another_connection(two_then_one, OperationalError) as (problems, go_on):
        try:
            with transaction.atomic():
                lock(1)
                go_on()
                lock(2)
        except OperationalError as problem:
            problems.append(problem)
    assert [write_lock.is_retryable(problem) for problem in problems] == [True]
