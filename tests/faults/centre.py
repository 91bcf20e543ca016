"""The centre of a site under fault: `python -m tests.faults.centre` creates it in an empty database.

It prints one line of JSON: the accounts and their session keys. On Monday 26 October 2026 exactly 500 duties are to be
reminded of: those of July to October, and the sheets of the third quarter, of a hundred employers.
"""

import json
import sys
from datetime import date

import django

FIRST_DAY = date(2026, 7, 1)
DAY = date(2026, 10, 26)
DEPARTMENTS, WORKERS, EMPLOYERS = 5, 4, 5  # departments, workers in a department, employers of a worker
DUTIES = 500
HARVEST = "青岚镇第{}社会事务局"


def make():
    """Creates accounts, departments and employers; returns {login name: user}."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    from tests.factories.accounts import DepartmentFactory, UserFactory

    def person(login, **traits):
        return UserFactory(username=login, name=login, email=f"{login}@example.com", reachable=True, **traits)

    people = {
        "director": person("director", director=True),
        "council": person("council", council=True),
        "administrator": person("administrator", administrator=True),
    }
    for number in range(DEPARTMENTS):
        department = DepartmentFactory(name=f"服务部{number}")
        own = {"department": department}
        people[f"head{number}"] = department.head = person(f"head{number}", department_head=True, **own)
        department.save()
        people[f"supervisor{number}"] = person(f"supervisor{number}", supervisor=True, **own)
        for place in range(WORKERS):
            login = f"worker{number}{place}"
            people[login] = person(login, **own)
            make_employers(people[login])
    return people


def make_employers(worker):
    """Creates the employers for which `worker` is responsible."""
    from tests.factories.employers import EmployerFactory

    for number in range(EMPLOYERS):
        EmployerFactory(
            name=HARVEST.format(f"{worker.username[6:]}{number}"),
            active=True,
            contract__ends_on=date(2027, 12, 31),
            contract__number=f"QL-{worker.username[6:]}{number}",
            responsible=worker,
            watched_from=FIRST_DAY,
        )


def log_in(user):
    """Creates a session that does not expire during a test; returns its key."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.RoleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(1000 * 24 * 3600)
    session.create()
    return session.session_key


if __name__ == "__main__":
    django.setup()
    everybody = make()
    json.dump(
        {login: {"pk": user.pk, "session": log_in(user)} for login, user in everybody.items()}, sys.stdout
    )
