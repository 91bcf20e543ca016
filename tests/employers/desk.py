"""The users of a small centre, for the tests of employers; they work on Monday 2026-10-12."""

from types import SimpleNamespace

from django.test import Client

from tests.factories.accounts import DepartmentFactory, UserFactory

MARKER = "局长听力不好"  # a note of caution; only users with the right to such notes may find it on a page


def centre():
    """Returns a namespace of a department and of users.

    Of the department: worker, staff (without the right to notes of caution), head, supervisor.
    Not of it: director, finance, stranger.

    """
    department = DepartmentFactory(name="社会服务部")
    people = {
        "worker": UserFactory(name="郑雅婷", department=department),
        "staff": UserFactory(name="韦晓彤", department=department, department_staff=True),
        "head": UserFactory(name="程思敏", department=department, department_head=True),
        "supervisor": UserFactory(name="方静宜", department=department, supervisor=True),
        "director": UserFactory(name="何婉清", director=True),
        "finance": UserFactory(name="侯佩珊", finance=True),
        "stranger": UserFactory(name="罗少芬"),
    }
    return SimpleNamespace(department=department, **people)


def asking(user):
    """Returns a client logged in as `user`."""
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def errors(answer):
    """Returns {field: errors} of the form in the response."""
    return {name: list(found) for name, found in answer.context["form"].errors.items()}
