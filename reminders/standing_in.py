"""Who stands in for a colleague is given that colleague's open reminders from the first day on (R271, R420)."""

from reminders.raising import hand_out_to_stand_ins


def tell_stand_ins(day):
    return {"handed_to_stand_ins": hand_out_to_stand_ins(day.today)}
