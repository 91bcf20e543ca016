"""The public texts: the newest version of each, and the defaults used until the first version is saved (R123-R124)."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.exceptions import EditConflict
from complaints.models import PublicText
from reminders.models import Parameter

CHAPTERS = (PublicText.Key.RIGHTS, PublicText.Key.WAYS, PublicText.Key.ACTIONS)
ICONS = {
    PublicText.Key.PHONE: "telephone",
    PublicText.Key.EMAIL: "envelope",
    PublicText.Key.ADDRESS: "geo-alt",
    PublicText.Key.WECHAT: "wechat",
}
DEFAULTS = {
    PublicText.Key.RIGHTS: gettext_lazy(
        "满意或不满意，您都可以坦诚告诉我们：用人单位、服务对象和家属、合作方、员工，以及关心我们服务的人。\n"
        "您可以不留姓名，可以要求严格保密，也可以要求不告诉某些人。\n"
        "匿名的人事投诉（本中心员工的录用、考核、处分等）只登记，不办理；其他匿名意见和投诉照常办理。"
    ),
    PublicText.Key.WAYS: gettext_lazy(
        "在这里填写意见收集表，或填纸质表交给我们。\n"
        "参加座谈会，或当面向中心的任何一位员工反映。\n"
        "打电话、写信、发电子邮件，或在微信公众号留言。\n"
        "其他您觉得方便的途径。"
    ),
    PublicText.Key.ACTIONS: gettext_lazy(
        "收到后马上转交中心负责人；反映负责人本人的，交给另外指定的人。\n"
        "%(response)d个工作日内回应和处理。\n"
        "如果还没有解决，负责人会告诉您准备怎么办，一般在%(result)d个工作日内书面或电话答复您结果。\n"
        "公正、深入地调查；被投诉的人不会参与处理。内容只让需要知道的人知道。\n"
        "不论是否属实，我们都当作改善的机会，避免再次发生。"
    ),
}


@dataclass(frozen=True)
class Chapter:
    """One text as the page shows it: heading and lines."""

    key: str
    heading: str
    lines: list


@dataclass(frozen=True)
class ContactWay:
    """One way to contact the centre."""

    icon: str
    label: str
    text: str


def newest_texts():
    """{key: the newest PublicText} of the texts that have a version; one query."""
    newest = {}
    for version in PublicText.objects.order_by("pk").select_related("written_by"):
        newest[version.key] = version
    return newest


def default_text(key, today):
    """The text used until the first version is saved; its numbers are the parameters of `today`."""
    text = str(DEFAULTS.get(key, ""))
    if "%(" not in text:
        return text
    numbers = Parameter.objects.values_on(today)
    return text % {
        "response": numbers["complaint_response_days"],
        "result": numbers["complaint_result_days"],
    }


def chapters(today, written=None):
    """The rights, the channels and the actions, as Chapters; empty ones are left out."""
    written = newest_texts() if written is None else written
    texts = {key: written[key].text if key in written else default_text(key, today) for key in CHAPTERS}
    return [chapter(key, text) for key, text in texts.items() if text.strip()]


def chapter(key, text):
    return Chapter(
        key, PublicText.Key(key).label, [line.strip() for line in text.splitlines() if line.strip()]
    )


def contact_ways(written=None):
    """The ways to contact the centre that have a text."""
    written = newest_texts() if written is None else written
    return [
        ContactWay(icon, PublicText.Key(key).label, written[key].text)
        for key, icon in ICONS.items()
        if key in written and written[key].text.strip()
    ]


@transaction.atomic
def save_version(key, text, *, by, seen):
    """Adds a version of the text `key`. Returns the PublicText.

    `seen` is the pk of the version shown to the user, 0 for none. Raises EditConflict when another one was saved since.
    """
    now = PublicText.objects.select_for_update().filter(key=key).first()
    if seen != (now.pk if now else 0):
        raise EditConflict(_("刚才有人也改了这一段，请看最新的内容再改。"))
    if now and now.text == text:
        return now
    return PublicText.objects.create(key=key, text=text, written_by=by)
