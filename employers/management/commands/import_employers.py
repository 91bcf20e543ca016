"""`import_employers FILE [--commit]`: checks a register and, when all of it is right and asked to, writes it."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.roles import Permission, Scope
from employers.importing import run
from employers.importing.columns import LABELS
from employers.importing.faults import Unreadable
from relations.bulk import Moved
from reminders import clock


class Command(BaseCommand):
    help = "Checks an Excel register of employers; with --commit writes it, all or nothing. Exits 1 on any fault."

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--commit", action="store_true", help="write, when nothing is wrong")
        parser.add_argument("--by", help="login name of the person who imports (default: an administrator)")

    def handle(self, *, file, commit, by, **options):
        person = self.person(by)
        try:
            reading = run.read(file, by=person)
        except FileNotFoundError:
            raise CommandError(f"没有找到文件：{file}") from None
        except OSError as problem:
            raise CommandError(f"打不开文件：{file}（{problem.strerror}）") from None
        except Unreadable as problem:
            raise CommandError(str(problem)) from None
        self.tell(reading)
        if reading.faults:
            raise CommandError(f"有{len(reading.faults)}处要改，什么都没有写入。")
        if commit:
            self.commit(reading, person)
        self.stdout.write("已导入。" if commit else "这是预览，什么都没有写入；加上 --commit 才会写入。")

    def commit(self, reading, person):
        try:
            run.commit(reading, by=person, today=clock.today())
        except Moved:
            raise CommandError("读取之后有人改过系统里的内容，什么都没有写入。请再运行一次。") from None

    def person(self, username):
        """Who imports: the named account, or the first that may import for the whole centre."""
        if username:
            person = User.objects.active().filter(username=username).first()
            if person is None or not person.may(Permission.IMPORT):
                raise CommandError(f"账号{username}不存在，或没有导入的权限。")
            return person
        able = (
            user for user in User.objects.active() if user.may(Permission.IMPORT) and user.scope == Scope.ALL
        )
        person = next(able, None)
        if person is None:
            raise CommandError("还没有可以导入的账号。请先用 createsuperuser 建一个，或用 --by 指定。")
        return person

    def tell(self, reading):
        counts = reading.counts
        self.stdout.write(
            f"读到{counts['read']}家：新增{counts['new']}家，有变化{counts['changed']}家，"
            f"无变化{counts['same']}家，有错{counts['faulty']}家。"
        )
        for made in reading.plans:
            for change in made.changes:
                old, new = change.words
                self.stdout.write(f"  {made.candidate.name}：{LABELS[change.label]} {old or '空'} → {new}")
        for fault in reading.faults:
            self.stderr.write(str(fault))
