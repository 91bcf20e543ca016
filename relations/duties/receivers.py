"""Signal receivers: update duties and reminders when users, departments or supervisions change."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.models import Department, Supervision, User
from relations.duties import opening
from relations.reminding.raising import reassign_reminders
from reminders import clock

RELEVANT_FIELDS = {"is_active", "roles", "tier_mask", "department", "department_id"}


@receiver(post_save, sender=User)
def on_user_saved(instance, created, update_fields, raw=False, **_signal):
    """Has all duties derived again, and immediately reassigns the reminders that the user may no longer read."""
    if raw or (update_fields is not None and not RELEVANT_FIELDS & set(update_fields)):
        return
    today = clock.today()
    opening.schedule_full_derivation(today)
    if not created:
        reassign_reminders(today, recipient=instance)


@receiver(post_save, sender=Department)
def on_department_saved(raw=False, **_signal):
    if not raw:
        opening.schedule_full_derivation(clock.today())


@receiver(post_save, sender=Supervision)
def on_supervision_saved(instance, created, raw=False, **_signal):
    """Reassigns the reminders of the supervisor when the supervision is changed, for example ended."""
    if not raw and not created:
        reassign_reminders(clock.today(), recipient=instance.supervisor)


@receiver(post_delete, sender=Supervision)
def on_supervision_withdrawn(instance, **_signal):
    """The same for a supervision that was withdrawn before it lasted a day."""
    reassign_reminders(clock.today(), recipient=instance.supervisor)
