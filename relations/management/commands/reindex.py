"""`reindex`: rebuilds the search tokens of all names, after a change of how names are split into tokens."""

from django.core.management.base import BaseCommand

from relations.models import Stakeholder
from relations.search import index as search

AT_ONCE = 500


class Command(BaseCommand):
    help = "Rebuilds the search tokens of all names."

    def handle(self, **options):
        done, last = 0, 0
        while some := list(Stakeholder.objects.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
            search.index(some)
            done, last = done + len(some), some[-1].pk
        self.stdout.write(f"已重建{done}个名称的搜索索引。")
