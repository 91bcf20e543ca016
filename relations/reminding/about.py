"""Fields of a reminder that depend on the record named in its title."""

from accounts.roles import is_close


def reminder_values(stakeholder, recipient):
    """Returns the values (a dict) for a Reminder to `recipient` (a User) whose title names `stakeholder`.

    E-mails do not name clients or colleagues. A stand-in of `recipient` gets reminders about such a record, or about a
    confidential one, only if `recipient` is responsible for it.
    """
    alone = is_close(stakeholder.kind) or stakeholder.is_confidential
    alone = alone and stakeholder.responsible_id != recipient.pk
    return {"record_kind": stakeholder.kind, "is_personal": alone or stakeholder.account_id is not None}
