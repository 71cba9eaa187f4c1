"""The web application firewall before the load balancer (requirement N5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from components.args import WafArgs
from policies.facts.model import Deployment, Firewall
from policies.rules.rule import Config, Number, Rule, Violation, missing, violation

_REQUESTS = WafArgs.model_fields["requests_per_five_minutes"]


def _firewalls(deployment: Deployment) -> Iterator[Firewall]:
    for balancer in deployment.load_balancers:
        yield from balancer.firewalls


def waf_present(deployment: Deployment, _: Config) -> Iterable[Violation]:
    if deployment.sizes.limits.waf:
        yield from missing(deployment, deployment.load_balancers, "load balancer")
        for balancer in deployment.load_balancers:
            if not len(balancer.firewalls):
                yield violation(
                    balancer,
                    f"has no web application firewall, {deployment.tier} has one",
                    "set letta:ingress.waf",
                )
    for firewall in _firewalls(deployment):
        if not len(firewall.managed):
            yield violation(
                firewall,
                "holds requests to no rules that the cloud keeps up to date",
                "give it the managed groups of rules",
            )


def waf_passes_prompts(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for firewall in _firewalls(deployment):
        if firewall.body_rules:
            yield violation(
                firewall,
                f"refuses requests by {', '.join(firewall.body_rules)}: prompts are long and hold "
                "code, SQL and addresses",
                "let these rules count only",
            )


def waf_rate_limit(deployment: Deployment, config: Config) -> Iterable[Violation]:
    most = int(config["most"])
    for firewall in _firewalls(deployment):
        if not 0 < firewall.rate_limit <= most:
            yield violation(
                firewall,
                f"lets one address send {firewall.rate_limit or 'any number of'} requests in "
                f"five minutes, most is {most}",
                f"set letta:ingress.waf.requests_per_five_minutes to {most} or less",
            )


def waf_logged(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for firewall in _firewalls(deployment):
        if not firewall.logged:
            yield violation(
                firewall,
                "does not write down what it refuses, must: nobody could tell why",
                "give it a logging configuration",
            )


RULES = (
    Rule(
        name="waf-present",
        description="A web application firewall with managed rules stands before the load "
        "balancer where the tier says so.",
        severity="high",
        check=waf_present,
    ),
    Rule(
        name="waf-passes-prompts",
        description="The firewall only counts what it finds in bodies.",
        severity="high",
        check=waf_passes_prompts,
    ),
    Rule(
        name="waf-rate-limit",
        description="The firewall bounds what one address may send.",
        severity="medium",
        check=waf_rate_limit,
        numbers=(
            Number(
                name="most",
                description="Most requests of one address in five minutes (N5).",
                default=10 * _REQUESTS.default,
                minimum=10,
                maximum=2_000_000_000,
            ),
        ),
    ),
    Rule(
        name="waf-logged",
        description="The firewall writes down what it decides.",
        severity="medium",
        check=waf_logged,
    ),
)
