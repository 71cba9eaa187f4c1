"""The flat program registers what the assembly does, without the assembly."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from bench.flat import lines
from bench.recording import Recorded, Recorder
from components.aws.platform import PLATFORM
from infra import platforms
from infra.settings import load
from infra.stack import Deployment
from infra.tiers import TIERS
from tests.components.aws.mock_cloud import Registered, Run, run
from tests.policies.assembly import stack_file


def recorded(tier: str) -> Run[pulumi.Output[list[Recorded]]]:
    settings = load(stack_file(tier, {}), clouds=platforms.CLOUDS, catalog=platforms.catalog)

    def program() -> pulumi.Output[list[Recorded]]:
        recorder = Recorder()
        Deployment("test", settings, PLATFORM)
        return recorder.recording()

    return run(program)


def label(resource: Registered) -> str:
    return f"{resource.type.rpartition(':')[2]} {resource.name}"


def waits(resources: tuple[Registered, ...]) -> dict[str, list[str]]:
    """URN -> URNs of what a resource depends on and of its provider, as a state has them."""
    urns = {label(each): each.urn for each in resources}
    providers = {
        each.type.removeprefix("pulumi:providers:"): each.urn
        for each in resources
        if each.type.startswith("pulumi:providers:")
    }
    found = {}
    for each in resources:
        provider = providers.get(each.type.partition(":")[0])
        found[each.urn] = [urns[one] for one in each.depends_on if one in urns]
        found[each.urn] += [provider] if provider else []
    return found


def custom(resources: tuple[Registered, ...]) -> dict[tuple[str, str], dict[str, Any]]:
    """What the engine is told of each resource that is no component."""
    return {
        (each.type, each.name): {
            "inputs": each.inputs,
            "secrets": each.secrets,
            "protect": each.protect,
            "ignore_changes": each.ignore_changes,
            "depends_on": each.depends_on,
        }
        for each in resources
        if not each.type.startswith("letta:")
    }


@pytest.fixture(scope="module", params=sorted(TIERS))
def pair(request: pytest.FixtureRequest) -> tuple[Run[Any], Run[None]]:
    """A tier by its assembly, and by its flat program."""
    assembled = recorded(request.param)
    source = "\n".join(lines(assembled.value(assembled.result), waits(assembled.resources)))
    return assembled, run(lambda: exec(source, {}))


def test_every_resource_is_there_with_the_same_inputs_secrets_and_order(
    pair: tuple[Run[Any], Run[None]],
) -> None:
    assembled, flat = pair
    ours, theirs = custom(assembled.resources), custom(flat.resources)
    assert ours.keys() == theirs.keys()
    differing = [key for key in ours if ours[key] != theirs[key]]
    assert not differing, [(ours[key], theirs[key]) for key in differing[:1]]


def test_it_has_secrets_and_an_order(pair: tuple[Run[Any], Run[None]]) -> None:
    _, flat = pair
    assert any(each.secrets for each in flat.resources)
    assert any(each.depends_on for each in flat.resources)


def test_it_has_no_components(pair: tuple[Run[Any], Run[None]]) -> None:
    _, flat = pair
    assert not [each for each in flat.resources if each.type.startswith("letta:")]
    assert not {each.parent for each in flat.resources} & {each.name for each in flat.resources}
