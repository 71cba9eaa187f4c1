"""All that a stack runs, whichever of the cloud's runners runs it."""

from __future__ import annotations

from sandbox.live import pod_spec, task_spec
from sandbox.live.spec import Objects, Run, Service


def services(objects: Objects) -> tuple[Service, ...]:
    """What is kept running, in the order of its creation."""
    return (*task_spec.services(objects), *pod_spec.services(objects))


def runs(objects: Objects) -> tuple[Run, ...]:
    """What `pulumi up` had run once, in its order."""
    return (*task_spec.runs(objects), *pod_spec.runs(objects))
