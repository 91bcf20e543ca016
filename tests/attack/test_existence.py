"""No user learns that a record exists which they may not see: every "already there" obeys visibility.

The same acts are done in a centre whose hidden employer has the name and contract number that are entered, and in one
where it has others. All responses, reports, copies, notices and the numbers of SQL queries must be the same.
"""

import difflib
import io
import re

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import UniqueConstraint
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.roles import GRANTS, Permission, Role
from employers.models import Employer, PossibleDuplicate
from employers.tasks import look_for_duplicates
from relations.models import Import
from reminders.calendar import workdays
from reminders.models import Reminder
from reminders.steps import sweep
from tests.attack.answers import asking, session_for
from tests.attack.world import TODAY
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.plugins.where import deep
from tools.catalogue import ROOT, read

pytestmark = pytest.mark.django_db
NAME, NUMBER, OTHER = "青岚镇第九社会事务局", "YR-HT-2026-031", "荷塘街道总工会"
CONFIDENTIAL, ELSEWHERE = "confidential", "elsewhere"
DONE_BEFORE = set()  # (role, act) of this process
# Values that differ between requests and reveal nothing.
PASSING = [
    (re.compile(r'(csrfmiddlewaretoken" value=")[^"]*'), r"\1"),
    (re.compile(r'(name="token" value=")[^"]*'), r"\1"),
    (re.compile(r'(csrf-token" content=")[^"]*'), r"\1"),
]
IMPORTERS = [
    role
    for role, grant in GRANTS.items()
    if Permission.IMPORT in grant.permissions and Permission.CONFIDENTIAL not in grant.permissions
]


def centre(role, kept, why):
    """Returns (user of `role`, their employer); adds an employer they may not see with the (name, number) `kept`."""
    near = DepartmentFactory(name="社会服务部")
    asker = UserFactory(name="程思敏", username="asker", department=near, roles=[role])
    worker = UserFactory(name="郑雅婷", department=near)
    traits = {"confidential": True} if why == CONFIDENTIAL else {}
    EmployerFactory(
        name=kept[0],
        active=True,
        contract__number=kept[1],
        responsible=worker
        if why == CONFIDENTIAL
        else UserFactory(name="另组社工", department=DepartmentFactory()),
        with_person=True,
        person__name="陈局",
        person__phone="13700000001",
        **traits,
    )
    own = EmployerFactory(name="自己的单位", responsible=asker, address="自己的路")
    return asker, own


def book(*rows):
    """Returns a register for the import with these rows, as bytes."""
    made, stream = Workbook(), io.BytesIO()
    made.active.append(
        ["编号", "单位名称", "单位类型", "对接人", "联系电话", "合同编号", "合同开始", "合同结束"]
    )
    for row in rows:
        made.active.append(row)
    made.save(stream)
    return stream.getvalue()


TERM = ("2026-01-01", "2026-12-31")
RIGHT = [
    (None, NAME, "政府部门", "陈局", "13700000009", NUMBER, *TERM),
    (None, "自己的单位", None, None, None, "QL-2", *TERM),
]
FAULTY = [*RIGHT, (None, OTHER, "外星组织", None, None, None, None, None)]
BY_NUMBER = [("{number}", NAME, None, None, None, None, None, None)]


def cells(content):
    """Returns the values of the first worksheet, by row."""
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).active.iter_rows()]


class Diary:
    """A log of everything shown to one user, with the number of SQL queries of each response."""

    def __init__(self, user):
        self.client, self.lines = asking(session_for(user)), []

    def note(self, act):
        """Sends one request, logs its response and returns it."""
        with CaptureQueriesContext(connection) as captured:
            answer = act(self.client)
        text = answer.content.decode(errors="replace") if "html" in answer.get("Content-Type", "") else ""
        for pattern, instead in PASSING:
            text = pattern.sub(instead, text)
        self.lines.append((answer.status_code, answer.get("Location"), text, len(captured)))
        return answer

    def get(self, url, in_order=True):
        """Requests a page; with `in_order=False` the parts of the page are compared in any order."""
        answer = self.note(lambda client: client.get(url))
        if not in_order:
            status, location, text, count = self.lines.pop()
            pieces = re.sub(r"/notices/\d+/", "", text).replace("<", "\n<").splitlines()
            self.lines.append((status, location, sorted(pieces), count))
        return answer

    def post(self, url, **data):
        return self.note(lambda client: client.post(url, data))


def imported(diary, user, rows):
    """Uploads, checks and commits a register; logs all pages and the counts of the report."""
    diary.post(reverse("employer_imports:start"), file=SimpleUploadedFile("登记表.xlsx", book(*rows)))
    made = Import.objects.latest("pk")
    diary.get(reverse("employer_imports:check", args=[made.pk]))
    if made.state == Import.State.FAULTY:
        diary.lines.append(
            cells(diary.client.get(reverse("employer_imports:annotated_copy", args=[made.pk])).content)
        )
    diary.post(reverse("employer_imports:commit", args=[made.pk]))
    diary.get(reverse("employer_imports:check", args=[made.pk]))
    made.refresh_from_db()
    diary.lines.append((made.state, made.report.get("counts"), made.report.get("mark")))


def commanded(diary, tmp_path, rows):
    """Imports a register from the command line and logs the output."""
    path, out, err = tmp_path / "登记表.xlsx", io.StringIO(), io.StringIO()
    path.write_bytes(book(*rows))
    try:
        call_command("import_employers", str(path), "--commit", "--by", "asker", stdout=out, stderr=err)
    except CommandError as problem:
        err.write(str(problem))
    diary.lines.append((out.getvalue(), err.getvalue()))


def form_of_employer(user, name):
    """Returns the data of the form for a new employer."""
    return {
        "name": name,
        "kind": "employer",
        "body_type": "government",
        "relation": "both",
        "supervision": "direct",
        "source": "we_came",
        "first_contact_on": "2026-10-12",
        "received_by": user.pk,
        "responsible": user.pk,
        "token": "5b2c8f6e-8d0c-4c3e-9a53-0b5a7f4d1c11",
    }


def form_of_contract(number):
    """Returns the data of the form for a contract."""
    return {"number": number, "starts_on": "2026-05-01", "ends_on": "2027-04-30"}


def import_right(diary, user, own, tmp_path):
    """Imports a valid register twice."""
    imported(diary, user, RIGHT)
    imported(diary, user, RIGHT)
    diary.get(reverse("employers:list"))
    diary.get(reverse("employers:detail", args=[Employer.objects.latest("pk").pk]))


def import_faulty(diary, user, own, tmp_path):
    """Imports a register with an error."""
    imported(diary, user, FAULTY)


def import_by_number(diary, user, own, tmp_path):
    """Imports a register that names the hidden employer by its number."""
    hidden = Employer.objects.exclude(pk=own.pk).earliest("pk")
    imported(diary, user, [[cell and cell.format(number=hidden.number) for cell in row] for row in BY_NUMBER])


def command(diary, user, own, tmp_path):
    """Imports a faulty and a valid register from the command line, the valid one twice."""
    for rows in (FAULTY, RIGHT, RIGHT):
        commanded(diary, tmp_path, rows)


def new_employer(diary, user, own, tmp_path):
    """Registers an employer with the hidden name, and one with a similar name."""
    diary.post(reverse("employers:create"), **form_of_employer(user, NAME))
    diary.post(reverse("employers:create"), **form_of_employer(user, f"{NAME[:-1]}所"))


def rename(diary, user, own, tmp_path):
    """Gives the user's own employer the hidden name."""
    fields = form_of_employer(user, NAME) | {"version": own.version}
    diary.post(reverse("employers:edit", args=[own.pk]), **fields)
    diary.get(own.get_absolute_url())


def contract(diary, user, own, tmp_path):
    """Adds contracts with the hidden number, in another case too, and with another number."""
    for number in (NUMBER, NUMBER.lower(), "YR-HT-9"):
        diary.post(reverse("employers:contract_add", args=[own.pk]), **form_of_contract(number))
    diary.get(own.get_absolute_url())


def searched(diary, user, own, tmp_path):
    """Searches for the names and numbers of the hidden employer."""
    for words in (NAME, "第九", "陈局", "13700000001", "qlzdj", NUMBER):
        diary.get(f"{reverse('search')}?q={words}")
        diary.get(f"{reverse('employers:list')}?q={words}")
        diary.get(f"{reverse('quick_log')}?q={words}")


def told_later(diary, user, own, tmp_path):
    """After the nightly search has found the pair, a user who may see only one of the two is not notified."""
    imported(diary, user, RIGHT)
    look_for_duplicates()
    sweep(TODAY)
    diary.get(reverse("notices"), in_order=False)  # one SQL statement raises all of them, in any order
    diary.get(reverse("my_work"), in_order=False)
    if user.may(Permission.HAND_OVER):
        diary.get(reverse("employers:duplicates"))
    titles = Reminder.objects.filter(recipient=user).values_list("title", "link")
    diary.lines.append(sorted(titles))


ACTS = [
    import_right,
    import_faulty,
    import_by_number,
    command,
    new_employer,
    rename,
    contract,
    searched,
    told_later,
]
BY_IMPORT = {import_right, import_faulty, import_by_number, command, told_later}


def diary_of(role, act, kept, why, tmp_path):
    """Returns the log of `user` when the hidden employer has the (name, number) `kept`; all is rolled back."""
    cache.clear()
    workdays.clear_cache()
    with transaction.atomic():
        rewind()
        user, own = centre(role, kept, why)
        diary = Diary(user)
        act(diary, user, own, tmp_path)
        transaction.set_rollback(True)
    return diary.lines


def unlike(there, absent):
    """Returns the lines in which two logs differ."""
    texts = [str(diary).replace("\\n", "\n").splitlines() for diary in (there, absent)]
    return [line for line in difflib.unified_diff(*texts, lineterm="", n=0) if there != absent]


def told_apart(role, act, why, tmp_path):
    """Returns the lines in which the logs with and without the hidden employer differ.

    Before, the act is done once by this role in this process, because a process caches from its first page on.
    """
    if (role, act) not in DONE_BEFORE:
        diary_of(role, act, (OTHER + "乙", "QL-78"), why, tmp_path)
        DONE_BEFORE.add((role, act))
    there, absent = (
        diary_of(role, act, kept, why, tmp_path) for kept in ((NAME, NUMBER), (OTHER + "甲", "QL-77"))
    )
    return unlike(there, absent)


def rewind():
    """Resets the sequences, which PostgreSQL does not roll back with a transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"SELECT setval('{name}', 1000000)")


@pytest.fixture(autouse=True)
def _noon(at):
    at(TODAY, 12)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
@pytest.mark.parametrize(
    ("role", "why"),
    [
        (Role.DEPARTMENT_HEAD, CONFIDENTIAL),
        (Role.DEPARTMENT_HEAD, ELSEWHERE),
        deep(Role.MANAGER, CONFIDENTIAL),
    ],
)
def test_answers_are_the_same_with_and_without_the_hidden_one(role, why, act, tmp_path):
    assert told_apart(role, act, why, tmp_path) == []


@pytest.mark.parametrize("act", [new_employer, rename, searched], ids=lambda act: act.__name__)
def test_answers_to_a_worker_are_the_same_too(act, tmp_path):
    assert told_apart(Role.RESIDENT, act, CONFIDENTIAL, tmp_path) == []


# The control: a visible record is reported as before.


@pytest.mark.parametrize(
    "act", [import_right, command, new_employer, contract, searched], ids=lambda act: act.__name__
)
def test_user_who_sees_the_duplicate_is_notified(act, tmp_path):
    names = [(NAME, NUMBER), (OTHER + "甲", "QL-77")]
    there, absent = (diary_of(Role.DIRECTOR, act, each, CONFIDENTIAL, tmp_path) for each in names)
    assert there != absent


def test_duplicate_is_reported_to_users_who_see_both(tmp_path):
    director = UserFactory(director=True)
    head, _own = centre(Role.DEPARTMENT_HEAD, (NAME, NUMBER), CONFIDENTIAL)
    imported(Diary(head), head, RIGHT)
    look_for_duplicates()
    assert sorted(PossibleDuplicate.objects.values_list("what", flat=True)) == ["contract", "name"]
    assert Reminder.objects.get(subject="duplicates").recipient == director


# Every unique constraint of the site, and who may learn from it what exists.

ALL = "everybody who may write it sees all of them"
SIGHT = "within a record that one sees"
OWN = "of oneself"
SECRET = "a random value that cannot be guessed"
INSIDE = "written by the site, typed by nobody"
UNIQUE = {
    ALL: {
        "accounts.Department.name",
        "accounts.User.username",
        "accounts.User.user_one_spelling",
        "reminders.HolidayNotice.number",
        "reminders.HolidayOverride.holidayoverride_one_per_date",
        "reminders.Parameter.parameter_once_a_day",
        "relations.CadenceRule.rule_version_once",
        "relations.CadenceRule.rule_one_open_version",
        "accounts.Sheet.sheet_one_open",  # users who request one see every open one on the same subject
        "accounts.Chain.chain_one_in_force",
        "accounts.Chain.chain_version_once",
    },
    SIGHT: {
        "relations.ContactPerson.contact_one_main",
        "relations.ContactPerson.contact_once",
        "relations.OurParticipant.our_participant_once",
        "relations.TheirParticipant.their_participant_once",
        "relations.Cycle.previous",
        "relations.Cycle.cycle_number_once",
        "relations.Cycle.cycle_one_running",
        "relations.Assessment.cycle",
        "relations.Decision.decision_one_open",
        "accounts.Supervision.supervision_one_open",  # of workers visible to those who appoint the supervisor
        "accounts.Supervision.supervision_one_start",
        "relations.Stakeholder.account",  # one record for each colleague
        "relations.Evaluation.cycle",
        "relations.Meeting.interaction",
        "complaints.Access.access_once",
        "complaints.Access.access_one_head_one_handler",
        "complaints.Accused.accused_once",
        "complaints.ExcludedPerson.not_told_once",
        "complaints.Act.act_place_once",
    },
    OWN: {"relations.SavedView.savedview_once"},
    SECRET: {
        "relations.Interaction.token",
        "employers.Employer.token",
        "complaints.Complaint.intake_key",
        "complaints.Complaint.code_hash",
        "accounts.PasswordReset.first_hash",
    },
    INSIDE: {
        "accounts.Step.step_one_asked",
        "accounts.Step.step_one_of_each_person",
        "accounts.Step.step_position_once",
        "relations.Decision.sheet",
        "reminders.Reminder.key",
        "reminders.Delivery.delivery_once",
        "reminders.SweepMark.step",
        "relations.Stakeholder.number",
        "relations.StandingSpan.span_once",
        "relations.SearchToken.token_once",
        "relations.SearchName.search_name_once",
        "relations.SearchName.search_name_person_once",
        "relations.Task.key",
        "relations.Duty.key",
        "relations.Duty.duty_once",
        "employers.PossibleDuplicate.duplicate_once",
        "complaints.Complaint.number",
        "complaints.Appointment.sheet",
        "accounts.Lockout.lockout_once_a_slot",
        "accounts.PasswordReset.reset_one_open",
        "accounts.RefusedAttempt.refusedattempt_once_a_minute",
    },
}
# Every message that says "already there", and what it may speak about.
SAID = {
    ALL: {
        "这个登录名已经有人用了，请换一个。",
        "已经有这个部门了。",
        "“%s”已经有规则了；要改，请在那一条上按“修改”。",
        "有%s位在职社工同名，请在系统里手工指定。",
        "这一天已经登记为%(what)s（%(name)s，%(notice)s）。您填的还在，再按一次保存就以您填的为准。",
        "这一天已经登记过，请直接更正那一条。",
    },
    SIGHT: {
        "%s刚刚已经添加过了。",
        "编号%s刚刚已经登记过了。",
        "这家单位已经有编号%(number)s的合同（%(first)s至%(last)s），请检查编号。",
        "编号%s已用在另一份合同上，请检查编号。",
        "和%(term)s%(number)s的期限完全一样，请检查是不是登记过了。",
        "已经有名称相同或相近的记录，请先看看是不是同一个。",
        "已经有同名同职务的对接人。",
        "%s已经有同名同职务的对接人。",
        "有%(count)s个叫这个名称，请加一列“编号”写明是哪一个（%(numbers)s）。",
        "没有找到，或者有几份同名的；请写编号。",
        "%(who)s %(first)s—%(last)s已经有授权，要改请先收回。",
        "已经有名称相同或相近的单位，请先看看是不是同一家。",
        "这家单位已经有同名同职务的对接人。",
        "有%(count)s家单位叫这个名称，请加一列“编号”写明是哪一家（%(numbers)s）。",
        "编号%(number)s是“%(name)s”，这个名称是%(other)s的，请检查编号和名称。",
        "这个合同编号已经登记在别的单位。",
        "已经有一个决定在等待审批（%s），请等它有结果，或者由提出的人撤回。",
        "行动“%(text)s”已经有沟通记录，不能删去。",
        "目标“%(text)s”的行动已经有沟通记录，不能删去。",
        "已有新合同，或合同日期已改",
        "这件事已经有姓名，或者已经在办理。",
        "有%(count)s对单位可能是同一家，请核对",
    },
    OWN: {  # about one file, or about the values just entered
        "和%s同名，一家单位只能有一行。",
        "和%s同名，只能有一行。",
        "今天紧急查看的次数已经用完，请直接找负责人。",
        "和%s是同一家单位。",
        "这个合同编号在%s已经有了。",
        "同一位对接人写了两次。",
        "%(day)s写了两次：“%(first)s”和“%(second)s”。",
        "这张表已经用过了，请打开一张新的再登记。",
        "没有要再发的提醒，可能已经有人处理了",
        "这个重设码已经用过、取消或过期了，请重新要一个。",
        "这两段码不对，或者已经用过、取消、过期了。请对着纸条再输一次，还不行就请管理员重新发起。",
        "这件事的留言已经有%d条，请用下面的其他方式联系我们。",
    },
}
TELLS = re.compile(
    "已有(?!的|一段时间)|已经有|已经登记(?!下来)|同名|已用在|登记过|已经添加|写了两次|已经用|同一家单位|可能是同一家|叫这个名称|这个名称是"
)
OURS = {"accounts", "reminders", "relations", "employers", "complaints", "lezhi"}


def uniqueness(models):
    """Returns every unique field and constraint of these models (of our apps), as app.Model.name."""
    found = set()
    for model in models:
        if model._meta.app_label in OURS and not hasattr(model, "history_object"):
            local = model._meta.local_fields
            found |= {
                f"{model._meta.label}.{one.name}" for one in local if one.unique and not one.primary_key
            }
            constraints = [one for one in model._meta.constraints if isinstance(one, UniqueConstraint)]
            found |= {f"{model._meta.label}.{one.name}" for one in constraints}
    return found


def test_every_uniqueness_is_classified():
    assert uniqueness(apps.get_models()) == set().union(*UNIQUE.values())


def test_unclassified_unique_constraint_is_detected():
    class Meta:
        app_label = "employers"
        constraints = [UniqueConstraint(fields=["name"], name="name_once")]

    fields = {"name": models.CharField(max_length=9), "code": models.CharField(max_length=9, unique=True)}
    made = type("Careless", (models.Model,), {"__module__": "employers.models", "Meta": Meta, **fields})
    apps.all_models["employers"].pop("careless")
    assert uniqueness([made]) == {"employers.Careless.code", "employers.Careless.name_once"}


def telling(sentences):
    """Returns the sentences that say that something already exists."""
    return {sentence for sentence in sentences if TELLS.search(sentence)}


def test_every_sentence_that_tells_of_another_is_classified():
    sentences = {entry.msgid for entry in read(ROOT)["django"]}
    assert telling(sentences) == set().union(*SAID.values())


def test_unclassified_message_is_detected():
    assert telling(["已有同名单位，请联系督导。", "请填写这一项。"]) == {"已有同名单位，请联系督导。"}
