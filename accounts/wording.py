"""Display texts of permissions and scopes."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import EMPLOYER, GRANTS, Permission, Scope, kinds, scope_over

# {permission: (short heading of a column, the action in full)}.
PERMISSION_WORDS = {
    Permission.VIEW: (gettext_lazy("查看"), gettext_lazy("打开范围内的记录")),
    Permission.EDIT: (gettext_lazy("登记"), gettext_lazy("登记和修改关系对象、对接人、会谈和附件")),
    Permission.LOG: (gettext_lazy("记录"), gettext_lazy("记沟通，更正和撤销沟通记录")),
    Permission.MOVE: (gettext_lazy("推进"), gettext_lazy("把关系推进到下一阶段")),
    Permission.APPROVE: (gettext_lazy("审批"), gettext_lazy("审批同事提交的决定")),
    Permission.CONTRACT: (gettext_lazy("合同"), gettext_lazy("登记和修改合同")),
    Permission.HAND_OVER: (gettext_lazy("转交"), gettext_lazy("把关系转交给另一位社工，为同事指定代理人")),
    Permission.CAUTION: (gettext_lazy("特殊事项"), gettext_lazy("看和写范围内记录的特殊事项")),
    Permission.CONFIDENTIAL: (gettext_lazy("保密"), gettext_lazy("看不归自己负责的保密记录")),
    Permission.EXPORT: (gettext_lazy("导出"), gettext_lazy("把列表导出为Excel")),
    Permission.IMPORT: (gettext_lazy("导入"), gettext_lazy("从Excel导入名册")),
    Permission.DASHBOARD: (gettext_lazy("总览"), gettext_lazy("看同事工作的统计")),
    Permission.MANAGE_RULES: (gettext_lazy("规则"), gettext_lazy("修改沟通频次等规则")),
    Permission.MANAGE_CALENDAR: (gettext_lazy("节假日"), gettext_lazy("登记放假和调休")),
    Permission.APPOINT_HEAD: (gettext_lazy("投诉负责人"), gettext_lazy("指定由谁负责意见与投诉")),
    Permission.CONFIRM_RIGHTS: (gettext_lazy("确认权限"), gettext_lazy("确认同事的角色、部门和代理安排")),
    Permission.MANAGE_ACCOUNTS: (gettext_lazy("账号"), gettext_lazy("开通和停用账号，管理部门和代理安排")),
    Permission.CORRECT: (gettext_lazy("更正"), gettext_lazy("在管理后台留痕更正记录")),
}

SCOPE_WORDS = {
    Scope.ALL: gettext_lazy("全中心"),
    Scope.DEPARTMENT: gettext_lazy("本部门"),
    Scope.OWN: gettext_lazy("自己负责的"),
    Scope.NUMBERS: gettext_lazy("只有数字"),
    Scope.NONE: gettext_lazy("无"),
}


# The texts for kinds whose records are visible only to the people involved.
SINGLE_RECORD_WORDS = SCOPE_WORDS | {
    Scope.OWN: gettext_lazy("只看与自己有关的"),
    Scope.NONE: gettext_lazy("看不到"),
}


def permission_short(permission):
    return str(PERMISSION_WORDS[permission][0])


def permission_full(permission):
    return str(PERMISSION_WORDS[permission][1])


def role_summary(role):
    """Returns the rights of a role in one line: its scope, then the actions in the order of the roles page."""
    grant = GRANTS[role]
    acts = [permission_short(permission) for permission in Permission if permission in grant.permissions]
    if not acts:
        return _("登录后看不到任何记录")
    return _("%(scope)s：%(acts)s") % {"scope": scope_words(role), "acts": _("、").join(acts)}


def scope_words(role):
    """Returns the scope of a role as text: over employers first, then over kinds where it differs from that."""
    scopes = {kind: scope_over(role, kind) for kind in kinds()}
    usual = scopes[EMPLOYER]
    others = [
        _("%(kind)s%(scope)s") % {"kind": kinds()[kind].label, "scope": SINGLE_RECORD_WORDS[scope]}
        for kind, scope in scopes.items()
        if scope != usual
    ]
    return _("，").join([str(SCOPE_WORDS[usual]), *others])
