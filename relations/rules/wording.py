"""A contact rule as text: 每月至少1次, and the contacts that count."""

from django.utils.translation import gettext as _

from relations.models import Period, RuleStanding, levels_of


def frequency(rule):
    """Returns a text like 每月至少1次, 每年至少2次, 按实际需要."""
    if rule.period == Period.AS_NEEDED:
        return _("按实际需要")
    return _("%(period)s至少%(times)d次") % {"period": rule.get_period_display(), "times": rule.times}


def target_words(rule):
    """Returns a text like 显在用人单位, 潜在用人单位, 用人单位."""
    standing = "" if rule.standing == RuleStanding.ANY else rule.get_standing_display()
    words = {"standing": standing, "kind": rule.get_kind_display()}
    return _("%(standing)s%(kind)s") % words if standing else words["kind"]


def levels(rule):
    """Returns a text like 镇街党委、局长, or 不限."""
    chosen = rule.levels
    return join_words(label for level, label in levels_of(rule.kind) if level in chosen)


def purposes(rule):
    return join_labels(rule.purposes)


def tiers(rule):
    return join_labels(rule.tiers)


def join_labels(choices):
    return join_words(choice.label for choice in choices)


def join_words(words):
    return _("、").join(map(str, words)) or _("不限")


def is_of_tier_table(rule):
    """Whether the rule is a line of 层级安排: it counts the contacts of its own tier only (R80)."""
    return [str(tier) for tier in rule.tiers] == [rule.tier]


def with_display_texts(rule):
    """Adds the texts that pages show to the rule, and returns it."""
    rule.frequency, rule.whom = frequency(rule), target_words(rule)
    rule.level_words, rule.purpose_words, rule.tier_words = levels(rule), purposes(rule), tiers(rule)
    return rule
