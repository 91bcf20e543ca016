"""The departments and accounts of the demo: one for every role, and the six resident workers of the sample files."""

from datetime import timedelta

from accounts.models import Department, User
from accounts.roles import Role
from accounts.supervision.actions import assign_supervisor

PASSWORD = "lezhi-demo-2026"  # noqa: S105  shown to everyone who tries the demo
DEPARTMENTS = ("社会服务部", "项目部", "办公室")

# username, name, roles, department
ACCOUNTS = [
    ("council", "黎正平", [Role.COUNCIL], None),
    ("director", "何婉清", [Role.DIRECTOR], None),
    ("deputy", "高文彬", [Role.DEPUTY], None),
    ("head", "谭敏仪", [Role.HEAD], None),
    ("manager", "陆志航", [Role.MANAGER], None),
    ("business", "康乐怡", [Role.BUSINESS_LEAD], None),
    ("servicehead", "程思敏", [Role.SERVICE_HEAD], "社会服务部"),
    ("projecthead", "袁启明", [Role.DEPARTMENT_HEAD], "项目部"),
    ("officehead", "邹丽娟", [Role.DEPARTMENT_HEAD], "办公室"),
    ("office", "韦晓彤", [Role.DEPARTMENT_STAFF], "办公室"),
    ("senior", "方静宜", [Role.SENIOR_SUPERVISOR], None),
    ("zheng", "郑雅婷", [Role.SUPERVISOR, Role.RESIDENT], "社会服务部"),
    ("zhou", "周慧敏", [Role.RESIDENT], "社会服务部"),
    ("luo", "罗少芬", [Role.RESIDENT], "社会服务部"),
    ("wu", "吴浩然", [Role.RESIDENT], "项目部"),
    ("feng", "冯子健", [Role.RESIDENT], "项目部"),
    ("su", "苏婉仪", [Role.RESIDENT], "办公室"),
    ("frontline", "江一帆", [Role.FRONT_LINE], "项目部"),
    ("finance", "侯佩珊", [Role.FINANCE], "办公室"),
    ("personnel", "莫雨桐", [Role.PERSONNEL], "办公室"),
    ("volunteer", "龙小燕", [Role.VOLUNTEER], None),
    ("admin", "系统管理员", [Role.ADMINISTRATOR], None),
]
HEADS = {"社会服务部": "servicehead", "项目部": "projecthead", "办公室": "officehead"}
# (worker, supervisor, first day as days before today); an earlier one ends the day before the next begins
SUPERVISIONS = [
    ("zhou", "zheng", 400),
    ("luo", "zheng", 400),
    ("wu", "zheng", 400),
    ("wu", "senior", 75),
    ("feng", "senior", 75),
    ("su", "senior", 200),
    ("frontline", "senior", 30),
]


def create_people():
    """Creates missing departments and accounts; returns {username: User}."""
    departments = {name: Department.objects.get_or_create(name=name)[0] for name in DEPARTMENTS}
    for username, name, roles, department in ACCOUNTS:
        if not User.objects.filter(username=username).exists():
            User.objects.create_user(
                username,
                PASSWORD,
                name=name,
                roles=list(roles),
                department=departments.get(department),
                email=f"{username}@example.org",
                confirmed_email=f"{username}@example.org",
            )
    people = {user.username: user for user in User.objects.filter(username__in=[row[0] for row in ACCOUNTS])}
    for department, username in HEADS.items():
        Department.objects.filter(name=department).update(head=people[username])
    return people


def arrange_supervision(people, today):
    """Writes who supervises whom, as the head of the centre arranges it (R299)."""
    for worker, supervisor, days in SUPERVISIONS:
        assign_supervisor(
            people[worker], people[supervisor], by=people["head"], starts_on=today - timedelta(days=days)
        )


def accounts_table():
    """The demo accounts as lines of text: username, name, roles."""
    lines = [
        f"{username:<12} {name}  {'、'.join(str(role.label) for role in roles)}"
        for username, name, roles, _ in ACCOUNTS
    ]
    return "\n".join([*lines, f"密码都是 {PASSWORD}"])
