"""All rules, in the order in which they are documented."""

from __future__ import annotations

from collections.abc import Mapping

from policies.rules import (
    application,
    autoscaling,
    availability,
    cluster,
    cost,
    data,
    firewall,
    models,
    pods,
    security,
    sizing,
)
from policies.rules.rule import Rule

GROUPS: Mapping[str, tuple[Rule, ...]] = {
    "Sizing": sizing.RULES,
    "Autoscaling": autoscaling.RULES,
    "Availability": availability.RULES,
    "What Letta needs": application.RULES,
    "Data at rest": data.RULES,
    "Security": security.RULES,
    "Web application firewall": firewall.RULES,
    "Pods": pods.RULES,
    "Cluster": cluster.RULES,
    "Models of one's own": models.RULES,
    "Cost": cost.RULES,
}

RULES: tuple[Rule, ...] = tuple(rule for group in GROUPS.values() for rule in group)
