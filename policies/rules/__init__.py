"""All rules, in the order in which they are documented."""

from __future__ import annotations

from policies.rules import application, autoscaling, availability, data, security, sizing
from policies.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *sizing.RULES,
    *autoscaling.RULES,
    *availability.RULES,
    *application.RULES,
    *data.RULES,
    *security.RULES,
)
