"""Policies of the web application firewall."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

RULE_SETS = {
    "OWASP": ("3.2",),
    "Microsoft_DefaultRuleSet": ("2.1", "2.2"),
    "Microsoft_BotManagerRuleSet": ("1.0", "1.1"),
    "Microsoft_HTTPDDoSRuleSet": ("1.0",),
}
"""Kinds and versions that new policies may have (Azure Web Application Firewall documentation, "DRS
and CRS rule groups and rules")."""
_RATE = "RateLimitRule"


def rule_sets(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Sets of rules exist, and one of them is a base."""
    given = properties.get("managedRules.managedRuleSets") or []
    kinds = [one["ruleSetType"] for one in given]
    for one in given:
        known = RULE_SETS.get(one["ruleSetType"], ())
        if one["ruleSetVersion"] not in known:
            yield Problem(
                "managedRules",
                f"{one['ruleSetType']} {one['ruleSetVersion']} is not known here; known: "
                f"{', '.join(_known())}",
            )
    bases = [kind for kind in kinds if kind in ("OWASP", "Microsoft_DefaultRuleSet")]
    if len(bases) != 1:
        yield Problem(
            "managedRules",
            "ApplicationGatewayFirewallManagedRuleSetMissing: give exactly one of OWASP and "
            "Microsoft_DefaultRuleSet",
        )


def _known() -> Iterator[str]:
    return (f"{kind} {version}" for kind, versions in RULE_SETS.items() for version in versions)


def own_rules(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Rules of one's own have priorities of their own; those that limit rates say how."""
    given = properties["customRules"] or []
    for key in ("priority", "name"):
        seen = [rule.get(key) for rule in given]
        for twice in sorted({one for one in seen if seen.count(one) > 1}, key=str):
            yield Problem("customRules", f"two rules have the {key} {twice}")
    for rule in given:
        rate = rule["ruleType"] == _RATE
        fields = ("rateLimitThreshold", "rateLimitDuration", "groupByUserSession")
        stated = [name for name in fields if rule.get(name)]
        if rate != (len(stated) == len(fields)) or (not rate and stated):
            yield Problem(
                "customRules", f"{', '.join(fields)} go with {_RATE}, which needs all of them"
            )
        if not rule["matchConditions"]:
            yield Problem("customRules", f"rule {rule.get('name')} matches nothing")
