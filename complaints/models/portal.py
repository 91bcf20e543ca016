"""Models of the public portal: versions of its texts (R123-R124), attempts, sessions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import LongTextField


class PublicText(models.Model):
    """One version of a text of the public page; the newest of each key is in use, older ones stay readable.

    The last four keys are the ways to contact the centre (R131-R134), one line each.
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


class Attempt(models.Model):
    """One attempt at the public portal. `sender_hash` holds a keyed hash of the IP address that changes daily.

    It cannot be traced back to the address. `bytes` is how much was sent, `pixels` how much of pictures was decoded.
    """

    sender_hash = models.CharField(max_length=64)
    door = models.CharField(max_length=8)
    at = models.DateTimeField()
    bytes = models.PositiveBigIntegerField(default=0)
    pixels = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["sender_hash", "door", "at"], name="attempt_sender")]


class PortalSession(models.Model):
    """What a browser may view at the public portal for some minutes; unreadable without the key in that browser.

    `until` is rounded up to the half hour, so that it does not reveal when the visit was (complaints.portal.sessions).
    """

    key_hash = models.CharField(max_length=64, primary_key=True)
    sealed = models.TextField()
    until = models.DateTimeField(db_index=True)


class ShownReceipt(models.Model):
    """A receipt that was viewed; from `until` on it is no longer shown to anyone.

    `mark` is a keyed hash of the seed of the form. No browser and no account belongs to it.
    """

    mark = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)
