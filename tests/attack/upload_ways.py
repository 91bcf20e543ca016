"""Every form that accepts files, each submitted as a user would: all its other fields are valid."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import Role
from complaints.acts.forms import ActForm
from complaints.intake.forms import IntakeForm
from complaints.models import Enclosure
from complaints.portal import codes
from complaints.portal.forms import MessageForm, SubmitForm
from employers.forms import NewContractForm
from relations.files.views import FilesForm
from relations.imports.forms import UploadForm
from relations.log.forms import LogForm
from relations.models import Attachment, Import
from relations.parties.term_forms import ScanForm
from tests.attack.answers import asking
from tests.attack.filling import cut, filled, forms_of
from tests.attack.resolver import by_name
from tests.attack.world import OWN
from tests.relations import samples

SITE = by_name()
OURS = {"accounts", "reminders", "relations", "employers", "complaints", "lezhi"}
TEXT = "附上文件"
REGISTER = Path(__file__).parents[1] / "samples" / "employers.xlsx"


@dataclass(frozen=True)
class Way:
    """The form that reads the files, its field, the kind of record in the URL (`of`), and an accepted file."""

    form: type
    field: str = "files"
    of: str | None = None
    good: tuple = ("说明.pdf", samples.PDF)  # name and content


WAYS = {
    "interactions:add_files": Way(FilesForm, of="interaction"),
    "quick_log_for": Way(LogForm, of="employer"),
    "employers:contract_scans": Way(ScanForm, "scans", of="employer"),
    "employers:contract_add": Way(NewContractForm, "scans", of="employer"),
    "employer_imports:start": Way(UploadForm, "file", good=("登记表.xlsx", REGISTER.read_bytes())),
    "complaints:new": Way(IntakeForm),
    "complaints:act": Way(ActForm, of="complaint"),
    "portal:form": Way(SubmitForm),
    "portal:case": Way(MessageForm),
}
TYPED = {
    "kind": "complaint",
    "person_class": "family",
    "subject": "conduct",
    "title": "探访没有按约定时间来",
    "statement": "说好每周六上午来。",
}


FIXED = {
    "quick_log_for": {"starter": "", "token": str(uuid4())},
    "employers:contract_add": {"number": "附-2026-1", "starts_on": "2026-12-01", "ends_on": "2027-11-30"},
    "complaints:new": TYPED
    | {
        "channel": "phone",
        "find": "",
        "is_anonymous": "on",
        "name": "",
        "contact": "",
        "accused": "",
        "not_told": "",
        "not_told_words": "",
    },
}


def send(world, name, *given):
    """Submits the files `given`, (name, content) each, to one form as a user who may use it; returns the response."""
    return SENDERS.get(name, send_as_director)(world, name, [SimpleUploadedFile(*each) for each in given])


def send_as_director(world, name, files):
    """Submits the files with the form that the page shows to the director; returns the response."""
    world.belongs_to(world.people[Role.DIRECTOR])
    client, way = asking(world.sessions[Role.DIRECTOR]), WAYS[name]
    url = SITE[name].url(world.values(way.of, OWN) | {"name": "file"})
    data = {}
    for form in forms_of(client.get(url).context):
        if any(isinstance(field, forms.FileField) for field in form.fields.values()):
            data |= cut(form, filled(form, TEXT))
    return client.post(url, data | FIXED.get(name, {}) | {way.field: files})


def send_form(world, name, files):
    """Submits the files with a new complaint on the public portal; returns the response."""
    world.belongs_to(world.people[Role.DIRECTOR])
    return asking().post(SITE[name].url({}), TYPED | {"token": codes.new_token(), "files": files})


def send_message(world, name, files):
    """Submits the files with a message, after entering the receipt code of a complaint; returns the response."""
    world.belongs_to(world.people[Role.DIRECTOR])
    client = asking()
    seed = codes.seed_of(codes.new_token())
    case = world.families[OWN].rows["complaint"]
    type(case).objects.filter(pk=case.pk).update(code_hash=codes.code_hash(codes.code_of(seed)))
    client.post(SITE["portal:follow"].url({}), {"code": codes.code_of(seed)})
    return client.post(SITE[name].url({}), {"text": TEXT, "files": files})


SENDERS = {"portal:form": send_form, "portal:case": send_message}


def stored_uploads():
    """Returns (numbers of rows, paths on disk) of all stored uploads."""
    rows = tuple(model.objects.count() for model in (Attachment, Enclosure, Import))
    return rows, {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def forms_with_files():
    """Returns the form classes of the site that read files, without those that another one extends."""
    found, waiting = set(), [forms.BaseForm]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.partition(".")[0] in OURS and reads_files(kind):
            found.add(kind)
    return {
        kind for kind in found if not any(other is not kind and issubclass(other, kind) for other in found)
    }


def reads_files(kind):
    """Returns whether the form has a field for files."""
    fields = getattr(kind, "base_fields", {})
    return any(isinstance(field, forms.FileField) for field in fields.values())
