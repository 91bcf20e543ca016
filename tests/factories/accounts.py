"""Users of a fictional centre, their departments and stand-ins.

`UserFactory(supervisor=True)` creates a supervisor; for several roles pass `roles=[...]`.
"""

from datetime import date

import factory
from factory.django import DjangoModelFactory, Password

from accounts.models import Department, StandIn, User
from accounts.roles import Role

PASSWORD = "teahouse-river-42"


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    name = factory.Sequence("服务部{}".format)


class UserFactory(DjangoModelFactory):
    """A resident social worker with a department, unless a trait says otherwise."""

    class Meta:
        model = User

    class Params:
        resident = factory.Trait(roles=[Role.RESIDENT])
        supervisor = factory.Trait(roles=[Role.SUPERVISOR])
        senior_supervisor = factory.Trait(roles=[Role.SENIOR_SUPERVISOR], department=None)
        department_head = factory.Trait(roles=[Role.DEPARTMENT_HEAD])
        department_staff = factory.Trait(roles=[Role.DEPARTMENT_STAFF])
        director = factory.Trait(roles=[Role.DIRECTOR], department=None)
        council = factory.Trait(roles=[Role.COUNCIL], department=None)
        head = factory.Trait(roles=[Role.HEAD], department=None)
        finance = factory.Trait(roles=[Role.FINANCE], department=None)
        administrator = factory.Trait(roles=[Role.ADMINISTRATOR], department=None)
        volunteer = factory.Trait(roles=[Role.VOLUNTEER], department=None)
        temporary_password = factory.Trait(must_change_password=True)
        reachable = factory.Trait(confirmed_email=factory.SelfAttribute("email"))
        left = factory.Trait(is_active=False)

    username = factory.Sequence("worker{}".format)
    name = factory.Sequence("社工{}".format)
    department = factory.SubFactory(DepartmentFactory)
    roles = [Role.RESIDENT]
    password = Password(PASSWORD)


class StandInFactory(DjangoModelFactory):
    """A stand-in arrangement for the first week of December 2026."""

    class Meta:
        model = StandIn

    absent = factory.SubFactory(UserFactory)
    stand_in = factory.SubFactory(UserFactory)
    starts_on = date(2026, 12, 1)
    ends_on = date(2026, 12, 7)
    created_by = factory.SelfAttribute("absent")
