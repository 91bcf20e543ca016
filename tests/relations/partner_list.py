"""The smallest declaration with which a kind has a list: partners, a kind without an app of its own."""

from django.urls import include, path

from lezhi import urls
from relations.lists.spec import ListSpec
from relations.lists.urls import list_urls
from relations.models import Kind, Stakeholder, Term
from relations.parties.kinds import KindSpec, TermSpec


class PartnerList(ListSpec):
    """The list of partners."""

    kind = Kind.PARTNER
    page = "partners"

    def visible_to(self, user):
        return Stakeholder.objects.visible_to(user).of_kind(Kind.PARTNER)


PARTNER = KindSpec(
    kind=Kind.PARTNER,
    unit="个",
    prefix="HZ",
    url_namespace="partners",
    model=Stakeholder,
    list=PartnerList(),
    terms=TermSpec(Term, "协议", "协议", form=None, new_form=None),
)
urlpatterns = [path("partners/", include((list_urls(PARTNER.list), "partners"))), *urls.urlpatterns]
handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500
