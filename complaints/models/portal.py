"""The public door: its texts with their versions (R123-R124), how often somebody has knocked, what is kept."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import LongTextField


class PublicText(models.Model):
    """One version of a text of the public page; the newest of each key holds, older ones stay readable.

    The last four are the ways to reach the centre (R131-R134), one line each.
    """

    class Key(models.TextChoices):
        RIGHTS = "rights", _("您的权利")
        WAYS = "ways", _("提出的途径")
        ACTIONS = "actions", _("我们会怎么做")
        PHONE = "phone", _("中心电话")
        EMAIL = "email", _("中心邮箱")
        ADDRESS = "address", _("邮寄地址和邮编")
        WECHAT = "wechat", _("微信公众号")

    key = models.CharField(_("哪一段"), max_length=8, choices=Key.choices)
    text = LongTextField(_("内容"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("公开说明")
        verbose_name_plural = _("公开说明")
        ordering = ["-pk"]


class Knock(models.Model):
    """One try at the public door. `hand` is a keyed hash of the address that changes each day; nothing leads back.

    `bytes` is how much was sent, `pixels` how much of pictures was decoded for it.
    """

    hand = models.CharField(max_length=64)
    door = models.CharField(max_length=8)
    at = models.DateTimeField()
    bytes = models.PositiveBigIntegerField(default=0)
    pixels = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["hand", "door", "at"], name="knock_hand")]


class PortalSession(models.Model):
    """What a browser may see at the public door for some minutes; without that browser nobody can read it.

    `until` is rounded up to the half hour and says nothing about when somebody was there (complaints.portal.sessions).
    """

    key_hash = models.CharField(max_length=64, primary_key=True)
    sealed = models.TextField()
    until = models.DateTimeField(db_index=True)


class ShownReceipt(models.Model):
    """A receipt that somebody has looked at; from `until` on it is shown to nobody any more.

    `mark` is a keyed hash of what the form carried. No browser and no account belongs to it.
    """

    mark = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)
