"""Holds a deployment to rules. Knows no engine and no cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from policies.facts.model import Deployment
from policies.facts.unknown import Undecidable
from policies.rules.rule import Config, Rule, Violation
from policies.waivers import Waived, Waivers


def violations(rule: Rule, deployment: Deployment, config: Config) -> Iterator[Violation]:
    """What breaks a rule. A value that cannot be told does, too; a rule that has nothing to look
    at on this cloud is not broken."""
    if rule.name in deployment.inapplicable:
        return
    try:
        yield from rule.check(deployment, {**rule.defaults, **config})
    except Undecidable as problem:
        yield Violation(resource=problem.resource, urn=problem.urn, message=str(problem))


@dataclass
class Run:
    """One look at a deployment: every rule is asked in turn, and what was waived is kept."""

    deployment: Deployment
    waivers: Waivers
    waived: list[Waived] = field(default_factory=list)

    def judge(self, rule: Rule, config: Config) -> Iterator[Violation]:
        """The violations of a rule that no waiver covers."""
        for violation in violations(rule, self.deployment, config):
            waiver = self.waivers.covering(rule.name, violation.resource)
            if waiver is None:
                yield violation
            else:
                self.waived.append(Waived(rule=rule.name, violation=violation, waiver=waiver))
