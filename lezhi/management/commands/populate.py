"""`populate`: writes fictional data, to try the system (demo) or to measure it (city)."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from lezhi.demo import build, people
from reminders import clock


class Command(BaseCommand):
    help = (
        "Fills an empty database with fictional data. "
        "--scale demo: about 40 employers. --scale city: for measuring, on PostgreSQL."
    )

    def add_arguments(self, parser):
        parser.add_argument("--scale", choices=["demo", "city"], default="demo")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--accounts", action="store_true", help="only print the demo accounts")
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if there is an account already"
        )

    def handle(self, *, scale, seed, accounts, if_empty, **options):
        if accounts:
            self.stdout.write(people.accounts_table())
            return
        if User.objects.exists():
            if if_empty:
                return
            raise CommandError("数据库里已经有账号，没有写入任何内容。请换一个空的数据库。")
        if scale == "city":
            from lezhi.demo import city

            self.stdout.write(city.build(clock.today(), seed, log=self.stderr.write))
            return
        employers, contacts = build.build(clock.today(), seed)
        self.stdout.write(f"已写入演示数据：{employers}家用人单位，{contacts}条沟通记录。")
