"""The kinds of reminders that this app creates."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReminderKind(models.TextChoices):
    DUE = "due", _("将到期")
    ESCALATED = "escalated", _("下属逾期")
    HAND_OVER = "hand_over", _("转交")
    IMPORT = "import", _("导入结果")
    CHECK = "check", _("核对结果")
