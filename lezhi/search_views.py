"""全站搜索: one field for names, pinyin, initials and telephone numbers."""

from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from accounts.roles import Permission
from lezhi.site_search import COMPLAINT, complaints, search
from relations.models import Kind
from relations.parties import record_urls

SHOWN, SHOWN_OF_ONE_KIND = 20, 100
TOGETHER = ((Kind.EMPLOYER,), (Kind.CLIENT,), (Kind.PARTNER, Kind.STAFF))
LONGEST = 200


class Search(PermissionRequired, TemplateView):
    """Everything within one's sight that `q` may mean; `kind` shows one kind only, and more of it."""

    permission = Permission.VIEW

    def get_template_names(self):
        return ["lezhi/_found.html"] if self.request.htmx else ["lezhi/search.html"]

    def get_context_data(self, **kwargs):
        query, kind = self.request.GET.get("q", "").strip()[:LONGEST], self.request.GET.get("kind", "")
        kinds = [(Kind(kind),)] if kind in Kind.values else TOGETHER
        is_one_kind = kind in Kind.values or kind == COMPLAINT
        most = SHOWN_OF_ONE_KIND if is_one_kind else SHOWN
        groups = search(self.request.user, query, kinds, most) if query and kind != COMPLAINT else []
        if query and kind not in Kind.values:
            groups += complaints(self.request.user, query, most)
        for group in groups:
            group.href = more_of(group.kind, query) if group.more else ""
        return super().get_context_data(
            q=query, search_words=query, groups=groups, is_one_kind=is_one_kind, **kwargs
        )


def more_of(kind, query):
    """The list of this kind narrowed by the query, or this page with that kind alone."""
    if kind == COMPLAINT:
        return f"{reverse('complaints:list')}?{urlencode({'q': query, 'show': 'all'})}"
    if found := record_urls.list_of(kind):
        return f"{found}?{urlencode({'q': query})}"
    return f"{reverse('search')}?{urlencode({'q': query, 'kind': kind})}"
