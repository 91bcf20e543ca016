"""The guide pages: purpose, channels and skills, each point with its clause (R1, R4, R53, R57, R89-R100)."""

import pytest
from django.urls import reverse

from relations.guide import points as guide
from relations.models import Stage
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def text_of(client):
    """A function that returns the text of the page at a URL."""
    client.force_login(UserFactory())
    return lambda address: client.get(address).content.decode()


def test_guide_without_the_log_in_asks_for_it(client):
    assert client.get(reverse("about")).status_code == 302


def test_unknown_topic_is_not_there(client):
    client.force_login(UserFactory())

    assert client.get(reverse("relations:guide", args=["nothing"])).status_code == 404


def test_about_tells_the_purpose_the_goals_and_the_channels(text_of):
    """R1, R4, R89."""
    text = text_of(reverse("about"))

    for topic in (guide.PURPOSE, guide.GOALS, guide.CHANNELS):
        assert all(str(point.title) in text for point in topic.points)
    assert [len(topic.points) for topic in (guide.PURPOSE, guide.GOALS, guide.CHANNELS)] == [4, 5, 4]


@pytest.mark.parametrize("topic", guide.TOPICS, ids=lambda topic: topic.slug)
def test_topic_shows_every_point_with_its_clause(topic, text_of):
    text = text_of(reverse("relations:guide", args=[topic.slug]))

    assert all(str(point.title) in text and point.clause in text for point in topic.points)


def test_every_stage_that_is_written_has_advice():
    assert set(guide.STAGE_HELP) == set(Stage) - {Stage.EXECUTION}
    assert all(point.clause for points in guide.STAGE_HELP.values() for point in points)
