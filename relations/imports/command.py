"""Base class of the management commands that import a register of one kind from a file on the server."""

from django.core.management.base import BaseCommand, CommandError

from accounts.exceptions import EditConflict
from accounts.models import User
from accounts.roles import Scope
from relations.imports import reading
from relations.imports.faults import Unreadable
from relations.parties.kinds import may_for_kind
from reminders import clock


class ImportCommand(BaseCommand):
    """Checks a file, and writes it with --commit. `spec` is the ImportSpec of the kind."""

    spec = None

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--commit", action="store_true", help="write, when nothing is wrong")
        parser.add_argument("--by", help="login name of the person who imports (default: an administrator)")

    def handle(self, *, file, commit, by, **options):
        person = self.person(by)
        try:
            result = reading.read_workbook(self.spec, file, by=person)
        except FileNotFoundError:
            raise CommandError(f"没有找到文件：{file}") from None
        except OSError as problem:
            raise CommandError(f"打不开文件：{file}（{problem.strerror}）") from None
        except Unreadable as problem:
            raise CommandError(str(problem)) from None
        self.print_reading(result)
        if result.faults:
            raise CommandError(f"有{len(result.faults)}处要改，什么都没有写入。")
        if commit:
            self.commit(result, person)
        self.stdout.write("已导入。" if commit else "这是预览，什么都没有写入；加上 --commit 才会写入。")

    def commit(self, found, person):
        try:
            reading.commit(found, by=person, today=clock.today())
        except EditConflict:
            raise CommandError("读取之后有人改过系统里的内容，什么都没有写入。请再运行一次。") from None

    def person(self, username):
        """Returns the user who imports: the named account, or the first that may import for the whole centre."""
        permission, kind = self.spec.permission, self.spec.kind
        if username:
            person = User.objects.active().filter(username=username).first()
            if person is None or not may_for_kind(person, permission, kind):
                raise CommandError(f"账号{username}不存在，或没有导入的权限。")
            return person
        able = (
            user
            for user in User.objects.active()
            if may_for_kind(user, permission, kind) and user.scope_over(kind) == Scope.ALL
        )
        person = next(able, None)
        if person is None:
            raise CommandError("还没有可以导入的账号。请先用 createsuperuser 建一个，或用 --by 指定。")
        return person

    def print_reading(self, found):
        counts, unit = found.counts, self.spec.wording.unit
        self.stdout.write(
            f"读到{counts['read']}{unit}：新增{counts['new']}{unit}，有变化{counts['changed']}{unit}，"
            f"无变化{counts['same']}{unit}，有错{counts['faulty']}{unit}。"
        )
        for plan in found.plans:
            for change in plan.changes:
                old, new = change.wording
                self.stdout.write(f"  {plan.entry.name}：{change.column.label} {old or '空'} → {new}")
        for fault in found.faults:
            self.stderr.write(str(fault))
