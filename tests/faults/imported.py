"""`python -m tests.faults.imported`: resumes abandoned imports as beat does, then checks that all derived data agrees.

It prints one line of JSON: the number of resumed imports, of differing duties, whether the search index equals a
rebuilt one, and the results of SQLite's checks of its own file.
"""

import json

import django


def state_of_search():
    """Returns the rows of the search index, sorted."""
    from relations.models import SearchName, SearchToken

    names = SearchName.objects.values_list(
        "stakeholder", "person", "plain", "pinyin", "initials", "pairs", "numbers"
    )
    tokens = SearchToken.objects.values_list("stakeholder", "token")
    return sorted(map(repr, names)), sorted(map(repr, tokens))


def look():
    """Resumes abandoned imports and returns the results of all checks."""
    from django.db import connection

    from employers.models import Employer
    from relations.imports import life_cycle
    from relations.search import index as search
    from relations.tasks import check_duties
    from reminders import clock

    found = {"left": life_cycle.resume_abandoned(clock.today()), "differences": check_duties()}
    before = state_of_search()
    search.index(list(Employer.objects.all()))
    found["search_agrees"] = state_of_search() == before
    with connection.cursor() as cursor:
        found["integrity"] = cursor.execute("PRAGMA integrity_check").fetchall()
        found["orphans"] = cursor.execute("PRAGMA foreign_key_check").fetchall()
    return found


if __name__ == "__main__":
    django.setup()
    print(json.dumps(look()))
