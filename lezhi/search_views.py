"""全站搜索: the site-wide search by name, pinyin, initials or telephone number."""

from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from accounts.roles import Permission
from relations.search.sources import SOURCES
from relations.shares.emergencies import emergency_kinds

MAX_SHOWN, MAX_SHOWN_OF_ONE_KIND = 20, 100
MAX_QUERY_LENGTH = 200


class Search(PermissionRequired, TemplateView):
    """The records visible to the user that match `q`; with `kind`, records of this kind only, and more of them."""

    permission = Permission.VIEW

    def get_template_names(self):
        return ["lezhi/_found.html"] if self.request.htmx else ["lezhi/search.html"]

    def get_context_data(self, **kwargs):
        query, kind = (
            self.request.GET.get("q", "").strip()[:MAX_QUERY_LENGTH],
            self.request.GET.get("kind", ""),
        )
        kind = kind if any(kind in source.kinds() for source in SOURCES.values()) else ""
        groups = search_groups(self.request.user, query, kind) if query else []
        return super().get_context_data(
            q=query,
            search_words=query,
            groups=groups,
            is_one_kind=bool(kind),
            can_open_in_emergency=bool(emergency_kinds(self.request.user)),
            **kwargs,
        )


def search_groups(user, query, kind):
    """The groups of results of every source, or of the source with `kind`; `href` links to the rest, if any."""
    most, groups = MAX_SHOWN_OF_ONE_KIND if kind else MAX_SHOWN, []
    for source in SOURCES.values():
        if kind and kind not in source.kinds():
            continue
        for group in source.search(user, query, kind, most):
            group.href = more_results_url(source, group.kind, query) if group.more else ""
            groups.append(group)
    return groups


def more_results_url(source, kind, query):
    """The URL of the list of this kind filtered by the query, or else of this page with this kind only."""
    return (
        source.all_results_url(kind, query) or f"{reverse('search')}?{urlencode({'q': query, 'kind': kind})}"
    )
