"""The head of a department: a second user has to confirm a new one, and no user appoints themselves."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals import engine
from accounts.approvals.engine import history_words
from accounts.approvals.matters import ChangeLine, named_object
from accounts.approvals.models import Sheet
from accounts.approvals.second_name import SecondName
from accounts.models import Department, User
from accounts.people import actions
from accounts.rights.snapshot import name_words

HEADSHIP = "headship"


@transaction.atomic
def save_department(department, *, by, reason=""):
    """Saves a department; a new head has to be confirmed. Returns the Sheet or None."""
    stored = Department.objects.select_for_update(no_key=True).filter(pk=department.pk).first()
    was, requested = stored.head_id if stored else None, department.head_id
    if requested and requested != was:
        if requested == by.pk:
            raise ValidationError(_("不能把自己定为部门负责人，要由另一位系统管理员来做。"))
        department.head_id = was
    department.save()
    if requested == was:
        return None
    sheet = Sheet(
        matter=HEADSHIP,
        subject=f"department:{department.pk}",
        about_id=requested,
        asked={"was": was, "then": requested},
        asked_by=by,
        reason=reason,
    )
    if requested:
        return engine.open_sheet(sheet)
    engine.void_sheets(
        Sheet.objects.about_matter(HEADSHIP, sheet.subject), gettext_lazy("部门负责人后来改过了。")
    )
    engine.record_immediate(sheet)
    return None


class HeadshipMatter(SecondName):
    """The head of a department."""

    label = gettext_lazy("部门负责人")

    def lock_subject(self, sheet):
        Department.objects.select_for_update(no_key=True).get(pk=self.key(sheet))

    def problem(self, sheet):
        department = Department.objects.get(pk=self.key(sheet))
        if department.head_id != sheet.asked["was"]:
            return _("部门负责人后来改过了。")
        return "" if sheet.about.is_active else _("账号后来停用了。")

    def apply(self, sheet, *, by, extra):
        department = Department.objects.get(pk=self.key(sheet))
        department.head_id, department.version = sheet.asked["then"], department.version + 1
        department._history_user, department._change_reason = (
            by,
            history_words(sheet)[: actions.REASON_LENGTH],
        )
        department.save(update_fields=["head", "version"])

    def key(self, sheet):
        return int(sheet.subject.partition(":")[2])

    def departments(self, sheet):
        return [self.key(sheet)]

    def department(self, sheet):
        return named_object(sheet, Department, self.key(sheet))

    def title(self, sheet):
        words = {"department": self.department(sheet), "who": sheet.about}
        return (
            _("%(department)s的负责人：%(who)s") % words
            if sheet.about
            else _("%s不再有负责人") % words["department"]
        )

    def lines(self, sheet):
        return [ChangeLine(_("部门负责人"), *(name_words(sheet.asked[when]) for when in ("was", "then")))]

    def people_concerned(self, sheet):
        return User.objects.active().filter(pk=sheet.asked["was"])
