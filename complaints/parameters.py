"""The parameters of this app, with their clauses.

A user changes a number on the rules page from a day on. A complaint keeps the numbers of the day of its receipt, so
one received before keeps its due dates (complaints.clocks.deadlines). A default changed here is different: it is valid
for all days without a stored number, so the next sweep moves the due dates of open complaints.
"""

from django.utils.translation import gettext_lazy as _

from reminders.parameters import ParameterSpec

CLAUSE = "用人单位关系管理指引 附件：意见收集及投诉处理 4"

NUMBERS = (
    ParameterSpec(
        "complaint_response_days",
        _("意见／投诉几个工作日内回应"),
        _("个工作日"),
        7,
        1,
        60,
        f"{CLAUSE}（1）：七个工作日内作出回应及处理",
        in_calculator=True,
    ),
    ParameterSpec(
        "complaint_result_days",
        _("意见／投诉几个工作日内答复结果"),
        _("个工作日"),
        14,
        1,
        120,
        f"{CLAUSE}（4）：一般来说在十四个工作日内",
        in_calculator=True,
    ),
    ParameterSpec(
        "complaint_result_from_told", _("答复结果的期限从告知打算那天算起（1是，0从收到那天算）"), "", 0, 0, 1
    ),
    ParameterSpec("complaint_remind_before", _("意见／投诉到期前几个工作日提醒"), _("个工作日"), 2, 1, 10),
    ParameterSpec(
        "complaint_escalate_after", _("意见／投诉逾期几个工作日上报总干事"), _("个工作日"), 1, 1, 10
    ),
    ParameterSpec("complaint_pause_days", _("暂停计时满几个工作日上报总干事"), _("个工作日"), 10, 1, 60),
    ParameterSpec("complaint_repeat_months", _("几个月内同一方面再有意见／投诉算同类"), _("个月"), 12, 1, 36),
    ParameterSpec("improvement_check_days", _("改善措施完成后几天检查是否又发生"), _("天"), 90, 1, 365),
    ParameterSpec("portal_submissions", _("公开入口同一地址十分钟内最多提交几次"), _("次"), 5, 1, 50),
    ParameterSpec("portal_code_tries", _("公开入口同一地址十分钟内最多输几次查询码"), _("次"), 10, 1, 100),
    ParameterSpec("portal_messages", _("公开入口同一地址十分钟内最多留言几次"), _("次"), 20, 1, 100),
    ParameterSpec("portal_case_messages", _("公开入口一件事最多留言几次"), _("次"), 200, 20, 2000),
    ParameterSpec("portal_minutes", _("公开入口输过查询码之后，几分钟不用就要重输"), _("分钟"), 20, 5, 120),
    ParameterSpec("portal_megabytes", _("公开入口一个文件最大多少MB"), "MB", 10, 1, 25),
    ParameterSpec("portal_total_megabytes", _("公开入口一次提交的文件一共最大多少MB"), "MB", 25, 1, 30),
    ParameterSpec("portal_megapixels", _("公开入口一张照片最多多少百万像素"), _("百万像素"), 50, 1, 64),
    ParameterSpec("portal_window_megabytes", _("公开入口同一地址十分钟内最多传多少MB"), "MB", 100, 10, 2000),
    ParameterSpec(
        "portal_window_megapixels",
        _("公开入口同一地址十分钟内处理的图片最多多少百万像素"),
        _("百万像素"),
        400,
        50,
        5000,
    ),
)
