"""Forms of schools and their agreements."""

from relations.cycle.forms import DayInput
from relations.files.fields import FilesField
from relations.parties.forms import NewRecordForm, RecordForm
from relations.parties.term_forms import ScansFormMixin, TermForm
from tests.schools.models import School, SchoolAgreement


class SchoolForm(RecordForm):
    SECTIONS = (
        ("学校", ("name", "town", "pupils")),
        ("来源", ("source", "source_detail")),
        ("谁负责", ("responsible", "department", "is_confidential")),
    )

    class Meta:
        model = School
        fields = ("name", "town", "pupils", "source", "source_detail", "department", "is_confidential")


class NewSchoolForm(NewRecordForm, SchoolForm):
    SECTIONS = (
        NewRecordForm.KIND_FIRST,
        *SchoolForm.SECTIONS,
        NewRecordForm.FIRST_CONTACT,
        NewRecordForm.FIRST_PERSON,
    )

    class Meta(SchoolForm.Meta):
        fields = (*SchoolForm.Meta.fields, "responsible")


class AgreementForm(TermForm):
    has_end = False
    SECTIONS = (("协议", ("number", "starts_on", "ends_on", "scans")),)

    class Meta:
        model = SchoolAgreement
        fields = ("number", "starts_on", "ends_on")
        widgets = {"starts_on": DayInput, "ends_on": DayInput}


class NewAgreementForm(ScansFormMixin, AgreementForm):
    scans = FilesField(label="协议扫描件")
