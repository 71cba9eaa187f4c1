"""The stacks of all clouds and tiers, built on the stand-in engine as their stack files say."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache

import pytest

from infra import checkout, platforms
from infra.settings import load
from infra.stack import Deployment
from infra.tiers import TIERS
from tests.components.aws.mock_cloud import Function, Registered, Run, run
from tests.policies import assembly
from tests.policies.case import KEY

STACK = "a-very-long-name-of-a-stack-of-some-department"
_KEYS = {"llm": {"providers": {name: {"api_key": KEY} for name in ("anthropic", "openai")}}}

every_stack = pytest.mark.parametrize(
    ("cloud", "tier"),
    [
        (cloud, tier)
        for cloud in platforms.CLOUDS
        for tier in TIERS
        if checkout.file(checkout.name_on(tier, cloud)).is_file()
    ],
)


@cache
def built(cloud: str, tier: str) -> Run[Deployment]:
    """A tier on a cloud, with keys of its models' providers, as a stack with a long name."""
    tables = importlib.import_module(f"tests.components.{cloud}.deployment")
    functions: Mapping[str, Function] = getattr(tables, "FUNCTIONS", {})
    settings = load(
        assembly.stack_file(tier, _KEYS, cloud),
        secret_keys=("llm",),
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )
    platform = platforms.platform(cloud)
    return run(lambda: Deployment(STACK, settings, platform), functions=functions)


def custom(found: Run[Deployment]) -> list[Registered]:
    """What a provider makes."""
    return [
        one for one in found.resources if not one.type.startswith(("letta:", "pulumi:providers:"))
    ]
