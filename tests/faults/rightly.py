"""What must be there after two sweeps, worked out beside the application: by hand from the facts and the calendar."""

from collections import Counter
from datetime import date, timedelta

import chinese_calendar

from tests.faults.centre import DAY, DUTIES

MONTHS = [(7, 31), (8, 31), (9, 30), (10, 31)]
QUARTER = date(2026, 7, 1)
STEP = 3  # working days between two rungs

EMPLOYED = "SELECT id, responsible_id FROM relations_stakeholder WHERE name LIKE '青岚镇第%' ORDER BY id"
RULE = "SELECT id FROM relations_cadencerule WHERE code = '{}'"
RAISED = "SELECT key, recipient_id FROM reminders_reminder WHERE subject LIKE 'duty:%'"
LETTERS = "FROM reminders_delivery WHERE channel = 'email'"


def working_days_after(day):
    """How many working days lie after `day` up to DAY."""
    spent = (day + timedelta(days=number) for number in range(1, (DAY - day).days + 1))
    return sum(map(chinese_calendar.is_workday, spent))


def escalation(site, worker):
    """The keys of those who hear of what a worker owes: the worker, supervisor, head, director, council."""
    login = next(name for name, person in site.people.items() if person["pk"] == worker)
    department = login.removeprefix("worker")[0]
    above = [f"supervisor{department}", f"head{department}", "director", "council"]
    return [worker, *(site.people[name]["pk"] for name in above)]


def reminders(site):
    """{key: recipient} of every reminder of a duty on DAY, when nobody has done anything since 1 July."""
    contact, sheet = site.number(RULE.format("resident-contact")), site.number(RULE.format("sheet-check"))
    owed = [(contact, date(2026, month, 1), date(2026, month, last)) for month, last in MONTHS]
    owed.append((sheet, QUARTER, date(2026, 9, 30)))
    found = {}
    for stakeholder, worker in site.rows(EMPLOYED):
        people = escalation(site, worker)
        for rule, start, due in owed:
            told = min(working_days_after(due) // STEP, len(people) - 1)
            for step in range(told + 1):
                found[f"duty:{rule}:{stakeholder}:{start}:{due}:{step}"] = people[step]
    assert sum(key.endswith(":0") for key in found) == DUTIES
    return found


def differences(site):
    """What the table of reminders has too many or too few; an empty Counter when it is right."""
    there, wanted = Counter(site.rows(RAISED)), Counter(reminders(site).items())
    return (there - wanted) + (wanted - there)


def doubled_rows(site):
    """Reminders raised twice and deliveries made twice."""
    keys = "SELECT key FROM reminders_reminder GROUP BY key HAVING COUNT(*) > 1"
    ways = "SELECT 1 FROM reminders_delivery GROUP BY reminder_id, recipient_id, channel HAVING COUNT(*) > 1"
    return len(site.rows(keys)) + len(site.rows(ways))


def letters_owed(site):
    """{address: how many reminders are to be told} when each reminder goes to its recipient alone."""
    address = {person["pk"]: f"{login}@example.com" for login, person in site.people.items()}
    return Counter(address[recipient] for recipient in reminders(site).values())


def letters_come(office):
    """{address: how many reminders the letters speak of that have come}."""
    come = Counter()
    for letter in office.letters:
        come[letter.to] += letter.count
    return come


def letters_marked(site):
    """How many letters the table knows as sent: the rows of one letter were marked in one moment."""
    return site.number(
        f"SELECT COUNT(*) FROM (SELECT DISTINCT recipient_id, sent_at {LETTERS} AND state = 'sent') marked"
    )
