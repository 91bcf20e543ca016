"""The rows of the timeline: text, icon and files of a contact or of another event."""

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.days import day_words, weekday_words
from relations.duties import settlement as duties
from relations.log.people import people_of
from relations.models import Attachment, Channel, Outcome, Purpose
from relations.timeline.sources import source_of
from reminders.clock import SHANGHAI

CONTACT = 1  # rank within a day, as in relations.timeline.sources; the lowest one
ICONS = {
    Channel.FACE: "person",
    Channel.PHONE: "telephone",
    Channel.WECHAT: "wechat",
    Channel.MEETING: "people",
    Channel.VISIT: "geo-alt",
    Channel.EMAIL: "envelope",
    Channel.LETTER: "file-earmark",
    Channel.DESK: "file-earmark-check",
}


@dataclass(frozen=True, order=True)
class TimelineCursor:
    """A position on the timeline: day, rank of the source, pk of the row."""

    day: date
    rank: int
    pk: int

    def __str__(self):
        return f"{self.day.isoformat()}~{self.rank}~{self.pk}"


@dataclass
class TimelineRow:
    """One row for the template `_components/timeline_row.html`."""

    place: TimelineCursor
    icon: str
    title: str
    kind: str = ""
    href: str = ""
    chip: str = ""
    chip_state: str = "met"
    who: str = ""
    text: str = ""
    files: list = field(default_factory=list)

    @property
    def date(self):
        return f"{self.place.day:%m-%d}"

    @property
    def weekday(self):
        return weekday_words(self.place.day)


def build_rows(user, shown):
    """Returns the TimelineRows; loads people, completed duties and files of the contacts in one query each."""
    contacts = [row for place, row in shown if place.rank == CONTACT]
    people, completed, files = people_of(contacts), duties.completed_by(contacts), files_of(user, contacts)
    return [
        contact_row(place, row, people[row.pk], completed.get(row.pk, []), files.get(row.pk, []))
        if place.rank == CONTACT
        else source_of(place.rank).build_row(place, *row[3:])
        for place, row in shown
    ]


def files_of(user, contacts):
    by_contact = {}
    if contacts:
        files = Attachment.objects.visible_to(user).filter(interaction__in=[row.pk for row in contacts])
        for file in files.only("pk", "name", "interaction").order_by("pk"):
            by_contact.setdefault(file.interaction_id, []).append(file_link(file.pk, file.name))
    return by_contact


def file_link(pk, name):
    return {"href": reverse("attachment", args=[pk]), "name": name}


def contact_row(place, contact, people, completed, files):
    """Returns the row of a contact: attempts dashed, emergencies red, reports marked as formal."""
    attempted = contact.outcome == Outcome.ATTEMPTED
    row = TimelineRow(place, ICONS.get(contact.channel, "chat-dots"), contact_title(contact))
    row.href = reverse("interactions:detail", args=[contact.pk])
    row.who, row.text, row.files = who_words(people, attempted), contact_text(contact), files
    if attempted:
        row.icon, row.kind = "telephone-x", "try"
    elif contact.is_urgent:
        row.icon, row.kind = "lightning-charge-fill", "urg"
    elif contact.is_formal:
        row.icon = "megaphone"
    if completed:
        row.chip = _("已完成 %s") % _("、").join(completed)
    return row


def contact_title(contact):
    if contact.purpose == Purpose.SHEET_CHECK:
        return contact.get_purpose_display()
    if contact.outcome == Outcome.ATTEMPTED:
        return f"{contact.get_channel_display()} · {contact.get_outcome_display()}"
    if contact.is_formal:
        return _("%s（正式）") % contact.get_purpose_display()
    if contact.is_urgent:
        return contact.get_purpose_display()
    return f"{contact.get_channel_display()} · {contact.get_purpose_display()}"


def who_words(people, attempted):
    parts = [_("、").join(people.ours)]
    if people.accompanying:
        parts.append(_("陪同：%s") % _("、").join(people.accompanying))
    if people.theirs:
        parts.append(_("与 %s") % _("、").join(people.theirs))
    if attempted:
        parts.append(_("不计入沟通次数"))
    return " · ".join(part for part in parts if part)


def contact_text(contact):
    text = contact.content
    if contact.follow_up:
        text += "\n" + _("下次跟进：%s") % contact.follow_up
    entered = timezone.localdate(contact.entered_at, SHANGHAI)
    if entered != contact.contact_on:
        text += "\n" + _("补记于%s") % day_words(entered)
    return text
