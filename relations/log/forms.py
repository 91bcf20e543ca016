"""记一笔: the form of one contact. It checks the values and returns an unsaved Interaction."""

from datetime import date, timedelta
from uuid import uuid4

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.field_shapes import input_class
from accounts.form_layout import CrispyFormMixin, Fold, Include
from accounts.widgets import DayInput
from relations.files.fields import FilesField, UploadFormMixin
from relations.log.actions import Participants, set_masks
from relations.log.layout import Chips, Line
from relations.models import (
    Channel,
    ContactPerson,
    GuestRole,
    Interaction,
    Outcome,
    Purpose,
    Stakeholder,
    Starter,
    Task,
    levels_of,
)
from relations.models.task_origins import purpose_of
from relations.parties.colleagues import ColleagueField, ColleaguesFormMixin
from relations.parties.kinds import default_level_of

EARLIEST = date(2000, 1, 1)
TYPED = (forms.TextInput, forms.Textarea, forms.DateInput, forms.FileInput)
NEW_PERSON = "new"
CHANNELS = [channel for channel in Channel if channel != Channel.DESK]
PURPOSES = [
    Purpose.ORDINARY,
    Purpose.WORK_REPORT,
    Purpose.INVITATION,
    Purpose.URGENT,
    Purpose.PUSH,
    Purpose.GREETING,
    Purpose.FEEDBACK,
    Purpose.FOLLOW_UP,
    Purpose.INTERVIEW,
    Purpose.VISIT,
    Purpose.RENEWAL,
    Purpose.YEAR_END_REPORT,
    Purpose.OTHER,
]
# Purposes that may be preselected from the last contact; others meet duties of their own and are chosen each time.
REPEATABLE_PURPOSES = (Purpose.ORDINARY, Purpose.INTERVIEW, Purpose.PUSH, Purpose.VISIT, Purpose.OTHER)
CHANNELS_SHOWN, PURPOSES_SHOWN = 6, 8


def ordered_choices(values, used, chosen):
    """Returns the choices of a field: the one used last first, then the chosen one, then the others."""
    ranked = sorted(values, key=lambda value: (value != used, value != chosen))
    return [(value.value, value.label) for value in ranked]


def day_problem(day, today):
    """Returns why `day` cannot be the day of a contact, as a sentence, or None.

    A day before the record was created is allowed: contacts of the current period are often entered afterwards.
    """
    if day > today:
        return _("还没到这一天，请选今天或以前的日期。")
    if day < EARLIEST:
        return _("早于2000年，请检查年份。")
    return None


class ContactForm(CrispyFormMixin, ColleaguesFormMixin, forms.Form):
    """A contact: participants, channel, purpose and content.

    `people` are the selectable contact persons, `user` is the author.
    """

    people = forms.MultipleChoiceField(
        label=gettext_lazy("找的是谁"), required=False, widget=forms.CheckboxSelectMultiple
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("怎么联系的"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选怎么联系的。")},
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("为什么事"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选为什么事。")},
    )
    missed = forms.BooleanField(label=gettext_lazy("没联系上"), required=False)
    content = forms.CharField(
        label=gettext_lazy("说了什么"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": gettext_lazy("最多写5000字，现在有%(show_value)d字。")},
    )
    follow_up = forms.CharField(
        label=gettext_lazy("下次跟进什么"),
        required=False,
        max_length=2000,
        widget=forms.TextInput,
    )
    started_by = forms.ChoiceField(
        label=gettext_lazy("谁发起的"),
        required=False,
        choices=Starter.choices,
        initial=Starter.US,
        widget=forms.RadioSelect,
    )
    starter = ColleagueField(label=gettext_lazy("发起人"))
    guest_role = forms.ChoiceField(
        label=gettext_lazy("对方以什么身份参加"),
        required=False,
        choices=[("", gettext_lazy("没有定")), *GuestRole.choices],
        widget=forms.RadioSelect,
    )
    plan_action = forms.ChoiceField(label=gettext_lazy("对应计划里的哪项行动"), required=False)
    not_me = forms.BooleanField(label=gettext_lazy("我没有参加，是代为登记"), required=False)
    says_everybody = False

    def __init__(self, *args, user, stakeholder, today, people, actions=(), last=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.stakeholder, self.today = user, stakeholder, today
        self.known, self.actions = people, actions
        self.ours, self.accompanying = [], []
        self.fields["people"].choices = [(str(person.pk), str(person)) for person in people]
        chosen = self.data if self.is_bound else self.initial
        for name, values in (("channel", CHANNELS), ("purpose", PURPOSES)):
            self.fields[name].choices = ordered_choices(
                values, last and getattr(last, name), chosen.get(name)
            )
        self.fields["plan_action"].choices = [
            ("", _("不对应")),
            *((str(action.pk), action.text) for action in actions),
        ]
        self.fields["starter"].widget.attrs["placeholder"] = user.name
        self.set_widget_classes()

    def set_widget_classes(self):
        """Sets the CSS classes of the widgets, because the templates render these inputs without crispy forms."""
        for field in self.fields.values():
            if isinstance(field.widget, TYPED) or type(field.widget) is forms.Select:
                field.widget.attrs["class"] = input_class(field.widget)
        self.fields["not_me"].widget.attrs["class"] = input_class(self.fields["not_me"].widget)

    def clean(self):
        cleaned = super().clean()
        self.missed = bool(cleaned.get("missed"))
        if not self.missed and "content" in cleaned and not cleaned["content"]:
            self.add_error("content", _("请写一句说了什么。"))
        self.find_colleagues(cleaned)
        return cleaned

    def apply_to(self, interaction):
        """Copies the cleaned values to a contact, new or stored, and returns it."""
        cleaned = self.cleaned_data
        interaction.channel, interaction.purpose = cleaned["channel"], cleaned["purpose"]
        interaction.outcome = Outcome.ATTEMPTED if self.missed else Outcome.REACHED
        interaction.content = cleaned["content"] or _("没联系上")
        interaction.follow_up = cleaned.get("follow_up", "")
        interaction.started_by = cleaned.get("started_by") or Starter.US
        interaction.starter = cleaned.get("starter") if interaction.started_by == Starter.US else None
        is_invitation = interaction.purpose == Purpose.INVITATION
        interaction.guest_role = cleaned.get("guest_role", "") if is_invitation else ""
        interaction.plan_action_id = int(cleaned["plan_action"]) if cleaned.get("plan_action") else None
        return interaction


class LogForm(UploadFormMixin, ContactForm):
    """A new contact: adds the day, follow-ups, completed tasks, files, and a token against duplicate records."""

    TODAY, YESTERDAY, PICK = "today", "yesterday", "pick"

    day = forms.ChoiceField(
        label=gettext_lazy("哪天"),
        choices=[
            (TODAY, gettext_lazy("今天")),
            (YESTERDAY, gettext_lazy("昨天")),
            (PICK, gettext_lazy("选日期")),
        ],
        initial=TODAY,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选哪天。")},
    )
    on = forms.DateField(
        label=gettext_lazy("日期"),
        required=False,
        widget=DayInput,
        error_messages={"invalid": gettext_lazy("日期请写成2026-10-12这样。")},
    )
    new_name = forms.CharField(
        label=gettext_lazy("姓名"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"aria-required": "true"}),
    )
    new_title = forms.CharField(label=gettext_lazy("职务"), required=False, max_length=60)
    new_level = forms.ChoiceField(label=gettext_lazy("层级"), required=False)
    follow_up_on = forms.DateField(label=gettext_lazy("什么时候提醒我"), required=False, widget=DayInput)
    retry_on = forms.DateField(label=gettext_lazy("哪天以前再联系"), required=False, widget=DayInput)
    tasks = forms.MultipleChoiceField(
        label=gettext_lazy("这次完成了"), required=False, widget=forms.CheckboxSelectMultiple
    )
    files = FilesField(label=gettext_lazy("附件"))
    token = forms.UUIDField(required=False, widget=forms.TextInput(attrs={"hidden": True}))

    def __init__(self, *args, tasks=(), **kwargs):
        kwargs["initial"] = {"token": uuid4()} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.set_task_choices(tasks)
        self.fields["people"].choices += [(NEW_PERSON, _("＋新对接人"))]
        self.fields["new_level"].choices = levels_of(self.stakeholder.kind)
        self.fields["new_level"].initial = self.default_level
        self.fields["files"].day = self.today
        self.fields["on"].widget.attrs |= {
            "max": self.today.isoformat(),
            "min": EARLIEST.isoformat(),
        }
        for name in ("follow_up_on", "retry_on"):
            self.fields[name].widget.attrs["min"] = self.today.isoformat()

    @property
    def default_level(self):
        return default_level_of(self.stakeholder.kind)

    def get_layout(self):
        return Layout(
            Chips(
                "people",
                _("找的是谁？可多选"),
                Div("new_name", "new_title", "new_level", css_class="if-new well mt2"),
            ),
            Chips(
                "channel",
                _("怎么联系的"),
                css_class="picks--6",
                shown=CHANNELS_SHOWN,
                rest=_("其他方式"),
            ),
            Chips(
                "purpose",
                _("为什么事"),
                css_class="picks--4",
                shown=PURPOSES_SHOWN,
                rest=_("其他事由"),
            ),
            *self.purpose_layout(),
            Include("relations/log_day.html"),
            Div(Line("retry_on", _("哪天以前再联系"), is_optional=True), css_class="if-missed fl"),
            self.content_panel(),
            *([Include("relations/log_tasks.html")] if self.open_tasks else ()),
            Div(
                Include("relations/log_files.html"),
                self.follow_up_panel(),
                Include("relations/log_mates.html"),
                css_class="more",
            ),
        )

    def content_panel(self):
        tip = _(
            "写一句就够：谈了什么、对方怎么说、答应了什么。先主动介绍、认真倾听；弄清对方的想法和反应，体会没说出口的感受，再表明愿意协助。"
        )
        state = "fl fld--bad" if self["content"].errors else "fl"
        return Div(Line("content", _("说了什么"), tip=tip), css_class=state)

    def follow_up_panel(self):
        lines = Line("follow_up", _("跟进什么")), Line("follow_up_on", _("什么时候提醒我"))
        is_open = self.open_sections["follow"]
        return Fold("bell", _("下次跟进"), Div(*lines, css_class="fl"), is_open=is_open, css_class="")

    @property
    def open_sections(self):
        """Which of the folded sections are open: those with values or errors."""
        parts = {"files": ["files"], "follow": ["follow_up", "follow_up_on"], "mates": ["not_me"]}
        filled = {
            part: any(self[name].errors or self[name].value() for name in names)
            for part, names in parts.items()
        }
        return filled | {"mates": filled["mates"] or any(name for name, _role in self.colleague_lines())}

    def purpose_layout(self):
        """Returns the fields for some purposes, which the style sheet shows when one is chosen; and the plan action."""
        guest = Chips(
            "guest_role",
            _("对方以什么身份参加"),
            wrapper_class="if-invited",
            clause="公共关系管理指引 三 一（二）2 参与者身份：志愿者或观察者",
        )
        urgent = Chips(
            "started_by",
            _("谁发起的"),
            Line("starter", _("我方发起人")),
            wrapper_class="if-urgent",
            clause="公共关系管理指引 三 一（二）2 紧急沟通：由机构管理人员、上级督导或驻点负责人主动发起",
        )
        action = Div(Line("plan_action", _("对应计划里的哪项行动"), is_optional=True), css_class="fl")
        return [guest, urgent, action] if self.actions else [guest, urgent]

    def set_task_choices(self, tasks):
        self.open_tasks = tasks
        self.fields["tasks"].choices = [(str(task.pk), task.title) for task in tasks]

    def task_chips(self):
        """Returns (checkbox, purpose that fits) for each open task; "any" for a retry."""
        fits = {str(task.pk): purpose_of(task.origin) or "" for task in self.open_tasks}
        retries = {str(task.pk) for task in self.open_tasks if task.origin == Task.Origin.RETRY}
        return [
            (box, "any" if box.data["value"] in retries else fits[box.data["value"]]) for box in self["tasks"]
        ]

    def clean(self):
        cleaned = super().clean()
        cleaned["contact_on"] = self.contact_day(cleaned)
        for name in ("follow_up_on", "retry_on"):
            if cleaned.get(name) and cleaned[name] < self.today:
                self.add_error(name, _("这一天已经过了，请选今天或以后的日期。"))
        if NEW_PERSON in cleaned.get("people", []) and not cleaned.get("new_name"):
            self.add_error("new_name", _("请写新对接人的姓名。"))
        return cleaned

    def contact_day(self, cleaned):
        if cleaned.get("day") == self.TODAY:
            return self.today
        if cleaned.get("day") == self.YESTERDAY:
            day, name = self.today - timedelta(days=1), "day"
        else:
            day, name = cleaned.get("on"), "on"
        if day is None:
            if "on" not in self.errors and cleaned.get("day"):
                self.add_error("on", _("请选日期。"))
        elif problem := day_problem(day, self.today):
            self.add_error(name, problem)
        return day

    def done_tasks(self):
        """Returns the ticked tasks; an attempt completes none (R446)."""
        ticked = self.cleaned_data.get("tasks", []) if self.is_bound else self.initial.get("tasks", [])
        chosen = set() if self.missed else set(ticked)
        return [task for task in self.open_tasks if str(task.pk) in chosen]

    def interaction(self):
        """Returns the unsaved contact; call it only on a valid form."""
        interaction = Interaction(
            stakeholder=self.stakeholder,
            contact_on=self.cleaned_data["contact_on"],
            token=self.cleaned_data.get("token") or uuid4(),
        )
        return self.apply_to(interaction)

    def partial_contact(self):
        """Returns the contact as far as known while the form is being filled in, or None without day or purpose."""
        day, purpose, people = self.build_partial_contact() if self.is_bound else self.prefilled()
        if not day or not purpose:
            return None
        contact = Interaction(stakeholder=self.stakeholder, contact_on=day, purpose=purpose)
        theirs = [person for person in self.known if str(person.pk) in people]
        if NEW_PERSON in people:
            theirs.append(ContactPerson(level=self.cleaned_data.get("new_level") or self.default_level))
        set_masks(contact, Participants(self.ours, self.accompanying, theirs))
        return contact

    def build_partial_contact(self):
        self.is_valid()
        if self.missed or {"day", "on"} & set(self.errors):
            return None, None, []
        cleaned = self.cleaned_data
        return cleaned.get("contact_on"), cleaned.get("purpose"), cleaned.get("people", [])

    @property
    def undated(self):
        """Whether 选日期 is chosen and the date is still empty."""
        values = self.data if self.is_bound else self.initial
        return values.get("day") == self.PICK and not values.get("on")

    def prefilled(self):
        """Returns the initial day, purpose and people, and sets the attributes that `clean` would set."""
        self.ours, self.missed = [self.user], bool(self.initial.get("missed"))
        if self.missed:
            return None, None, []
        day = self.initial.get("on") if self.initial.get("day") == self.PICK else self.today
        return day, self.initial.get("purpose"), self.initial.get("people", [])

    def new_person(self):
        """Returns the contact person typed here, stored with the record, or None; same name and title, same person.

        Call it inside the transaction of the save: of two first persons typed at once only one becomes the main one.
        """
        if NEW_PERSON not in self.cleaned_data["people"]:
            return None
        Stakeholder.objects.select_for_update(no_key=True).get(pk=self.stakeholder.pk)
        known = ContactPerson.objects.current().filter(stakeholder=self.stakeholder, is_main=True)
        person, is_new = ContactPerson.objects.get_or_create(
            stakeholder=self.stakeholder,
            name=self.cleaned_data["new_name"],
            title=self.cleaned_data["new_title"],
            left_on=None,
            defaults={
                "level": self.cleaned_data["new_level"] or self.default_level,
                "position": len(self.known),
                "is_main": not known.exists(),
            },
        )
        person.is_new = is_new
        return person
