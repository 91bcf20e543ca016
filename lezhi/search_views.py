"""全站搜索: one field for names, pinyin, initials and telephone numbers."""

from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from accounts.roles import Permission
from relations.search.sources import SOURCES

SHOWN, SHOWN_OF_ONE_KIND = 20, 100
MAX_QUERY_LENGTH = 200


class Search(PermissionRequired, TemplateView):
    """Everything within one's sight that `q` may mean; `kind` shows one kind only, and more of it."""

    permission = Permission.VIEW

    def get_template_names(self):
        return ["lezhi/_found.html"] if self.request.htmx else ["lezhi/search.html"]

    def get_context_data(self, **kwargs):
        query, kind = (
            self.request.GET.get("q", "").strip()[:MAX_QUERY_LENGTH],
            self.request.GET.get("kind", ""),
        )
        kind = kind if any(kind in source.kinds() for source in SOURCES.values()) else ""
        groups = found(self.request.user, query, kind) if query else []
        return super().get_context_data(
            q=query, search_words=query, groups=groups, is_one_kind=bool(kind), **kwargs
        )


def found(user, query, kind):
    """The groups of every source, or of the one that has `kind`; with the address of the rest where there is more."""
    most, groups = SHOWN_OF_ONE_KIND if kind else SHOWN, []
    for source in SOURCES.values():
        if kind and kind not in source.kinds():
            continue
        for group in source.search(user, query, kind, most):
            group.href = rest_of(source, group.kind, query) if group.more else ""
            groups.append(group)
    return groups


def rest_of(source, kind, query):
    """The list of this kind narrowed by the query, or this page with that kind alone."""
    return source.page_of_all(kind, query) or f"{reverse('search')}?{urlencode({'q': query, 'kind': kind})}"
