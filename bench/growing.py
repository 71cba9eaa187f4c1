"""The program of this repository with many deployments in one stack: a program of its own."""

from __future__ import annotations

import runpy
from dataclasses import replace
from typing import Any

from components.roles import Platform
from infra import stack
from infra.settings import Settings


def main(count: int) -> None:
    """Deploy the stack as `infra` does, `count` times."""
    deployment = stack.Deployment

    def many(name: str, settings: Settings, platform: Platform[Any, Any]) -> stack.Deployment:
        for number in range(1, count):
            domain = f"letta-{number}.{settings.ingress.hosted_zone}"
            ingress = settings.ingress.model_copy(update={"domain": domain})
            deployment(f"{name}-{number}", replace(settings, ingress=ingress), platform)
        return deployment(name, settings, platform)

    vars(stack)["Deployment"] = many
    runpy.run_module("infra", run_name="__main__")
