"""The opinions and complaints of the demo, registered and handled by the same actions as on the site."""

from contextlib import contextmanager
from datetime import datetime, time, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from accounts.stored_texts import stored_in_chinese
from complaints.intake import actions as intake
from complaints.measures import actions as measures
from complaints.models import METHOD_OF_CHANNEL, AccessRole, Complaint, PublicText
from complaints.portal import codes, dialogue
from complaints.public_texts import texts
from complaints.workflow.lifecycle import STEPS, ActInput, perform
from employers.models import Employer
from lezhi.demo.ended_stories import ENDED_STORIES
from lezhi.demo.open_stories import OPEN_STORIES
from lezhi.demo.waiting_stories import WAITING_STORIES
from reminders.calendar.workdays import Calendar
from reminders.clock import SHANGHAI

STORIES = [*ENDED_STORIES, *OPEN_STORIES, *WAITING_STORIES]
FIRST_HOUR, LAST_HOUR = 9, 16
CHECKED_AFTER = timedelta(days=90)
WAYS = {  # how the public contacts the centre of the demo, all invented
    PublicText.Key.PHONE: "0769-80000123（周一至周五 9:00—17:30）",
    PublicText.Key.EMAIL: "yijian@chunhe.example",
    PublicText.Key.ADDRESS: "青岚镇和风路8号二楼，邮编523000",
}


@contextmanager
def frozen_clock(moment):
    """Context manager: timezone.now() returns `moment`, in the whole process; for commands only."""
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real


def write(people, today):
    """Writes every story; returns their number. A head and a council member must exist."""
    for key, text in WAYS.items():
        texts.save_version(key, text, by=people["head"], seen=0)
    calendar = Calendar.load()
    with stored_in_chinese():
        for place, story in enumerate(sorted(STORIES, key=lambda story: -story.back)):
            StoryWriter(story, place, people, today, calendar).write()
    return len(STORIES)


class StoryWriter:
    """Writes one story, from the day of receipt to its last act."""

    def __init__(self, story, place, people, today, calendar):
        self.story, self.place, self.people, self.calendar = story, place, people, calendar
        self.today = today
        self.base = today if calendar.is_working_day(today) else calendar.add_working_days(today, 1)
        self.received_on = calendar.add_working_days(self.base, -story.back)
        self.measure = None

    def day(self, after):
        """The day `after` working days after receipt, today at the latest."""
        return min(self.day_ahead(after), self.today)

    def day_ahead(self, after):
        return self.calendar.add_working_days(self.received_on, after) if after else self.received_on

    def moment_of(self, on, step=0):
        hour = FIRST_HOUR + (self.place + step) % (LAST_HOUR - FIRST_HOUR)
        minute = (self.place * 17 + step * 11) % 60
        return datetime.combine(on, time(hour, minute), tzinfo=SHANGHAI)

    def write(self):
        with frozen_clock(self.moment_of(self.day(0))):
            case = self.take_in()
        for step, (after, name, values) in enumerate(self.story.acts, 1):
            with frozen_clock(self.moment_of(self.day(after), step)):
                self.act(case, name, values, self.day(after))
            case.refresh_from_db()
        if self.measure:
            self.follow_measure(case)

    def take_in(self):
        story = self.story
        case = Complaint(
            intake_key=str(uuid5(NAMESPACE_URL, f"lezhi-demo-{self.place}")),
            kind=story.kind,
            channel=story.channel,
            method=story.method or METHOD_OF_CHANNEL[story.channel],
            person_class=story.person,
            stakeholder=self.employer(),
            is_anonymous=story.is_anonymous,
            name=story.name,
            contact=story.contact,
            subject=story.subject,
            is_personnel=story.is_personnel,
            title=story.title,
            statement=story.statement,
            stated_on=self.day(0),
            received_on=self.day(0),
            is_strictly_confidential=story.is_strict,
            code_hash=codes.code_hash(story.code) if story.code else None,
        )
        details = intake.IntakeDetails(
            [self.people[name] for name in story.accused],
            [self.people[name] for name in story.not_told],
            story.not_told_words,
        )
        by = self.people[story.by] if story.by else None
        return intake.register(case, by=by, today=self.day(0), told=details)

    def employer(self):
        """An employer for a complaint of an employer's staff, else None."""
        if not self.story.of_employer:
            return None
        return Employer.objects.order_by("pk")[self.place % Employer.objects.count()]

    def act(self, case, name, given, on):
        if name == "message":
            dialogue.add_message(case, given["text"], today=on)
        elif name == "measure":
            self.add_measure(case, given, on)
        else:
            by = case.head if self.is_for_head(case, name) else case.handler
            perform(case, name, by=by, today=on, act_input=self.given(name, given, on))

    def is_for_head(self, case, name):
        return case.handler is None or AccessRole.HANDLER not in STEPS[name].roles

    def given(self, name, told, on):
        values = dict(told)
        due_after = values.pop("due_after", None)
        handler = self.people[self.story.handler] if name == "appoint" else None
        due_on = self.day_ahead(due_after) if due_after else None
        return ActInput(on=on, due_on=due_on, user=handler, **values)

    def add_measure(self, case, given, on):
        due_on = self.day_ahead(given["due_after"])
        owner = self.people[given["owner"]]
        self.measure = (
            given,
            measures.add_measure(
                case,
                by=case.handler or case.head,
                today=on,
                measure=given["words"],
                owner=owner,
                due_on=due_on,
                check_on=due_on + CHECKED_AFTER,
            ),
        )

    def follow_measure(self, case):
        """Writes that the measure was done, and the result of the head's check, if the story has them."""
        values, measure = self.measure
        if done := values.get("done"):
            with frozen_clock(self.moment_of(self.day(done), 7)):
                measures.finish_measure(measure, by=measure.owner, on=self.day(done))
        if checked := values.get("checked"):
            with frozen_clock(self.moment_of(self.day(checked), 8)):
                note = "抽查时又看到一次。" if values["again"] else "两次抽查都没有问题。"
                on = self.day(checked)
                measures.check_measure(
                    measure, by=case.head, today=on, has_recurred=values["again"], note=note
                )
