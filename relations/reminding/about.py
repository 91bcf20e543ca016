"""What a reminder has to say of the record that its title names."""

from accounts.roles import is_close


def reminder_values(stakeholder, recipient):
    """Values for a Reminder to `recipient` (a User) whose title names `stakeholder`.

    Letters do not name a client or a colleague. Whoever stands in for `recipient` is told of those only that
    `recipient` is responsible for.
    """
    alone = is_close(stakeholder.kind) and stakeholder.responsible_id != recipient.pk
    return {"record_kind": stakeholder.kind, "is_personal": alone or stakeholder.account_id is not None}
