"""Web application firewalls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.aws import types
from policies.facts.graph import Graph
from policies.facts.model import Firewall
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

BODY_RULES: Mapping[str, tuple[str, ...]] = {
    "AWSManagedRulesCommonRuleSet": (
        "SizeRestrictions_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "CrossSiteScripting_BODY",
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": (
        "JavaDeserializationRCE_BODY",
        "Log4JRCE_BODY",
        "ReactJSRCE_BODY",
    ),
    "AWSManagedRulesSQLiRuleSet": ("SQLi_BODY", "SQLiExtendedPatterns_BODY"),
    "AWSManagedRulesUnixRuleSet": ("UNIXShellCommandsVariables_BODY",),
    "AWSManagedRulesWindowsRuleSet": (
        "WindowsShellCommands_BODY",
        "PowerShellCommands_BODY",
    ),
    "AWSManagedRulesPHPRuleSet": ("PHPHighRiskMethodsVariables_BODY",),
}
"""Managed group -> its rules about the body of a request (WAF developer guide, "AWS Managed Rules
rule groups list")."""

_WINDOW_SECONDS = 300
"""Of a rate limit that states none, and that all limits are given for."""


def before(graph: Graph, balancer: Resource) -> tuple[Firewall, ...]:
    """The firewalls that a load balancer is put behind."""
    return tuple(
        _firewall(graph, acl)
        for association in graph.referring(balancer, "resourceArn", types.WEB_ACL_ASSOCIATION)
        for acl in graph.referred(association, "webAclArn", types.WEB_ACL)
    )


def _firewall(graph: Graph, acl: Resource) -> Firewall:
    rules = acl.root.nodes("rules")
    return Firewall(
        name=acl.name,
        urn=acl.urn,
        managed=derived(
            lambda each: tuple(_group(rule) for rule in each if _group(rule) and _acts(rule)),
            rules,
        ),
        body_rules=derived(
            lambda each: tuple(name for rule in each for name in _refusing(rule)), rules
        ),
        rate_limit=derived(
            lambda each: min((limit for rule in each for limit in _limits(rule)), default=0), rules
        ),
        logged=bool(graph.referring(acl, "resourceArn", types.WEB_ACL_LOGGING)),
    )


def _group(rule: Node) -> str:
    return rule.text("statement.managedRuleGroupStatement.name")


def _acts(rule: Node) -> bool:
    """Whether the group does what its rules say, and does not only count."""
    return "none" in rule.mapping("overrideAction")


def _refusing(rule: Node) -> Iterator[str]:
    """Rules of a managed group that are about bodies and are not only counted."""
    group = _group(rule)
    if "count" in rule.mapping("overrideAction"):
        return
    overrides = rule.nodes("statement.managedRuleGroupStatement.ruleActionOverrides")
    counted = {override.text("name") for override in overrides if _counts(override)}
    for name in BODY_RULES.get(group, ()):
        if name not in counted:
            yield name


def _counts(override: Node) -> bool:
    return "count" in override.mapping("actionToUse")


def _limits(rule: Node) -> Iterator[int]:
    """Requests of one address that the rule lets pass in five minutes."""
    statement = rule.node("statement.rateBasedStatement")
    if statement.given("limit") and "block" in rule.mapping("action"):
        window = statement.integer("evaluationWindowSec", _WINDOW_SECONDS)
        yield statement.integer("limit") * _WINDOW_SECONDS // window
