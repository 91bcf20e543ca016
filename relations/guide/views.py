"""Guide pages: purpose, channels and skills (R1, R53, R57, R89-R100)."""

from django.http import Http404
from django.views.generic import TemplateView

from accounts.access import PermissionRequired
from relations.guide import points as guide


class AboutView(PermissionRequired, TemplateView):
    """The purpose of the system (R1), the five goals (R4) and the four channels."""

    template_name = "relations/guide_about.html"

    def get_context_data(self, **kwargs):
        topics = [guide.PURPOSE, guide.GOALS, guide.CHANNELS]
        return super().get_context_data(**kwargs, topics=topics, more=guide.TOPICS)


class GuideView(PermissionRequired, TemplateView):
    """The page of one topic."""

    template_name = "relations/guide_topic.html"

    def get_context_data(self, **kwargs):
        topic = guide.TOPICS_BY_SLUG.get(kwargs["slug"])
        if topic is None:
            raise Http404
        return super().get_context_data(topic=topic, topics=guide.TOPICS)
