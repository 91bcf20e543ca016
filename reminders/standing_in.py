"""Sweep step: delivers a colleague's open reminders to the stand-in, from the first day on (R271, R420)."""

from reminders.raising import create_stand_in_deliveries


def notify_stand_ins(day):
    return {"handed_to_stand_ins": create_stand_in_deliveries(day.today)}
