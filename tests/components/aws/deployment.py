"""Whole deployments on the stand-in engine, as a stack file asks for them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from components.aws.platform import PLATFORM
from infra import platforms
from infra.settings import load
from infra.stack import Deployment
from tests.components.aws.mock_cloud import Registered, Run, run

_COMMON = {
    "cloud": "aws",
    "region": "us-east-1",
    "ingress": json.dumps({"domain": "letta.example.com", "hosted_zone": "example.com"}),
}
FARGATE = {"compute": "fargate", "vcpus": 2, "memory_gib": 8}


def deployed(
    tier: str,
    *,
    stack: str = "test",
    preview: bool = False,
    **values: Any,  # noqa: ANN401  (a value of a stack file)
) -> Run[Deployment]:
    """A deployment of `tier`. `values`: keys of the stack file, such as `api={"replicas": 4}`."""
    return _deployed(tier, stack, preview, json.dumps(values))


@cache
def _deployed(tier: str, stack: str, preview: bool, values: str) -> Run[Deployment]:
    given = {key: json.dumps(value) for key, value in json.loads(values).items()}
    settings = load(
        {**_COMMON, "tier": tier, **given},
        secret_keys=("llm",),
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )
    return run(lambda: Deployment(stack, settings, PLATFORM), preview=preview)


def containers(result: Run[Deployment], task: str) -> dict[str, dict[str, Any]]:
    """Containers of a task definition, by name."""
    text = result.one(":TaskDefinition", task).inputs["containerDefinitions"]
    return {each["name"]: each for each in json.loads(text)}


def variables(container: dict[str, Any]) -> dict[str, str]:
    """Plain variables of a container."""
    return {each["name"]: each["value"] for each in container["environment"]}


def references(container: dict[str, Any]) -> dict[str, str]:
    """Variables of a container that are resolved when it starts."""
    return {each["name"]: each["valueFrom"] for each in container["secrets"]}


def below(result: Run[Deployment], parent: str) -> list[Registered]:
    """Resources under a component, by the components' names."""
    names, found = {parent}, []
    for resource in result.resources:
        if resource.parent in names:
            found.append(resource)
            if resource.type.startswith("letta:"):
                names.add(resource.name)
    return found
