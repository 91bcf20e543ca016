"""The adjustable numbers of this app, with the clauses they come from."""

from django.utils.translation import gettext_lazy as _

from reminders.parameters import ParameterSpec

NUMBERS = (
    ParameterSpec("task_lead_days", _("待办提前几个工作日提醒"), _("个工作日"), 2, 0, 30),
    ParameterSpec(
        "revisit_every_months",
        _("结案后每隔几个月回访一次"),
        _("个月"),
        3,
        1,
        24,
        "公共关系管理指引 二 二 7：定期回访和跟踪",
    ),
    ParameterSpec(
        "revisit_times",
        _("结案后一共回访几次"),
        _("次"),
        4,
        0,
        24,
        "公共关系管理指引 二 二 7：定期回访和跟踪",
    ),
    ParameterSpec(
        "greeting_lead_days",
        _("节日慰问提前几天提醒"),
        _("天"),
        10,
        1,
        60,
        "用人单位关系管理指引 二（二）：节日慰问",
    ),
    ParameterSpec(
        "monthly_sheet_days",
        _("每月前几个工作日内存档上月沟通记录表"),
        _("个工作日"),
        5,
        1,
        20,
        "用人单位关系管理指引 二（二）4.2：按月填写并存档",
    ),
    ParameterSpec(
        "report_month",
        _("几月提醒约年终工作汇报的时间"),
        _("月"),
        11,
        1,
        12,
        "公共关系管理指引 三 一（二）1.1：年终由驻点负责人约定时间",
    ),
    ParameterSpec("share_most_days", _("授权别人看一份记录最多几天"), _("天"), 180, 1, 730),
    ParameterSpec("share_gap_days", _("两次授权之间隔多少天才算另一次"), _("天"), 7, 0, 90),
    ParameterSpec("emergency_pause_days", _("紧急查看被收回后多少天内不能再打开同一份"), _("天"), 90, 1, 730),
    ParameterSpec("emergency_days", _("紧急查看打开几天"), _("天"), 1, 1, 14, "004 八（四）：紧急危机"),
    ParameterSpec("emergency_tries", _("每人每天最多紧急查看几份记录"), _("份"), 5, 1, 50),
    ParameterSpec("attachment_megabytes", _("一个附件最大多少MB"), "MB", 20, 1, 25),
)
