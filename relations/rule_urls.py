"""URL patterns of the rules, below rules/."""

from django.urls import path

from relations.rules.views import ChangeRuleView, EndRuleView, NumberView, RulesView, RuleView

urlpatterns = [
    path("", RulesView.as_view(), name="rules"),
    path("contact/<slug:code>/", RuleView.as_view(), name="rule"),
    path("contact/<slug:code>/change/", ChangeRuleView.as_view(), name="rule_change"),
    path("contact/<slug:code>/end/", EndRuleView.as_view(), name="rule_end"),
    path("numbers/<slug:key>/", NumberView.as_view(), name="number"),
]
