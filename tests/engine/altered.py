"""The program of this repository, with some of its resources altered on their way to the engine.

Run by the engine as a program of its own: what the mutants of `tests/policies` do to the
resources of a stack is done here to what the program registers, before the engine sees it.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from google.protobuf import json_format
from pulumi.runtime import settings
from pulumi_policy import proxy

from policies.facts.resource import UNDETERMINED, Resource
from policies.rules import RULES, cluster, firewall, models, pods
from tests.policies.changes import Edit, Put
from tests.policies.clouds.aws import MUTANTS
from tests.policies.judging import STACKS
from tests.policies.mutants import Mutant

ON_CLUSTERS = {rule.name for rule in (*pods.RULES, *cluster.RULES, *models.RULES, *firewall.RULES)}
"""Rules about what only a large stack has."""
ELSEWHERE = {
    # Advice stops nothing.
    *(rule.name for rule in RULES if rule.advisory),
    # What it reads is whether something is there.
    "waf-logged",
    # Without managed rules a firewall has none that could refuse a prompt; a stack file can break
    # it.
    "waf-present",
}
"""Rules that are not broken here."""
_STACKS = ("large", "vllm")


def batches() -> dict[str, tuple[Mutant, ...]]:
    """Name of a batch -> what is altered at once: bad values, or values that nobody knows."""
    bad = {stack: tuple(_alterable(stack)) for stack in _STACKS}
    return {
        **{f"{stack}, bad": mutants for stack, mutants in bad.items()},
        **{
            f"{stack}, unknown": tuple(mutant.unknown() for mutant in mutants)
            for stack, mutants in bad.items()
        },
    }


def _alterable(stack: str) -> Iterator[Mutant]:
    """The first mutant of each mandatory rule on a stack that alters resources and no more."""
    rules: set[str] = set()
    for mutant in MUTANTS:
        alters = all(isinstance(change, Put | Edit) for change in mutant.changes)
        wanted = mutant.rule in ON_CLUSTERS - ELSEWHERE - rules
        if mutant.tier == stack and alters and wanted:
            rules.add(mutant.rule)
            yield mutant


def overrides(batch: str) -> dict[str, Any]:
    """What the stack file is made to say for a batch."""
    return dict(STACKS[batch.partition(",")[0]][1])


def main(batch: str) -> None:
    """Deploy the stack as `infra` does, with the alterations of a batch."""
    changes = list(_outermost(batches()[batch]))
    monitor = settings.get_monitor()
    assert monitor is not None
    monitor.RegisterResource = _altering(monitor.RegisterResource, changes)
    runpy.run_module("infra", run_name="__main__")


def _outermost(mutants: Iterable[Mutant]) -> Iterator[Put | Edit]:
    """All changes, but for those within what another makes unknown as a whole."""
    changes = [change for mutant in mutants for change in mutant.changes]
    whole = [
        (change.where, f"{change.path}.")
        for change in changes
        if isinstance(change, Put) and change.value is UNDETERMINED
    ]
    for change in changes:
        assert isinstance(change, Put | Edit)
        if not any(change.where == w and change.path.startswith(path) for w, path in whole):
            yield change


def _altering(send: Callable[..., Any], changes: Iterable[Any]) -> Callable[..., Any]:
    def register(request: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        mine = [change for change in changes if change.where.holds(_resource(request))]
        if mine:
            resources = (_resource(request),)
            for change in mine:
                resources = change(resources)
            request.object.Clear()
            json_format.ParseDict(_sent(dict(resources[0].properties)), request.object)
        return send(request, *arguments, **options)

    return register


def _resource(request: Any) -> Resource:  # noqa: ANN401
    return Resource(
        type=request.type,
        name=request.name,
        urn="",
        properties=json_format.MessageToDict(request.object),
    )


def _sent(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    """A property in the words of the engine."""
    if value is UNDETERMINED:
        return proxy.UNKNOWN_STRING_VALUE
    if isinstance(value, dict):
        return {key: _sent(item) for key, item in value.items() if item is not None}
    return [_sent(item) for item in value] if isinstance(value, list) else value
