"""Duties and reminders follow people: who leaves, changes rank, department or supervisor, or heads a department."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Department, Supervision, User
from relations.duties import opening
from relations.reminding.raising import readdress
from reminders import clock

MATTERS = {"is_active", "roles", "tier_mask", "department", "department_id"}


@receiver(post_save, sender=User)
def follow_person(instance, created, update_fields, raw=False, **_signal):
    """Reminders that the person may read no more are given to others at once."""
    if raw or (update_fields is not None and not MATTERS & set(update_fields)):
        return
    today = clock.today()
    opening.open_again(today)
    if not created:
        readdress(today, recipient=instance)


@receiver(post_save, sender=Department)
def follow_department(raw=False, **_signal):
    if not raw:
        opening.open_again(clock.today())


@receiver(post_save, sender=Supervision)
def follow_supervision(instance, created, raw=False, **_signal):
    """What a supervisor was told is given to the next above when the supervision is over."""
    if not raw and not created:
        readdress(clock.today(), recipient=instance.supervisor)
