"""The reminders expected after two sweeps, calculated from the facts and the calendar without the application."""

from collections import Counter
from datetime import date, timedelta

import chinese_calendar

from tests.faults.centre import DAY, DUTIES

MONTHS = [(7, 31), (8, 31), (9, 30), (10, 31)]
QUARTER = date(2026, 7, 1)
STEP = 3  # working days between two tiers

EMPLOYED = "SELECT id, responsible_id FROM relations_stakeholder WHERE name LIKE '青岚镇第%' ORDER BY id"
RULE = "SELECT id FROM relations_cadencerule WHERE code = '{}'"
RAISED = "SELECT key, recipient_id FROM reminders_reminder WHERE subject LIKE 'duty:%'"
LETTERS = "FROM reminders_delivery WHERE channel = 'email'"


def working_days_after(day):
    """Returns the number of working days after `day`, up to and including DAY."""
    spent = (day + timedelta(days=number) for number in range(1, (DAY - day).days + 1))
    return sum(map(chinese_calendar.is_workday, spent))


def escalation(site, worker):
    """Returns the users reminded of a worker's duties, by tier: worker, supervisor, head, director, council."""
    login = next(name for name, person in site.people.items() if person["pk"] == worker)
    department = login.removeprefix("worker")[0]
    above = [f"supervisor{department}", f"head{department}", "director", "council"]
    return [worker, *(site.people[name]["pk"] for name in above)]


def reminders(site):
    """Returns {key: recipient} of every reminder of a duty on DAY if nothing has been done since 1 July."""
    contact, sheet = site.number(RULE.format("resident-contact")), site.number(RULE.format("sheet-check"))
    owed = [(contact, date(2026, month, 1), date(2026, month, last)) for month, last in MONTHS]
    owed.append((sheet, QUARTER, date(2026, 9, 30)))
    found = {}
    for stakeholder, worker in site.rows(EMPLOYED):
        people = escalation(site, worker)
        for rule, start, due in owed:
            tier = min(working_days_after(due) // STEP, len(people) - 1)
            for step in range(tier + 1):
                found[f"duty:{rule}:{stakeholder}:{start}:{due}:{step}"] = people[step]
    assert sum(key.endswith(":0") for key in found) == DUTIES
    return found


def differences(site):
    """Returns the missing and the surplus reminders in the table; an empty Counter when it is right."""
    there, expected = Counter(site.rows(RAISED)), Counter(reminders(site).items())
    return (there - expected) + (expected - there)


def doubled_rows(site):
    """Returns the number of reminders and deliveries that exist twice."""
    keys = "SELECT key FROM reminders_reminder GROUP BY key HAVING COUNT(*) > 1"
    ways = "SELECT 1 FROM reminders_delivery GROUP BY reminder_id, recipient_id, channel HAVING COUNT(*) > 1"
    return len(site.rows(keys)) + len(site.rows(ways))


def letters_owed(site):
    """Returns {address: number of reminders} when each reminder is sent to its recipient alone."""
    address = {person["pk"]: f"{login}@example.com" for login, person in site.people.items()}
    return Counter(address[recipient] for recipient in reminders(site).values())


def letters_come(office):
    """Returns {address: number of reminders} in the e-mails that have arrived."""
    come = Counter()
    for letter in office.letters:
        come[letter.to] += letter.count
    return come


def letters_marked(site):
    """Returns the number of e-mails marked as sent; the rows of one e-mail are marked at the same time."""
    return site.number(
        f"SELECT COUNT(*) FROM (SELECT DISTINCT recipient_id, sent_at {LETTERS} AND state = 'sent') marked"
    )
