"""Firewall: Cloud Armor before the load balancer (requirement N5), and who may call at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pulumi
from pulumi_gcp import compute

from components.args import IngressArgs, WafArgs
from components.gcp.firewall_rules import (
    ADDRESSES_PER_RULE,
    CALLERS_PRIORITY,
    DEFAULT_PRIORITY,
    EVERYONE,
    MANAGED_PRIORITY,
    MANAGED_RULES,
    RATE_SECONDS,
    SENSITIVITY,
)

ANY_SOURCE = "*"

_Rule = compute.SecurityPolicyRuleArgs
_Match = compute.SecurityPolicyRuleMatchArgs


def firewall(
    name: str, args: IngressArgs, opts: pulumi.ResourceOptions
) -> compute.SecurityPolicy | None:
    """The policy that the arguments ask for; `None` where everybody may call and nothing is
    inspected."""
    open_to_all = EVERYONE in args.allowed_cidrs
    if args.waf is None and open_to_all:
        return None
    sources = [ANY_SOURCE] if open_to_all else list(args.allowed_cidrs)
    return compute.SecurityPolicy(
        name,
        type="CLOUD_ARMOR",
        rules=[
            *(_managed() if args.waf else ()),
            *_callers(sources, args.waf),
            _Rule(
                priority=DEFAULT_PRIORITY,
                action="allow" if open_to_all else "deny(403)",
                match=_from([ANY_SOURCE]),
                description="Whoever no other rule names",
            ),
        ],
        # Otherwise JSON is searched as one text, and what users write is taken for an attack.
        advanced_options_config=compute.SecurityPolicyAdvancedOptionsConfigArgs(
            json_parsing="STANDARD", log_level="NORMAL"
        ),
        opts=opts,
    )


def _managed() -> Iterator[_Rule]:
    for number, rule in enumerate(MANAGED_RULES):
        expression = f"evaluatePreconfiguredWaf('{rule}', {{'sensitivity': {SENSITIVITY}}})"
        yield _Rule(
            priority=MANAGED_PRIORITY + number,
            action="deny(403)",
            match=_Match(expr=compute.SecurityPolicyRuleMatchExprArgs(expression=expression)),
            description=rule,
        )


def _callers(sources: Sequence[str], waf: WafArgs | None) -> Iterator[_Rule]:
    """Who may call, and how often: a rule that admits is the last one that is asked."""
    for start in range(0, len(sources), ADDRESSES_PER_RULE):
        yield _Rule(
            priority=CALLERS_PRIORITY + start,
            action="throttle" if waf else "allow",
            match=_from(sources[start : start + ADDRESSES_PER_RULE]),
            rate_limit_options=_rate(waf) if waf else None,
            description="Callers",
        )


def _rate(waf: WafArgs) -> compute.SecurityPolicyRuleRateLimitOptionsArgs:
    return compute.SecurityPolicyRuleRateLimitOptionsArgs(
        conform_action="allow",
        exceed_action="deny(429)",
        enforce_on_key="IP",
        rate_limit_threshold=compute.SecurityPolicyRuleRateLimitOptionsRateLimitThresholdArgs(
            count=waf.requests_per_five_minutes, interval_sec=RATE_SECONDS
        ),
    )


def _from(ranges: Sequence[str]) -> _Match:
    return _Match(
        versioned_expr="SRC_IPS_V1",
        config=compute.SecurityPolicyRuleMatchConfigArgs(src_ip_ranges=list(ranges)),
    )
