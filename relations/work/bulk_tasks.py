"""Creates the same task for many records by one SQL query."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import CharField, DateField, F, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from relations.models import Task
from reminders.rowcount import affected_rows


@dataclass(frozen=True)
class TaskSpec:
    """The task to create for every row. `key` is a list of strings and F() expressions, which are concatenated."""

    origin: str
    key: list
    title: str
    due_on: date
    clause: str = ""
    is_provisional: bool = False


def open_tasks(records, what, *, stakeholder="pk", owner="responsible_id"):
    """Creates the task `what` for each of `records` (a queryset) unless its key was used before. Returns the number.

    `stakeholder` and `owner` are lookup paths from the row. These tasks have no history until they are changed.
    """
    columns = {
        "key": Concat(
            *(Value(part) if isinstance(part, str) else Cast(part, CharField()) for part in what.key)
        ),
        "stakeholder_id": F(stakeholder),
        "owner_id": F(owner),
        "origin": Value(str(what.origin)),
        "title": Value(what.title),
        "clause": Value(what.clause),
        "due_on": Value(what.due_on, DateField()),
        "is_provisional": Value(what.is_provisional),
        "created_at": Value(timezone.now()),
        "notified": Value(0),
        "drop_reason": Value(""),
    }
    return insert_from(Task, records, columns)


def insert_from(model, records, columns):
    """INSERT ... SELECT: one row of `model` for each of `records` whose unique keys are new. Returns the number."""
    names = {f"new_{name}": expression for name, expression in columns.items()}
    select, params = records.order_by().annotate(**names).values_list(*names).query.sql_with_params()
    quote = connection.ops.quote_name
    targets = ", ".join(quote(model._meta.get_field(name).column) for name in columns)
    head = f"INSERT INTO {quote(model._meta.db_table)} ({targets})"
    with connection.cursor() as cursor:
        cursor.execute(f"{head} {select} ON CONFLICT DO NOTHING", params)
        return affected_rows(cursor)
