"""Apps of Container Apps, as those who call them see them.

Where a definition leaves something out, what Azure documents for it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.live import probes
from sandbox.live.spec import Health, LiveError, Objects

APP = "azure-native:app:ContainerApp"
ENVIRONMENT = "azure-native:app:ManagedEnvironment"

IDLE_SECONDS = 240.0
"""Silence that an environment's ingress bears by itself (Container Apps documentation, "Ingress",
"HTTP")."""
_DEFAULTS: Mapping[str, Mapping[str, int]] = {
    "Startup": {
        "timeoutSeconds": 3,
        "periodSeconds": 1,
        "initialDelaySeconds": 1,
        "failureThreshold": 240,
    },
    "Readiness": {
        "timeoutSeconds": 5,
        "periodSeconds": 5,
        "initialDelaySeconds": 3,
        "failureThreshold": 48,
    },
    "Liveness": {},
}
"""Probes by connection that the main container of an app with an ingress has where it states none
of the kind (Container Apps documentation, "Health probes", "Default configuration")."""
_Spec = Mapping[str, Any]


def port(app: CloudObject) -> int | None:
    """Where an app takes requests; None for one that takes none."""
    found = app.get("configuration.ingress.targetPort")
    return None if found is None else int(found)


def answering(app: CloudObject) -> _Spec:
    """The container that takes an app's requests: all of a copy share its ports, and the only one
    whose probes ask at the port is meant. Raises LiveError."""
    containers: Sequence[_Spec] = app.get("template.containers")
    asked = [
        each
        for each in containers
        if any(
            question is not None and getattr(question, "port", None) == port(app)
            for probe in each.get("probes") or ()
            if (question := probes.question(probe, None))
        )
    ]
    found = asked or containers
    if len(found) != 1:
        raise LiveError(
            f"{app.label}: no probe says which of {len(containers)} containers takes requests"
        )
    return found[0]


def probe(container: _Spec, kind: str, port: int | None) -> _Spec | None:
    """A container's probe of a kind; `port`: where it takes requests, if it does."""
    for each in container.get("probes") or ():
        if each["type"] == kind:
            found: _Spec = each
            return found
    return None if port is None else {"tcpSocket": {"port": port}, **_DEFAULTS[kind]}


def readiness(app: CloudObject) -> Health | None:
    """How Container Apps asks whether a copy may get requests. Raises LiveError."""
    return probes.health(probe(answering(app), "Readiness", port(app)), port(app))


def environment(objects: Objects, app: CloudObject) -> CloudObject:
    """Where an app runs. Raises LiveError."""
    for item in objects.all(ENVIRONMENT):
        if item.id.lower() == str(app.get("environmentId")).lower():
            return item
    raise LiveError(f"{app.label} runs in {app.get('environmentId')}, which is not there")


def host(objects: Objects, app: CloudObject) -> str:
    """The name by which an app is called. Raises LiveError."""
    return f"{app.get('containerAppName')}.{environment(objects, app).get('defaultDomain')}"


def idle_seconds(environment: CloudObject) -> float:
    """Silence that an environment's ingress bears; it is stated in minutes."""
    minutes = environment.get("ingressConfiguration.requestIdleTimeout")
    return IDLE_SECONDS if minutes is None else float(minutes) * 60
