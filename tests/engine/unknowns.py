"""The program of this repository with one property after another that nobody knows yet.

Run by the engine as a program of its own (`test_unknowns.py`): a transformation replaces the
properties that rules read, and on which the mutants of `tests/policies` are built, by the output
of a resource that does not exist.
"""

from __future__ import annotations

import re
import runpy
from typing import Any

import pulumi
import pulumi_random

from policies.rules import RULES
from tests.policies.changes import Put
from tests.policies.mutants import Mutant
from tests.policies.test_rules import UNKNOWNS

_MEDIUM = tuple(mutant for mutant in UNKNOWNS if mutant.tier == "medium")
_ADVISORY = {rule.name for rule in RULES if rule.advisory}
_SOURCE = "replicateSourceDb"


def batches() -> dict[str, set[str]]:
    """Batch of properties -> mandatory rules that must refuse when these are unknown.

    A replica whose source is unknown is none to the rules on replicas: a batch of its own.
    """
    rules: dict[str, set[str]] = {"most": set(), _SOURCE: set()}
    for mutant in _MEDIUM:
        rules[_batch(_put(mutant))].add(mutant.rule)
    return {batch: named - _ADVISORY for batch, named in rules.items()}


def _put(mutant: Mutant) -> Put:
    (put,) = mutant.changes
    assert isinstance(put, Put)
    return put


def _batch(put: Put) -> str:
    return _SOURCE if put.path == _SOURCE else "most"


INSTEAD_OF = {"cidr_ipv4": "referenced_security_group_id"}
"""Properties that exclude another one."""
COVERED = {mutant.rule for mutant in UNKNOWNS if mutant.tier == "medium"}
ADVISORY = {rule.name for rule in RULES if rule.advisory}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _values(properties: Any) -> dict[str, Any]:  # noqa: ANN401  (what the SDK hands over)
    return properties if isinstance(properties, dict) else vars(properties)


def main(batch: str) -> None:
    """Deploy the stack as `infra` does, with the unknowns of a batch in it."""
    puts = [put for mutant in _MEDIUM if _batch(put := _put(mutant)) == batch]
    nobody_knows = pulumi_random.RandomId("unknown", byte_length=4).hex

    def hide(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        values = _values(args.props)
        hidden = False
        for put in puts:
            name = _snake(put.path.split(".")[0])
            meant = args.type_.endswith(f":{put.where.type}") and args.name.endswith(put.where.end)
            if meant and name in INSTEAD_OF:
                values[INSTEAD_OF[name]] = None
                values[name] = nobody_knows
                hidden = True
            # What the program leaves out stays out: beside what it says, it could be a conflict.
            elif meant and values.get(name) is not None:
                values[name] = nobody_knows
                hidden = True
        if not hidden:
            return None
        return pulumi.ResourceTransformationResult(props=args.props, opts=args.opts)

    pulumi.runtime.register_stack_transformation(hide)
    runpy.run_module("infra", run_name="__main__")
